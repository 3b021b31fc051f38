import HubDialects
import HubJSON
import HubModel
import Testing

@Suite struct GatewayTests {
    func lookup(_ headers: [(name: String, value: String)]) -> (String) -> [String] {
        { name in headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value) }
    }

    @Test func `a request for a token is read as it was written`() throws {
        let request = GatewayTokenRequest(key: "khóa", secret: "a:b c")
        #expect(
            try GatewayTokenRequest(self.lookup(request.headers), body: GatewayTokenRequest.body) == request)
        #expect(request.headers.contains { $0 == ("Authorization", "Basic a2jDs2E6YTpiIGM=") })
    }

    @Test(arguments: [
        [], ["Basic"], ["Basic !!!!"], ["Bearer YTpi"], ["Basic YWI="], ["Basic /////w=="], ["Basic YTpi=="],
    ])
    func `a request without readable credentials is refused`(values: [String]) {
        let lookup = self.lookup(values.map { ("Authorization", $0) })
        expectError(.accessUnauthenticated) {
            _ = try GatewayTokenRequest(lookup, body: GatewayTokenRequest.body)
        }
    }

    @Test func `two authorisations are refused`() {
        let lookup = self.lookup([("Authorization", "Basic YTpi"), ("authorization", "Basic YTpi")])
        expectError(.apiHeaderRepeated) {
            _ = try GatewayTokenRequest(lookup, body: GatewayTokenRequest.body)
        }
        expectError(.apiHeaderRepeated) { _ = try GatewayCredential.token(lookup) }
    }

    @Test(arguments: ["", "grant_type=password", "xgrant_type=client_credentials"])
    func `another grant is refused`(body: String) {
        expectError(.apiRequestMalformed) {
            _ = try GatewayTokenRequest(
                self.lookup([("Authorization", "Basic YTpi")]), body: Array(body.utf8))
        }
    }

    @Test func `a token is read as it was written`() throws {
        let reply = GatewayTokenReply(accessToken: "3f2a-1", expiresIn: 3600)
        #expect(try GatewayTokenReply.parse(status: 200, body: reply.encoded()) == reply)
        #expect(try GatewayCredential.token(self.lookup([GatewayCredential.bearer("3f2a-1")])) == "3f2a-1")
        #expect(try GatewayCredential.token(self.lookup([("Authorization", "bearer 3f2a-1")])) == "3f2a-1")
        #expect(try GatewayCredential.token(self.lookup([("Authorization", "Bearer a b")])) == nil)
        #expect(try GatewayCredential.token(self.lookup([])) == nil)
    }

    @Test(arguments: [
        (401, "", ErrorCode.accessDenied), (400, #"{"error":"invalid_client"}"#, .accessDenied),
        (500, "", .deliveryUnavailable), (429, "", .deliveryUnavailable), (200, "", .deliveryReplyUnreadable),
        (200, #"{"access_token":"a"}"#, .deliveryReplyUnreadable),
        (200, #"{"access_token":"a\r\nX: y","expires_in":10}"#, .deliveryReplyUnreadable),
        (200, #"{"access_token":"a","expires_in":0}"#, .deliveryReplyUnreadable),
    ])
    func `a token that does not come says why`(status: Int, body: String, code: ErrorCode) {
        expectError(code) { _ = try GatewayTokenReply.parse(status: status, body: Array(body.utf8)) }
    }

    static let faults = [
        GatewayFault.invalidCredentials, .missingCredentials, .throttled,
        GatewayFault(code: "101503", message: "Error <connecting> & more", description: ""),
    ]

    @Test(arguments: faults)
    func `a fault is read in both forms`(fault: GatewayFault) {
        #expect(GatewayFault.parse(fault.json()) == fault)
        #expect(GatewayFault.parse(fault.xml()) == fault)
    }

    @Test(arguments: [
        "", "{}", "[]", "<a/>", "<fault>", #"{"fault":1}"#, #"{"fault":{}}"#, "<!DOCTYPE fault><fault/>",
    ])
    func `what is no fault is left to the service`(text: String) {
        #expect(GatewayFault.parse(Array(text.utf8)) == nil)
    }

    @Test func `faults say whether a new token helps`() {
        for fault in [GatewayFault.invalidCredentials, .missingCredentials] {
            #expect(GatewayReply.verdict(status: fault.status, body: fault.xml()) == .signInAgain)
            #expect(GatewayReply.verdict(status: 200, body: fault.json()) == .signInAgain)
        }
        guard
            case .tryLater(let later) = GatewayReply.verdict(status: 429, body: GatewayFault.throttled.json())
        else {
            Issue.record("A quota passes.")
            return
        }
        #expect(later.code == .serviceUnavailable && later.theirCode == "900800")
        let forbidden = GatewayFault(code: "900908", message: "Resource forbidden")
        guard case .refused(let fault) = forbidden.verdict else {
            Issue.record("Asking again opens no door.")
            return
        }
        #expect(fault.code == .accessDenied)
    }

    @Test(arguments: [
        (200, #"{"Status":0,"Message":"Không tìm thấy"}"#, ReplyVerdict.accepted(id: nil)),
        (200, "<x/>", .accepted(id: nil)), (401, #"{"licenseInfo":"invalid"}"#, .signInAgain),
        (
            200, #"{"success":false}"#,
            .tryLater(
                ReplyFault(.serviceUnavailable, theirCode: "", text: "The service did not succeed."))
        ),
        (
            504, "",
            .tryLater(ReplyFault(.deliveryTimeout, theirCode: "http.504", text: "The platform is not ready."))
        ),
        (
            500, "",
            .tryLater(
                ReplyFault(.serviceUnavailable, theirCode: "http.500", text: "The platform is not ready."))
        ),
        (
            422, "",
            .refused(ReplyFault(.serviceFailed, theirCode: "http.422", text: "The request was refused."))
        ),
        (
            200, "",
            .tryLater(
                ReplyFault(.deliveryReplyUnreadable, theirCode: "unreadable", text: "The reply is empty."))
        ),
    ])
    func `answers of services are told from failures`(status: Int, body: String, verdict: ReplyVerdict) {
        #expect(GatewayReply.verdict(status: status, body: Array(body.utf8)) == verdict)
    }

    @Test func `questions and answers about citizens are read`() throws {
        #expect(
            CitizenQuestion(["HoVaTen": "TRẦN THỊ MẪU", "SoDinhDanh": "001000000001"])
                == CitizenQuestion(name: "TRẦN THỊ MẪU", number: "001000000001"))
        #expect(CitizenQuestion(["SoCMND": "001000001"])?.number == "001000001")
        #expect(CitizenQuestion(["HoVaTen": "A"]) == nil && CitizenQuestion(["SoDinhDanh": ""]) == nil)
        let answer = CitizenAnswer(errorCode: "0", message: "<CongdanCollection/>")
        #expect(CitizenAnswer(try JSONDocument.parse(answer.encoded()).value) == answer && answer.isFound)
        #expect(!CitizenAnswer.notFound.isFound)
        #expect(
            CitizenAnswer(["error_code": 0, "message": "x"])?.isFound == true && CitizenAnswer([]) == nil)
    }
}
