import HubDialects
import HubEnvelope
import HubJSON
import HubMocks
import HubModel
import HubXML
import Testing

/// What the services take, and what becomes of it with time.
@Suite(.timeLimit(.minutes(1))) struct GatewayDossierTests {
    private static func registration(_ number: String) -> JSONValue {
        [
            "maDonVi": 2560, "module": "KH", "maHoSo": .string(number), "ngayTiepNhan": "05/10/2026",
            "data": "<hoSo><noiDung>Kết hôn</noiDung></hoSo>",
        ]
    }

    private static func dossier(_ number: String) -> JSONValue {
        ["maDonVi": 2560, "maHoSo": .string(number)]
    }

    @Test func `a civil status dossier comes from received to done, over a restart`() async throws {
        let clock = SettableClock()
        try await withFolder { folder in
            let numbers = (1...30).map { "H44.14-261005-00\($0 + 10)" }
            try await GatewayBench.run(in: folder, clock: clock) { gateway in
                for number in numbers {
                    let taken = try await gateway.post(
                        GatewayPath.civilRegistration, Self.registration(number))
                    #expect(taken["errorCode"] == "0" && taken["value"]?.string == number)
                    #expect(
                        try await gateway.post(GatewayPath.civilState, Self.dossier(number))["value"] == "1")
                }
                #expect(
                    try await gateway.post(GatewayPath.civilResult, Self.dossier(numbers[0]))["errorCode"]
                        == "200")
            }
            clock.pass(.seconds(3))
            try await GatewayBench.run(in: folder, clock: clock) { gateway in
                var states: Set<String> = []
                for number in numbers {
                    states.insert(
                        try await gateway.post(GatewayPath.civilState, Self.dossier(number))["value"]?.string
                            ?? "")
                }
                #expect(states == ["2", "3"], "some lack something")
                clock.pass(.seconds(3))
                var done = 0
                for number in numbers {
                    let state = try await gateway.post(GatewayPath.civilState, Self.dossier(number))["value"]
                    let result = try await gateway.post(GatewayPath.civilResult, Self.dossier(number))
                    guard state == "4" else {
                        #expect(state == "2" && result["errorCode"] == "200")
                        continue
                    }
                    done += 1
                    let data = try XMLDocument.parse(Array(try #require(result["data"]?.string).utf8)).root
                    #expect(data.child("ngayDangKy")?.text == "05/10/2026")
                    #expect(data.child("quyenSo")?.text == "01/2026-KH")
                    #expect(
                        try await gateway.post(GatewayPath.civilReturn, Self.dossier(number))["errorCode"]
                            == "0")
                }
                #expect(done > 20)
            }
        }
    }

    @Test func `a criminal record is concluded when it is issued, always the same for the same person`()
        async throws
    {
        let clock = SettableClock()
        try await withFolder { folder in
            try await GatewayBench.run(in: folder, clock: clock) { gateway in
                func apply(_ dossier: Int, _ identity: String) async throws -> JSONValue {
                    try await gateway.post(
                        GatewayPath.recordApplication,
                        [
                            "idReceivedDec": .string("H44.14-261005-\(dossier)"),
                            "dateReceivedDec": "05/10/2026",
                            "declarationWSForm": [
                                "fullName": "TRẦN THỊ MẪU", "identifyNo": .string(identity),
                            ],
                        ])
                }
                func state(_ dossier: Int) async throws -> JSONValue {
                    try await gateway.post(
                        GatewayPath.recordState, ["idReceivedDec": .string("H44.14-261005-\(dossier)")])
                }
                var results: [String?] = []
                for index in 0..<60 {
                    #expect(try await apply(1000 + index, "0010000000\(10 + index)")["STATUS"] == "1")
                    #expect(try await apply(2000 + index, "0010000000\(10 + index)")["STATUS"] == "1")
                }
                #expect(try await state(1000)["DEC_STATUS_ID"] == "3")
                #expect(try await apply(1000, "001000000010")["DESCRIPTION"] == "Hồ sơ đã tồn tại")
                clock.pass(.seconds(3))
                #expect(
                    try await state(1000) == [
                        "STATUS": "1", "DESCRIPTION": "Thành công", "DEC_STATUS_ID": "4",
                    ])
                clock.pass(.seconds(3))
                for index in 0..<60 {
                    let (one, other) = (try await state(1000 + index), try await state(2000 + index))
                    #expect(one["DEC_STATUS_ID"] == "5" && one["RESULT"] == other["RESULT"])
                    results.append(one["RESULT"]?.string)
                }
                #expect(Set(results) == ["0", "1"])
                #expect(try await state(9999)["STATUS"] == "0")
            }
        }
    }

    @Test func `an order that was posted can be tracked, step by step`() async throws {
        let clock = SettableClock()
        let order: JSONValue = [
            "CustomerCode": "K", "OrderNumber": "D1", "CODAmount": 0, "SenderProvince": "25",
            "SenderAddress": "A",
            "SenderName": "B", "SenderTel": "1", "ReceiverProvince": "25", "ReceiverAddress": "C",
            "ReceiverName": "D",
            "ReceiverTel": "2", "FlagConfig": "2",
        ]
        try await withFolder { folder in
            try await GatewayBench.run(in: folder, clock: clock) { gateway in
                let unknown = try await gateway.get(GatewayPath.postalTracking + "?orderNumber=D1")
                #expect(unknown["Status"] == "104")
                #expect(try await gateway.post(GatewayPath.postalOrder, order)["Status"] == "100")
                #expect(try await gateway.post(GatewayPath.postalOrder, order)["Status"] == "100")
                var other = try #require(order.object)
                other["ReceiverTel"] = "3"
                #expect(try await gateway.post(GatewayPath.postalOrder, .object(other))["Status"] == "102")
                other["ReceiverName"] = nil
                #expect(
                    try await gateway.post(GatewayPath.postalOrder, .object(other))["Message"]
                        == "Thiếu ReceiverName")
                let first = try await gateway.get(GatewayPath.postalTracking + "?orderNumber=D1&lastId=")
                #expect(first["Data"]?.array?.compactMap { $0["StatusCode"]?.string } == ["C1"])
            }
            clock.pass(.seconds(10))
            try await GatewayBench.run(in: folder, clock: clock) { gateway in
                let rest = try await gateway.get(GatewayPath.postalTracking + "?orderNumber=D1&lastId=1")
                #expect(rest["Data"]?.array?.compactMap { $0["StatusCode"]?.string } == ["D1", "P1"])
                #expect(rest["LastId"] == 3)
            }
        }
    }

    @Test func `an agency that was added is in the catalogue, and is not added twice`() async throws {
        let agency: JSONValue = [
            "MaDinhDanhCap1": "G99", "TenDonVi": "Bộ Mẫu", "NgayBanHanhQd": "22/07/2020",
        ]
        let path = GatewayPath.category + "qlvanbandieuhanhcap1"
        try await withFolder { folder in
            try await GatewayBench.run(in: folder) { gateway in
                let whole = try await gateway.post(
                    path, [agency, ["MaDinhDanhCap1": "H44", "TenDonVi": "Trùng"]])
                #expect(whole == ["MSG": "Data not insert: Record 2: H44 is duplicate", "Count": 0])
                #expect(try await gateway.post(path, agency) == ["MSG": "Done", "Count": 1])
                #expect(
                    try await gateway.post(path, [agency])["MSG"]
                        == "Data not insert: Record 1: G99 is duplicate")
            }
            try await GatewayBench.run(in: folder) { gateway in
                #expect(try await gateway.get(path).array?.contains(agency) == true)
                let structure = try await gateway.get(GatewayPath.metadata + "qlvanbandieuhanhcap1")
                #expect(structure.array?.count == 10)
                #expect(
                    try await gateway.get(GatewayPath.category + "madantoc")[0] == [
                        "Ma": "01", "Ten": "Kinh",
                    ])
                #expect(try await gateway.get(GatewayPath.category + "khongco")["Count"] == 0)
                #expect(try await gateway.get(GatewayPath.categories).array?.count == 36)
                let some = try await gateway.get(GatewayPath.categories + "?filter=h%C3%A0nh%20ch%C3%ADnh")
                #expect(some.array?.count == 4)
            }
        }
    }

    @Test func `a payment needs the checksum of the shared secret`() async throws {
        let paids = Base64.text(Array(#"{"items":[{"code":"P","name":"Phí","amount":1000}]}"#.utf8))
        let members = ["P", "A", "001000000001", "H44.14-261005-0001", paids, "05/10/2026"]
        @Sendable func payment(_ secret: String) -> JSONValue {
            [
                "partnerCode": "P", "accessKey": "A", "payerId": "001000000001",
                "docCode": "H44.14-261005-0001",
                "paids": .string(paids), "decisionDate": "05/10/2026",
                "checksum": .string(SHA256.hash(Array((secret + members.joined()).utf8)).description),
            ]
        }
        try await withFolder { folder in
            try await GatewayBench.run(in: folder, change: { $0.paymentSecret = "bí mật" }) { gateway in
                let page = try await gateway.post(GatewayPath.payment, payment("bí mật"))
                #expect(page.value(at: "/data/url")?.string?.hasPrefix("https://") == true)
                #expect(try await gateway.post(GatewayPath.payment, payment("bí mật")) == page)
                let wrong = try await gateway.post(GatewayPath.payment, payment("khác"))
                #expect(wrong["errorCode"] == "PG02" && wrong["data"] == .null)
            }
            try await GatewayBench.run(in: folder) { gateway in
                let page = try await gateway.post(GatewayPath.payment, payment("khác"))
                #expect(page.value(at: "/data/url") != nil, "without a secret nothing is checked")
            }
        }
    }

    @Test func `a report is handed in once for each version, with numbers as they are written here`()
        async throws
    {
        let clock = SettableClock()
        @Sendable func report(_ value: String) -> JSONValue {
            [
                "DonVi": "H44.14", "MaBieu": "BC-01", "KyBaoCao": "Q-2026-3", "LanGui": 1,
                "SoLieu": [["Ma": "A", "GiaTri": .string(value)]],
            ]
        }
        try await withFolder { folder in
            try await GatewayBench.run(in: folder, clock: clock) { gateway in
                for text in ["85.25", "1234,5", "1.23,45", "x", ",00"] {
                    #expect(
                        try await gateway.post(GatewayPath.report, report(text))["ketQua"] == "tu-choi",
                        "\(text)")
                }
                let receipt = try await gateway.post(GatewayPath.report, report("-12.345,00"))
                #expect(receipt["ketQua"] == "da-nhan")
                #expect(try await gateway.post(GatewayPath.report, report("-12.345,00")) == receipt)
                #expect(try await gateway.post(GatewayPath.report, report("1,00"))["ketQua"] == "tu-choi")
                let number: JSONValue = ["maTiepNhan": try #require(receipt["maTiepNhan"])]
                #expect(
                    try await gateway.post(GatewayPath.reportState, number)["trangThai"] == "da-tiep-nhan")
                clock.pass(.seconds(6))
                #expect(try await gateway.post(GatewayPath.reportState, number)["trangThai"] == "da-duyet")
            }
        }
    }

    @Test func `a filing of the list can be asked for by itself, for five days at most`() async throws {
        let clock = SettableClock()
        try await withFolder { folder in
            try await GatewayBench.run(in: folder, clock: clock) { gateway in
                let list = try await gateway.get(
                    GatewayPath.filings + "?from_date=2026-09-30&to_date=2026-10-02")
                let filings = try #require(list["Data"]?.array)
                #expect(filings.count >= 6 && list["DataCount"]?.int == filings.count)
                for filing in filings {
                    let number = try #require(filing["IN_JOURNAL_NO"]?.string)
                    let one = try await gateway.get(GatewayPath.filing + "?in_journal_no=" + number)
                    #expect(one["Data"] == filing)
                }
                let long = try await gateway.get(
                    GatewayPath.filings + "?from_date=2026-09-01&to_date=2026-10-02")
                #expect(long["Status"] == 0 && long["Data"] == nil)
                for number in ["25-2026-00009", "25-2026-99991", "19-2026-00011", "x", "25-2030-00011"] {
                    #expect(
                        try await gateway.get(GatewayPath.filing + "?in_journal_no=" + number)["Status"] == 0)
                }
            }
        }
    }

    @Test func `a budget unit that was closed names one that is active`() async throws {
        try await withFolder { folder in
            try await GatewayBench.run(in: folder) { gateway in
                var closed = 0
                for index in 0..<60 {
                    let unit = try await gateway.post(
                        GatewayPath.budgetUnit, ["maDonViNganSach": .string("10120\(10 + index)")])
                    guard let successor = unit["maThayThe"] else {
                        #expect(unit["trangThai"] == "hoat-dong")
                        continue
                    }
                    closed += 1
                    let next = try await gateway.post(GatewayPath.budgetUnit, ["maDonViNganSach": successor])
                    #expect(unit["trangThai"] == "da-dong" && next["trangThai"] == "hoat-dong")
                }
                #expect(closed > 0)
            }
        }
    }
}
