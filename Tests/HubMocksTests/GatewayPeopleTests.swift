import HubDialects
import HubJSON
import HubMocks
import HubModel
import HubXML
import Testing

/// What is invented about people is the same whichever service is asked.
@Suite(.timeLimit(.minutes(1))) struct GatewayPeopleTests {
    static let numbers = (1...20).map { "0010000000\($0 < 10 ? "0" : "")\($0)" }

    private static func name(_ person: XMLElement) -> String {
        ["Ho", "ChuDem", "Ten"].compactMap { person.descendant("HoVaTen/\($0)")?.text }.joined(separator: " ")
    }

    @Test func `a citizen has one insurance number, one household and one place of residence`() async throws {
        try await withFolder { folder in
            try await GatewayBench.run(in: folder) { gateway in
                for number in Self.numbers {
                    let person = try #require(try await gateway.citizen(number))
                    let birthday = try #require(person.descendant("NgayThangNamSinh/NgayThangNam")?.text)
                    let sex = try #require(person.child("GioiTinh")?.text)
                    let insured = try await gateway.post(
                        GatewayPath.insuranceNumber,
                        [
                            "hoTen": .string(Self.name(person)), "ngaySinh": .string(birthday),
                            "loaiNgaySinh": "0",
                            "gioiTinh": .string(sex), "isKs": "0",
                        ])
                    let insurance = try #require(insured["maSoBhxh"]?.string)
                    #expect(insured["errorCode"] == "0" && insurance.utf8.count == 10)
                    let household = try await gateway.post(
                        GatewayPath.householdByNumber, ["maSoBhxh": .string(insurance)])
                    let member = household["thanhVien"]?.array?.first { $0["maSoBhxh"]?.string == insurance }
                    #expect(member?["hoTen"]?.string == Self.name(person))
                    #expect(member?["ngaySinh"]?.string == birthday)
                    let named = try await gateway.post(
                        GatewayPath.household,
                        ["hoTen": .string(Self.name(person)), "soCmnd": .string(number)])
                    #expect(named == household)
                    let residence = try await gateway.post(
                        GatewayPath.residence, ["soDinhDanh": .string(number)])
                    #expect(residence["maHo"] == household["maHo"])
                    #expect(
                        residence.value(at: "/thuongTru/maXa")?.string
                            == person.descendant("ThuongTru/MaPhuongXa")?.text)
                    let card = try await gateway.post(
                        GatewayPath.card, ["maThe": .string("DN425" + insurance)])
                    #expect(card["trangThai"] == "hieu-luc")
                }
            }
        }
    }

    @Test func `a parcel and a staff number lead back to whom they were given for`() async throws {
        try await withFolder { folder in
            try await GatewayBench.run(in: folder) { gateway in
                var parcels = 0
                var officials = 0
                for number in Self.numbers {
                    let person = try #require(try await gateway.citizen(number))
                    let owned = try await gateway.post(
                        GatewayPath.parcelsOfOwner, ["soDinhDanh": .string(number)])
                    if owned["timThay"] == true {
                        parcels += 1
                        let code = try #require(owned.value(at: "/thua/0/maThua"))
                        #expect(owned.value(at: "/thua/0/chuSuDung/hoTen")?.string == Self.name(person))
                        #expect(try await gateway.post(GatewayPath.parcel, ["maThua": code]) == owned)
                    }
                    let official = try await gateway.post(
                        GatewayPath.official, ["soDinhDanh": .string(number)])
                    if official["timThay"] == true {
                        officials += 1
                        let staff = try #require(official["soHieu"])
                        #expect(official["hoTen"]?.string == Self.name(person))
                        #expect(try await gateway.post(GatewayPath.official, ["soHieu": staff]) == official)
                    }
                }
                #expect((1..<Self.numbers.count).contains(parcels), "some have land and some have not")
                #expect((1..<Self.numbers.count).contains(officials))
            }
        }
    }

    @Test func `a number that ends in 999 belongs to nobody, anywhere`() async throws {
        try await withFolder { folder in
            try await GatewayBench.run(in: folder) { gateway in
                let number: JSONValue = "001000000999"
                #expect(try await gateway.citizen("001000000999") == nil)
                for path in [GatewayPath.residence, GatewayPath.parcelsOfOwner, GatewayPath.official] {
                    #expect(
                        try await gateway.post(path, ["soDinhDanh": number]) == ["timThay": false], "\(path)")
                }
                #expect(
                    try await gateway.post(GatewayPath.household, ["hoTen": "A", "soCmnd": number])[
                        "errorCode"] == "1")
                #expect(
                    try await gateway.post(GatewayPath.householdByNumber, ["maSoBhxh": "2500000999"])[
                        "errorCode"]
                        == "1")
                #expect(
                    try await gateway.post(GatewayPath.budgetUnit, ["maDonViNganSach": "1000999"])
                        == ["timThay": false])
                let enterprise = try await gateway.get(GatewayPath.enterprise + "?msdn=2600000999")
                #expect(enterprise["Status"] == 0)
                let ledger = try await gateway.bench.call("GET", gateway.bench.control + "/control/ledger")
                    .body
                #expect(
                    !String(decoding: ledger, as: UTF8.self).contains("001000000"),
                    "no personal number is kept")
            }
        }
    }

    @Test(arguments: [1, 7])
    func `who stands in the examples is there, whatever the seed`(seed: Int) async throws {
        try await withFolder { folder in
            try await GatewayBench.run(in: folder, change: { $0.seed = seed }) { gateway in
                let citizens = [
                    ("001000000001", "TRẦN THỊ MẪU", "19900101"),
                    ("001000000002", "NGUYỄN VĂN THỬ", "19930720"),
                ]
                for (number, name, birthday) in citizens {
                    let person = try #require(try await gateway.citizen(number))
                    #expect(Self.name(person) == name)
                    #expect(person.descendant("NgayThangNamSinh/NgayThangNam")?.text == birthday)
                }
            }
        }
    }

    @Test func `another seed gives other people`() async throws {
        let names = try await withFolder { folder in
            var names: [[String]] = []
            for seed in [1, 2] {
                names.append(
                    try await GatewayBench.run(in: folder, change: { $0.seed = seed }) { gateway in
                        var names: [String] = []
                        for number in Self.numbers {
                            names.append(Self.name(try #require(try await gateway.citizen(number))))
                        }
                        return names
                    })
            }
            return names
        }
        #expect(names[0] != names[1])
    }

    @Test func `SOAP knows the same citizens, and says whether name and birthday fit`() async throws {
        try await withFolder { folder in
            try await GatewayBench.run(in: folder) { gateway in
                let person = try #require(try await gateway.citizen("001000000001"))
                let birthday = try #require(person.descendant("NgayThangNamSinh/NgayThangNam")?.text)
                func exists(_ name: String, _ birthday: String) async throws -> String? {
                    let reply = try await gateway.soap(
                        GatewayPath.citizenExistence, "http://dancuquocgia.bca",
                        "XacThucThongTinCongDanRequest",
                        ["HoVaTen": name, "SoDinhDanh": "001000000001", "NgayThangNam": birthday])
                    #expect(reply.status == 200)
                    return reply.body.descendant("KetQuaXacThucResponse/TonTai")?.text
                }
                #expect(try await exists(Self.name(person), birthday) == "true")
                #expect(try await exists("NGUYỄN VĂN KHÁC", birthday) == "false")
                #expect(try await exists(Self.name(person), "18000101") == "false")
                let whole = try await gateway.soap(
                    GatewayPath.citizenBackground, "http://gtel.vn/qldc", "XacMinhThongTinNhanThanRequest",
                    ["SoDinhDanh": "001000000001"])
                let found = try #require(whole.body.descendant("CongdanCollection/CongDan"))
                #expect(found.namespace == "http://www.mic.gov.vn/dancu/1.0")
                #expect(Self.name(found) == Self.name(person))
                let nobody = try await gateway.soap(
                    GatewayPath.citizenBackground, "http://gtel.vn/qldc", "XacMinhThongTinNhanThanRequest",
                    ["SoDinhDanh": "001000000999"])
                #expect(nobody.body.child("CongdanCollection")?.children.isEmpty == true)
                let broken = try await gateway.soap(GatewayPath.citizenBackground, "urn:x", "KhongCo", [:])
                #expect(broken.status == 500 && broken.body.descendant("Fault/faultstring") != nil)
            }
        }
    }

    struct Question: CustomTestStringConvertible, Sendable {
        let members: [String: String]
        let fits: Bool

        var testDescription: String { "\(self.members)" }
    }

    @Test(
        "hands out nobody's data to who gives another name or birthday, whichever service is asked",
        arguments: [
            Question(members: ["HoVaTen": "TRẦN THỊ MẪU", "NgayThangNam": "19900101"], fits: true),
            Question(members: ["HoVaTen": "TRẦN THỊ MẪU", "Nam": "1990"], fits: true),
            Question(members: ["HoVaTen": "NGUYỄN VĂN KHÁC", "NgayThangNam": "19900101"], fits: false),
            Question(members: ["HoVaTen": "TRẦN THỊ MẪU", "NgayThangNam": "19900102"], fits: false),
            Question(members: ["HoVaTen": "TRẦN THỊ MẪU", "Nam": "1991"], fits: false),
            Question(members: ["HoVaTen": "TRẦN THỊ MẪU", "Nam": ""], fits: false),
        ]
    )
    func verification(_ question: Question) async throws {
        try await withFolder { folder in
            try await GatewayBench.run(in: folder) { gateway in
                let members = question.members.merging(["SoDinhDanh": "001000000001"]) { one, _ in one }
                let answer = try await gateway.post(
                    GatewayPath.citizen, .object(JSONObject(members.map { ($0.key, .string($0.value)) })))
                #expect(CitizenAnswer(answer)?.isFound == question.fits)
                #expect(question.fits || CitizenAnswer(answer) == .notFound)
                func ask(_ path: String, _ namespace: String, _ name: String) async throws -> XMLElement {
                    let inner = members.map { "<\($0.key)>\($0.value)</\($0.key)>" }.joined()
                    let text =
                        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>"
                        + "<\(name) xmlns=\"\(namespace)\">\(inner)</\(name)></s:Body></s:Envelope>"
                    return try XMLDocument.parse(try await gateway.raw("POST", path, Array(text.utf8)).body)
                        .root
                }
                let exists = try await ask(
                    GatewayPath.citizenExistence, "http://dancuquocgia.bca", "XacThucThongTinCongDanRequest")
                #expect(exists.descendant("Body/KetQuaXacThucResponse/TonTai")?.text == "\(question.fits)")
                let background = try await ask(
                    GatewayPath.citizenBackground, "http://gtel.vn/qldc", "XacMinhThongTinNhanThanRequest")
                #expect((background.descendant("Body/CongdanCollection/CongDan") != nil) == question.fits)
            }
        }
    }
}
