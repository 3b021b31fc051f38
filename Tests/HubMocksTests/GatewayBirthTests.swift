import HubDialects
import HubJSON
import HubMocks
import HubModel
import HubXML
import Testing

/// The three steps of a birth, and what undoes them.
@Suite(.timeLimit(.minutes(1))) struct GatewayBirthTests {
    static let dossier = "H44.101-261005-0007"

    private static func birth(_ name: String = "Nguyễn Thị Mầm") -> JSONValue {
        [
            "maHoSoLT": .string(Self.dossier), "maHoSoMCDT": .string(Self.dossier), "trangThai": "1",
            "nksHoTen": .string(name), "nksNgaySinh": "01/10/2026", "nksGioiTinh": "2",
            "meHoTen": "Trần Thị Mẫu",
            "meNgaySinh": "02/03/1995", "nycHoTen": "Trần Thị Mẫu", "nycSoDinhDanh": "001000000001",
        ]
    }

    private static func card(_ number: JSONValue, name: String = "Nguyễn Thị Mầm") -> JSONValue {
        [
            "maHoSo": .string(Self.dossier),
            "tre": [
                "hoTen": .string(name), "ngaySinh": "2026-10-01", "gioiTinh": "nu", "soDinhDanh": number,
            ],
            "noiKhamChuaBenh": "25001", "diaChi": ["maTinh": "25", "maXa": "07900"],
        ]
    }

    private static func residence(_ number: JSONValue, name: String = "Nguyễn Thị Mầm") -> JSONValue {
        [
            "maHoSo": .string(Self.dossier),
            "nguoiDangKy": [
                "hoTen": .string(name), "ngaySinh": "2026-10-01", "gioiTinh": "nu", "soDinhDanh": number,
            ],
            "chuHo": ["hoTen": "Nguyễn Văn Thử", "soDinhDanh": "001000000002", "quanHe": "con"],
            "noiThuongTru": ["maTinh": "25", "maXa": "07900"],
        ]
    }

    private static let cancel: JSONValue = ["maHoSo": .string(Self.dossier), "lyDo": "Thử huỷ"]
    private static let cancelBirth: JSONValue = ["maHoSoLT": .string(Self.dossier), "lyDo": "Thử huỷ"]

    @Test func `a birth that is registered is known to the others, also after a restart`() async throws {
        try await withFolder { folder in
            let (number, card) = try await GatewayBench.run(in: folder) { gateway in
                let certificate = try await gateway.post(GatewayPath.birth, Self.birth())
                let number = try #require(certificate["nksSoDinhDanh"])
                #expect(number.string?.hasPrefix("025326") == true, "province, girl of this century, year")
                #expect(
                    try await gateway.post(GatewayPath.birth, Self.birth()) == certificate, "again, the same")
                let card = try await gateway.post(GatewayPath.childCard, Self.card(number))
                #expect(card["hanDen"] == "2032-09-30")
                let residence = try await gateway.post(
                    GatewayPath.residenceRegistration, Self.residence(number))
                #expect(residence["thuongTru"]?["maXa"] == "07900")
                return (number, try #require(card["maThe"]))
            }
            try await GatewayBench.run(in: folder) { gateway in
                let text = try #require(number.string)
                let child = try #require(try await gateway.citizen(text))
                #expect(child.descendant("HoVaTen/Ten")?.text == "MẦM")
                #expect(child.descendant("NgayThangNamSinh/NgayThangNam")?.text == "20261001")
                #expect(try await gateway.post(GatewayPath.card, ["maThe": card])["trangThai"] == "hieu-luc")
                let home = try await gateway.post(GatewayPath.residence, ["soDinhDanh": number])
                #expect(home["trangThai"] == "dang-cu-tru" && home["thuongTru"]?["maXa"] == "07900")
                let head = try await gateway.post(GatewayPath.residence, ["soDinhDanh": "001000000002"])
                #expect(home["maHo"] == head["maHo"], "the household of its head")
                let taken = try await gateway.bench.ledger().filter { $0["kind"] == "gateway.taken" }
                #expect(taken.compactMap { $0["detail"]?.string } == ["ho-tich", "the-bhyt", "cu-tru"])
            }
        }
    }

    @Test func `what is cancelled stays cancelled, for whoever asks and also after a restart`() async throws {
        try await withFolder { folder in
            let (number, card) = try await GatewayBench.run(in: folder) { gateway in
                let number = try #require(
                    try await gateway.post(GatewayPath.birth, Self.birth())["nksSoDinhDanh"])
                let card = try await gateway.post(GatewayPath.childCard, Self.card(number))["maThe"]
                _ = try await gateway.post(GatewayPath.residenceRegistration, Self.residence(number))
                for _ in 1...2 {
                    for path in [GatewayPath.residenceCancellation, GatewayPath.cardCancellation] {
                        #expect(try await gateway.post(path, Self.cancel)["trangThai"] == "da-huy")
                    }
                    #expect(
                        try await gateway.post(GatewayPath.birthCancellation, Self.cancelBirth)["errorCode"]
                            == "0")
                }
                let cancelled = try await gateway.bench.ledger().filter { $0["kind"] == "gateway.cancelled" }
                #expect(cancelled.count == 3, "cancelling twice is cancelling once")
                return (number, try #require(card))
            }
            try await GatewayBench.run(in: folder) { gateway in
                let text = try #require(number.string)
                #expect(try await gateway.citizen(text) == nil)
                let state = try await gateway.post(
                    GatewayPath.civilState, ["maDonVi": 1, "maHoSo": .string(Self.dossier)])
                #expect(state["value"] == "9")
                #expect(try await gateway.post(GatewayPath.card, ["maThe": card])["trangThai"] == "da-huy")
                #expect(
                    try await gateway.post(GatewayPath.residence, ["soDinhDanh": number])["trangThai"]
                        == "da-huy")
                #expect(try await gateway.post(GatewayPath.birth, Self.birth())["errorCode"] == "500")
                #expect(
                    try await gateway.post(GatewayPath.childCard, Self.card(number))["errorCode"] == "BH109")
                #expect(
                    try await gateway.post(GatewayPath.residenceRegistration, Self.residence(number))[
                        "errorCode"]
                        == "CT09")
            }
        }
    }

    @Test func `what is cancelled before it comes is not taken any more`() async throws {
        try await withFolder { folder in
            try await GatewayBench.run(in: folder) { gateway in
                #expect(
                    try await gateway.post(GatewayPath.birthCancellation, Self.cancelBirth)["errorCode"]
                        == "0")
                let late = try await gateway.post(GatewayPath.birth, Self.birth())
                #expect(late["errorCode"] == "500" && late["soGiayKhaiSinh"] == nil)
            }
        }
    }

    @Test(arguments: ["Nguyễn Thị BẢO HIỂM LỖI", "nguyễn thị bảo hiểm lỗi", "Bảo Hiểm Lỗi"])
    func `a child of one name is refused by the insurance only`(name: String) async throws {
        try await withFolder { folder in
            try await GatewayBench.run(in: folder) { gateway in
                let number = try #require(
                    try await gateway.post(GatewayPath.birth, Self.birth(name))["nksSoDinhDanh"])
                let card = try await gateway.post(GatewayPath.childCard, Self.card(number, name: name))
                #expect(card["errorCode"] == "BH105" && card["maThe"] == nil)
                let home = try await gateway.post(
                    GatewayPath.residenceRegistration, Self.residence(number, name: name))
                #expect(home["soXacNhan"] != nil)
            }
        }
    }

    @Test func `a child of another name is refused by the residence office only`() async throws {
        try await withFolder { folder in
            try await GatewayBench.run(in: folder) { gateway in
                let name = "Nguyễn Thị Cư Trú Lỗi"
                let number = try #require(
                    try await gateway.post(GatewayPath.birth, Self.birth(name))["nksSoDinhDanh"])
                #expect(
                    try await gateway.post(GatewayPath.childCard, Self.card(number, name: name))["maThe"]
                        != nil)
                let home = try await gateway.post(
                    GatewayPath.residenceRegistration, Self.residence(number, name: name))
                #expect(home["errorCode"] == "CT07" && home["soXacNhan"] == nil)
            }
        }
    }
}
