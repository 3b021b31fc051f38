import HubJSON
import HubXML

/// Invented citizens and enterprises.
///
/// They are computed, not stored: a number always gives the same one, for the same seed. Citizens have numbers of
/// twelve digits (or the nine of an old card), enterprises of ten; a number that ends in 999 belongs to nobody.
struct NationalRegistry: Sendable {
    let seed: UInt64

    struct Citizen: Hashable, Sendable {
        let number: String
        let family: String
        let middle: String
        let given: String
        let isFemale: Bool
        let year: Int
        let month: Int
        let day: Int
        let ward: Int
    }

    struct Enterprise: Hashable, Sendable {
        let number: String
        let name: String
        let shortName: String
        let representative: String
        let founded: String
        let capital: Int
        let street: Int
    }

    /// - Returns: `nil` for a number that nobody has.
    func citizen(_ number: String) -> Citizen? {
        guard Self.isNumber(number, lengths: [9, 12]) else { return nil }
        var draw = self.draw("citizen", number)
        let isFemale = draw.next(2) == 1
        return Citizen(
            number: number, family: draw.choose(Self.families),
            middle: isFemale ? draw.choose(["THỊ", "NGỌC", "THU"]) : draw.choose(["VĂN", "ĐỨC", "QUANG"]),
            given: draw.choose(Self.givenNames), isFemale: isFemale, year: 1950 + draw.next(55),
            month: 1 + draw.next(12), day: 1 + draw.next(28), ward: 1 + draw.next(300)
        )
    }

    /// - Returns: `nil` for a number that no enterprise has.
    func enterprise(_ number: String) -> Enterprise? {
        guard Self.isNumber(number, lengths: [10]) else { return nil }
        var draw = self.draw("enterprise", number)
        let trade = draw.choose(["Thương mại", "Xây dựng", "Chế biến Chè", "Vận tải", "Dịch vụ Nông nghiệp"])
        let word = draw.choose(["Mẫu", "Thử Nghiệm", "Ví Dụ", "Giả Định", "Minh Họa"])
        return Enterprise(
            number: number, name: "Công ty TNHH \(trade) \(word) \(1 + draw.next(900))",
            shortName: "\(word) Co., Ltd",
            representative: "\(draw.choose(Self.families)) VĂN \(draw.choose(Self.givenNames))",
            founded: "\(1995 + draw.next(29))-0\(1 + draw.next(9))-\(10 + draw.next(19))",
            capital: (1 + draw.next(500)) * 100_000_000, street: 1 + draw.next(400)
        )
    }

    /// The answer about a number that no enterprise has.
    static let noEnterprise: JSONValue = [
        "DataCount": 0, "Status": 0, "Message": "Không tìm thấy doanh nghiệp",
    ]

    private static let families = ["NGUYỄN", "TRẦN", "LÊ", "PHẠM", "HOÀNG", "NÔNG", "LÝ", "ĐẶNG"]
    private static let givenNames = ["MẪU", "THỬ", "KIỂM", "NGHIỆM", "GIẢ", "ĐỊNH", "MINH", "HỌA"]

    private static func isNumber(_ text: String, lengths: Set<Int>) -> Bool {
        lengths.contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && !text.hasSuffix("999")
    }

    /// SplitMix64 from the seed and what is asked for: the same on every machine and in every run.
    private struct Draw {
        var state: UInt64

        mutating func next(_ bound: Int) -> Int {
            self.state &+= 0x9E37_79B9_7F4A_7C15
            var value = self.state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((value ^ (value >> 31)) % UInt64(bound))
        }

        mutating func choose(_ choices: [String]) -> String { choices[self.next(choices.count)] }
    }

    private func draw(_ kind: String, _ number: String) -> Draw {
        // FNV-1a over the text.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(kind) \(number)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return Draw(state: hash ^ (self.seed &* 0x9E37_79B9_7F4A_7C15))
    }
}

extension NationalRegistry.Citizen {
    /// The collection of one, as the database answers (DOMAIN 4.3).
    var xml: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        let birthday = "\(self.year)\(two(self.month))\(two(self.day))"
        let identity =
            self.number.utf8.count == 12
            ? "<SoDinhDanh>\(self.number)</SoDinhDanh><SoCMND/>"
            : "<SoDinhDanh/><SoCMND>\(self.number)</SoCMND>"
        return """
            <CongdanCollection xmlns="http://www.mic.gov.vn/dancu/1.0"><CongDan>\(identity)\
            <HoVaTen><Ho>\(XMLText.escaped(self.family))</Ho><ChuDem>\(XMLText.escaped(self.middle))</ChuDem>\
            <Ten>\(XMLText.escaped(self.given))</Ten></HoVaTen><GioiTinh>\(self.isFemale ? 2 : 1)</GioiTinh>\
            <DanToc>01</DanToc><TonGiao>00</TonGiao><TinhTrangHonNhan>1</TinhTrangHonNhan><NhomMau>00</NhomMau>\
            <NgayThangNamSinh><Nam>\(self.year)</Nam><NgayThangNam>\(birthday)</NgayThangNam></NgayThangNamSinh>\
            <ThuongTru><MaTinhThanh>25</MaTinhThanh><MaQuanHuyen>227</MaQuanHuyen>\
            <MaPhuongXa>\(String(7000 + self.ward))</MaPhuongXa><ChiTiet>Khu \(self.ward)</ChiTiet>\
            <QuocGia>VN</QuocGia></ThuongTru><QuocTich>VN</QuocTich><ChuHo><QuanHe>01</QuanHe></ChuHo>\
            </CongDan></CongdanCollection>
            """
    }
}

extension NationalRegistry.Enterprise {
    /// The answer about this enterprise (DOMAIN 4.2).
    var json: JSONValue {
        [
            "MainInformation": [
                "ENTERPRISE_ID": .string(String(self.number.reversed())),
                "ENTERPRISE_GDT_CODE": .string(self.number),
                "NAME": .string(self.name), "SHORT_NAME": .string(self.shortName),
                "FOUNDING_DATE": .string(self.founded), "ENTERPRISE_STATUS": "1",
                "LEGAL_NAMES": .string(self.representative),
                "CAPITAL_AMOUNT": .number(JSONNumber(self.capital)),
            ],
            "HOAdress": [
                "CityID": "25", "DistrictID": "227", "WardID": "07900",
                "AddressFullText": "Số \(self.street), đường Thử Nghiệm, tỉnh Phú Thọ",
            ],
            "BusinessActivity": [["CODE": "4690", "NAME": "Bán buôn tổng hợp", "IS_MAIN": 1]],
            "Member": [], "DataCount": 1, "Status": 1, "Message": "Thành công",
        ]
    }
}
