import HubDialects
import HubJSON
import HubModel

/// Units related to the budget: a code is for life, and one that was closed names what came after it.
enum BudgetUnitServices {
    static let all = [GatewayService("POST", GatewayPath.budgetUnit, Self.lookUp)]

    @Sendable private static func lookUp(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard let code = call.text("/maDonViNganSach"), let unit = call.registry.budgetUnit(code) else {
            return .json(["timThay": false], isFound: false)
        }
        return .json(
            .members([
                "timThay": true, "ma": .string(code), "ten": .string(unit.name),
                "loai": "don-vi-su-dung-ngan-sach",
                "capNganSach": .string(unit.level), "coQuanChuQuan": .string(unit.agency),
                "ngayCap": .string(unit.since),
                "trangThai": unit.successor == nil ? "hoat-dong" : "da-dong",
                "ngayDong": unit.successor == nil ? nil : "2025-07-01", "maThayThe": .text(unit.successor),
            ]))
    }
}

extension NationalRegistry {
    struct BudgetUnit {
        let name: String
        let level: String
        let agency: String
        let since: String
        /// `nil` for one that is active.
        let successor: String?
    }

    /// - Returns: `nil` for a code that no unit has: those begin with 1, 2 or 3.
    func budgetUnit(_ code: String) -> BudgetUnit? {
        guard Self.isNumber(code, lengths: [7]), let first = code.first, "123".contains(first) else {
            return nil
        }
        var draw = self.draw("budget unit", code)
        let kind = draw.choose(["Trường Tiểu học", "Trạm Y tế", "Ủy ban nhân dân xã", "Trung tâm Văn hóa"])
        let level = draw.choose(["trung-uong", "tinh", "xa"])
        return BudgetUnit(
            name: "\(kind) Mẫu \(1 + draw.next(300))", level: level,
            agency: level == "tinh" ? "H44.11" : "H44.101",
            since: "\(2010 + draw.next(14))-0\(1 + draw.next(9))-01", successor: self.successor(of: code)
        )
    }

    /// One unit in ten was merged into the next that was not.
    private func successor(of code: String) -> String? {
        guard self.isMerged(code) else { return nil }
        var number = Int(code) ?? 0
        repeat {
            number += 1
        } while self.isMerged(String(number)) || !Self.isNumber(String(number), lengths: [7])
        return String(number)
    }

    private func isMerged(_ code: String) -> Bool {
        var draw = self.draw("merger", code)
        return draw.next(10) == 0
    }
}
