import HubDialects
import HubJSON
import HubModel
import Testing

@Suite struct AxisReplyTests {
    static let entry = AxisInboxEntry(
        docID: "5f1c", messageType: .status, createdTime: "2026/03/05 06:07:08",
        updatedTime: "2026/03/05 06:07:09",
        from: "000.00.11.H55", to: ["H44.13", "H44.11"], status: .processing
    )

    @Test(arguments: [
        AxisReply.ok(docID: "5f1c"), .ok(), .failed(.receiverUnknown, docID: "5f1c"), .list([entry]),
        .document(Array("<edXML/>".utf8), docID: "5f1c"),
        .refused(HubError(.schemaPayloadInvalid, "x"), problem: ["code": "schema.payload_invalid"]),
    ])
    func `what one side writes the other side reads`(reply: AxisReply) throws {
        #expect(try AxisReply.parse(reply.encoded()) == reply)
    }

    @Test func `a yes has the form of the field`() throws {
        let value = try JSONDocument.parse(AxisReply.ok(docID: "5f1c").encoded()).value
        #expect(value == ["status": "OK", "ErrorCode": "0", "ErrorDesc": "Thành công", "DocId": "5f1c"])
    }

    @Test func `a list and a packet survive the way`() throws {
        #expect(try AxisReply.parse(AxisReply.list([Self.entry]).encoded()).entries() == [Self.entry])
        let bytes = [UInt8]((0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) })
        #expect(try AxisReply.parse(AxisReply.document(bytes, docID: "1").encoded()).document() == bytes)
    }

    @Test func `base64 in lines is read too`() throws {
        let text = #"{"status":"OK","ErrorCode":0,"data":"AAEC\r\nAwQF\n"}"#
        #expect(try AxisReply.parse(Array(text.utf8)).document() == [0, 1, 2, 3, 4, 5])
    }

    @Test(arguments: [
        "", "null", "[]", "{}", "<html/>", #"{"status":"ok"}"#, #"{"status":1}"#, #"{"status":"OK""#,
        #"{"status":"OK","status":"FAIL"}"#,
    ])
    func `what is no reply is unreadable and asked again`(text: String) {
        expectError(.deliveryReplyUnreadable) { _ = try AxisReply.parse(Array(text.utf8)) }
        guard case .tryLater(let fault) = AxisReply.verdict(status: 200, body: Array(text.utf8)) else {
            Issue.record("A reply that cannot be read must not end a delivery.")
            return
        }
        #expect(fault.code == .deliveryReplyUnreadable)
    }

    @Test(arguments: [#"{"data":"x"}"#, #"{"data":{}}"#, "{}"])
    func `what is no list is unreadable`(text: String) throws {
        let data = try JSONDocument.parse(Array(text.utf8)).value["data"]
        expectError(.deliveryReplyUnreadable) { _ = try AxisReply.ok(data: data).entries() }
    }

    @Test(arguments: [#"{"data":[1]}"#, #"{"data":""}"#, #"{"data":"!"}"#, "{}"])
    func `what is no packet is unreadable`(text: String) throws {
        let data = try JSONDocument.parse(Array(text.utf8)).value["data"]
        expectError(.deliveryReplyUnreadable) { _ = try AxisReply.ok(data: data).document() }
    }

    @Test func `an entry that cannot be fetched does not hide the others, whatever they are called`() throws {
        let text = """
            [{"docId":""}, {"docId":"1","messageType":"x"}, 1, {"docId":"2","messageType":"status"},
             {"docId":"3","messageType":"revocation"}, {"docId":"4","messageType":"update"},
             {"docId":"5","messageType":"replacement","status":"no-such-status"}]
            """
        let entries = try AxisReply.ok(data: try JSONDocument.parse(Array(text.utf8)).value).entries()
        #expect(entries.map(\.docID) == ["2", "3", "4", "5"])
        #expect(entries.map(\.messageType) == [.status, .edoc, .edoc, .edoc])
        #expect(entries.allSatisfy { $0.status == .inbox })
    }

    @Test func `codes are read as numbers and as texts`() throws {
        for code in ["18", "\"18\""] {
            let reply = try AxisReply.parse(Array(#"{"status":"FAIL","ErrorCode":\#(code)}"#.utf8))
            #expect(reply.verdict == .refused(ReplyFault(.routeReceiverUnknown, theirCode: "18", text: "")))
        }
    }

    @Test func `an OK with an error code is not a yes`() throws {
        let reply = try AxisReply.parse(Array(#"{"status":"OK","ErrorCode":"20","ErrorDesc":"bận"}"#.utf8))
        #expect(reply.verdict == .tryLater(ReplyFault(.deliveryUnavailable, theirCode: "20", text: "bận")))
    }

    @Test(arguments: [
        (AxisErrorCode.invalidFile, true), (.wrongSecret, false), (.receiverUnknown, true),
        (.senderNotRegistered, true), (.systemError, false), (.fileProcessing, false), (.notStandard, true),
        (.receiverLocked, true),
    ])
    func `each code is final or passing`(code: AxisErrorCode, isFinal: Bool) {
        switch AxisReply.failed(code).verdict {
        case .refused(let fault):
            #expect(isFinal && fault.theirCode == code.rawValue)
        case .tryLater(let fault):
            #expect(!isFinal && fault.theirCode == code.rawValue)
        default:
            Issue.record("A no is refused or put off.")
        }
    }

    @Test func `a code of another platform's own is put off, and a repeat is recognised`() {
        let unknown = AxisReply(isOK: false, errorCode: "9999", errorDescription: "?")
        #expect(unknown.verdict == .tryLater(ReplyFault(.deliveryUnavailable, theirCode: "9999", text: "?")))
        #expect(AxisReply(isOK: false, errorCode: "ExistDoc", errorDescription: "").verdict == .alreadyExists)
    }

    @Test(arguments: ErrorCode.allCases)
    func `every refusal of the hub has a code of the axis`(code: ErrorCode) {
        let axis = AxisErrorCode(code)
        #expect(axis != .ok)
        if code.advice == .sameAgainLater {
            #expect(!axis.isPermanent, "\(code) may pass, so \(axis) must too")
        }
    }

    @Test(arguments: [
        (ErrorCode.routeReceiverUnknown, AxisErrorCode.receiverUnknown),
        (.routeReceiverClosed, .receiverLocked),
        (.accessUnauthenticated, .wrongSecret), (.accessAgencyNotOwn, .senderNotRegistered),
        (.schemaPayloadInvalid, .notStandard), (.xmlDoctypeForbidden, .invalidFile),
        (.envelopeHashMismatch, .invalidFile), (.journalUnavailable, .systemError),
        (.mappingFailed, .fileProcessing),
    ])
    func `refusals keep their sense`(code: ErrorCode, axis: AxisErrorCode) {
        #expect(AxisErrorCode(code) == axis)
    }

    @Test(arguments: [
        (400, ErrorCode.deliveryUnavailable), (401, .accessDenied), (404, .deliveryUnavailable),
        (408, .deliveryTimeout), (429, .deliveryUnavailable), (500, .deliveryUnavailable),
        (503, .deliveryUnavailable),
    ])
    func `an HTTP error may pass`(status: Int, code: ErrorCode) {
        guard case .tryLater(let fault) = AxisReply.verdict(status: status, body: AxisReply.ok().encoded())
        else {
            Issue.record("HTTP \(status) must be put off.")
            return
        }
        #expect(fault.code == code && fault.theirCode == "http.\(status)")
    }

    @Test(arguments: [413, 415, 422])
    func `an HTTP error about the request is final`(status: Int) {
        guard case .refused(let fault) = AxisReply.verdict(status: status, body: []) else {
            Issue.record("HTTP \(status) must be final.")
            return
        }
        #expect(fault.code == .deliveryRefused)
    }

    @Test func `a page of foreign text is cut`() {
        let fault = ReplyFault(.deliveryRefused, theirCode: "1", text: String(repeating: "ễ", count: 10_000))
        #expect(fault.text.count == 301)
        #expect(fault.error.detail("platform_text") == fault.text)
    }
}
