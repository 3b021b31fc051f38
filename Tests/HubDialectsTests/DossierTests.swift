import HubDialects
import HubJSON
import HubModel
import Testing

@Suite struct DossierTests {
    @Test func `a login is read as it was written`() throws {
        let login = DossierLogin(username: "h44", password: "mật khẩu \"1\"")
        #expect(try DossierLogin.parse(login.encoded()) == login)
        for text in ["", "{}", #"{"username":"a"}"#, #"{"username":"a","password":1}"#, "[]"] {
            expectError(.apiRequestMalformed) { _ = try DossierLogin.parse(Array(text.utf8)) }
        }
    }

    @Test func `the login answers with a number where the services answer with a text`() throws {
        let body = DossierLoginReply(errorCode: "0", session: "S-1").encoded()
        #expect(String(decoding: body, as: UTF8.self).contains(#""error_code":0"#))
        #expect(try DossierLoginReply.session(status: 200, body: body) == "S-1")
        #expect(
            try DossierLoginReply.session(status: 200, body: Array(#"{"error_code":"0","session":"T"}"#.utf8))
                == "T")
        let reply = String(decoding: DossierReply.ok().encoded(), as: UTF8.self)
        #expect(reply == #"{"error_code":"0","message":"Thành công","result":""}"#)
    }

    @Test(arguments: [
        (200, "", ErrorCode.deliveryReplyUnreadable), (200, #"{"error_code":0}"#, .deliveryReplyUnreadable),
        (200, #"{"error_code":0,"session":""}"#, .deliveryReplyUnreadable),
        (200, #"{"error_code":-1,"message":"sai mật khẩu"}"#, .accessDenied), (401, "", .accessDenied),
        (500, "", .deliveryUnavailable), (503, "<html/>", .deliveryUnavailable), (408, "", .deliveryTimeout),
    ])
    func `a login that fails says why`(status: Int, body: String, code: ErrorCode) {
        expectError(code) { _ = try DossierLoginReply.session(status: status, body: Array(body.utf8)) }
    }

    @Test func `preparing a packet changes three members and nothing else`() throws {
        let text =
            #"{"session":"x","madonvi":"000.00.00.H44","extra":1.50,"service":"DongBoHoSoMC","#
            + #""isUpdating":"False","data":[{"MaHoSo":"000.00.14.H44-240315-0001","Gia":1e2}]}"#
        let packet = try DossierPacket.parse(Array(text.utf8))
        let prepared = packet.prepared(session: "S-1", isUpdating: true)
        #expect(
            String(decoding: prepared.encoded(), as: UTF8.self)
                == text.replacing(#""session":"x""#, with: #""session":"S-1""#).replacing(
                    "\"False\"", with: "\"True\""))
        #expect(prepared.service == .sync && prepared.isUpdating && prepared.unit == "000.00.00.H44")
        #expect(prepared.dossiers == ["000.00.14.H44-240315-0001"] && prepared.session == "S-1")
        #expect(!packet.prepared(session: "S-2").isUpdating)
    }

    @Test func `a document without session and isUpdating gets them`() throws {
        let packet = try DossierPacket(["service": "CapNhatTienDoHoSoMC", "data": [["MaHoSo": "A"]]])
        let prepared = packet.prepared(session: "S", isUpdating: false)
        #expect(prepared.json.keys == ["service", "data", "session", "isUpdating"])
        #expect(prepared.json["isUpdating"] == "False")
    }

    @Test(arguments: ["", "null", "[]", "{}", #"{"service":1}"#])
    func `what names no service is no packet`(text: String) {
        #expect(throws: HubError.self) { try DossierPacket.parse(Array(text.utf8)) }
    }

    @Test func `a look-up names its dossier in either place`() throws {
        let packet = DossierPacket.lookup("A-1", unit: "000.00.00.H44")
        #expect(packet.dossiers == ["A-1"] && packet.service == .lookup)
        #expect(try DossierPacket(["service": "TraCuuHoSo", "MaHoSo": "A-2"]).dossiers == ["A-2"])
        #expect(try DossierPacket(["service": "LayThuTuc"]).service == nil)
    }

    @Test(arguments: [
        (#"{"error_code":"0","message":"Thành công","result":""}"#, ReplyVerdict.accepted(id: nil)),
        (#"{"error_code":0,"result":"REF-7"}"#, .accepted(id: "REF-7")),
        (#"{"error_code":"3","message":"?"}"#, .alreadyExists), (#"{"error_code":-3}"#, .alreadyExists),
        (#"{"error_code":"1","message":"Hồ sơ ĐÃ TỒN TẠI trong hệ thống"}"#, .alreadyExists),
        ("{\"error_code\":\"1\",\"message\":\"đa\u{303} to\u{302}\u{300}n ta\u{323}i\"}", .alreadyExists),
        (#"{"error_code":"-1","message":"Phiên làm việc đã hết hạn"}"#, .signInAgain),
        (#"{"error_code":9,"message":"Session is invalid"}"#, .signInAgain),
        (
            #"{"error_code":"5","message":"Yêu cầu bị gián đoạn. Vui lòng thử lại"}"#,
            .tryLater(
                ReplyFault(
                    .deliveryUnavailable, theirCode: "5", text: "Yêu cầu bị gián đoạn. Vui lòng thử lại"))
        ),
        (
            #"{"error_code":"7","message":"Mã TTHC không đúng"}"#,
            .refused(
                ReplyFault(.deliveryRefused, theirCode: "7", text: "Mã TTHC không đúng"))
        ),
    ])
    func `replies are understood by code and by text`(text: String, verdict: ReplyVerdict) {
        #expect(DossierReply.verdict(status: 200, body: Array(text.utf8)) == verdict)
    }

    @Test func `both sides agree on what they say`() {
        #expect(DossierReply.exists("A").verdict == .alreadyExists)
        #expect(DossierReply.sessionExpired.verdict == .signInAgain)
        #expect(DossierReply.ok(result: "R").verdict == .accepted(id: "R"))
        #expect(DossierReply.verdict(status: 401, body: []) == .signInAgain)
    }

    @Test(arguments: [
        "", "{}", #"{"success":false}"#, "<html/>", #"{"error_code":null}"#, #"{"error_code":true}"#,
    ])
    func `an answer without a code is asked for again`(text: String) {
        guard case .tryLater(let fault) = DossierReply.verdict(status: 200, body: Array(text.utf8)) else {
            Issue.record("An unreadable answer must be put off.")
            return
        }
        #expect(fault.code == .deliveryReplyUnreadable)
    }

    @Test func `a dossier is found when the answer lists it`() {
        #expect(DossierReply.ok(result: [["MaHoSo": "A"]]).isFound)
        #expect(DossierReply.ok(result: ["MaHoSo": "A"]).isFound)
        #expect(!DossierReply.ok(result: []).isFound && !DossierReply.ok().isFound)
        #expect(!DossierReply(errorCode: "1", message: "", result: [["MaHoSo": "A"]]).isFound)
    }
}
