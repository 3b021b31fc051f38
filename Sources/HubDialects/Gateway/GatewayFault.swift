import HubJSON
import HubModel
import HubXML

/// A fault of the gateway itself, in the forms of WSO2 (DOMAIN 4.1), as against an answer of the service behind it.
public struct GatewayFault: Hashable, Sendable {
    public var code: String
    public var message: String
    public var description: String

    public init(code: String, message: String, description: String = "") {
        self.code = code
        self.message = message
        self.description = description
    }

    public static let invalidCredentials = GatewayFault(
        code: "900901", message: "Invalid Credentials",
        description: "Access failure for API. Make sure you have provided the correct security credentials."
    )
    public static let missingCredentials = GatewayFault(
        code: "900902", message: "Missing Credentials",
        description:
            "Make sure your API invocation call has a header: \"Authorization: Bearer ACCESS_TOKEN\"."
    )
    public static let throttled = GatewayFault(
        code: "900800", message: "Message throttled out", description: "You have exceeded your quota."
    )
    /// No service has this path.
    public static let notFound = GatewayFault(
        code: "404", message: "Not Found", description: "The requested resource is not available."
    )

    /// The HTTP status that goes with the fault.
    public var status: Int {
        switch self.code {
        case "900901", "900902": 401
        case "900800": 429
        case "404": 404
        default: 500
        }
    }

    /// The fault as JSON.
    public func json() -> [UInt8] {
        JSONValue.object([
            "fault": [
                "code": JSONNumber(text: self.code).map { .number($0) } ?? .string(self.code),
                "message": .string(self.message), "description": .string(self.description),
            ]
        ]).serialised()
    }

    /// The fault as XML.
    public func xml() -> [UInt8] {
        Array(
            """
            <ams:fault xmlns:ams="http://wso2.org/apimanager/security"><ams:code>\(XMLText.escaped(self.code))</ams:code>\
            <ams:message>\(XMLText.escaped(self.message))</ams:message>\
            <ams:description>\(XMLText.escaped(self.description))</ams:description></ams:fault>
            """.utf8)
    }

    /// Reads a fault in either form; `nil` for anything else.
    public static func parse(_ bytes: [UInt8]) -> GatewayFault? {
        let first = bytes.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        // Nothing in a fault is long: a large body is an answer.
        guard bytes.count <= 64 << 10 else { return nil }
        if first == UInt8(ascii: "<") {
            guard let root = (try? XMLDocument.parse(bytes))?.root, root.localName == "fault",
                let code = root.child("code")?.text
            else { return nil }
            return GatewayFault(
                code: code, message: root.child("message")?.text ?? "",
                description: root.child("description")?.text ?? ""
            )
        }
        guard let fault = (try? JSONDocument.parse(bytes))?.value["fault"],
            let code = ReplyText.code(fault["code"])
        else { return nil }
        return GatewayFault(
            code: code, message: fault["message"]?.string ?? "",
            description: fault["description"]?.string ?? ""
        )
    }

    /// What the fault means.
    public var verdict: ReplyVerdict {
        switch self.code {
        case "900901", "900902", "900903", "900904": .signInAgain
        case "900908", "900909", "900910":
            .refused(ReplyFault(.accessDenied, theirCode: self.code, text: self.message))
        default: .tryLater(ReplyFault(.serviceUnavailable, theirCode: self.code, text: self.message))
        }
    }
}

/// The answer of a service behind the gateway.
public enum GatewayReply {
    /// What an HTTP reply means.
    ///
    /// A body that is no fault is the service's answer, and stays as it is.
    public static func verdict(status: Int, body: [UInt8]) -> ReplyVerdict {
        if let fault = GatewayFault.parse(body) { return fault.verdict }
        switch ReplyVerdict.ofStatus(status) {
        case .tryLater(let fault):
            return .tryLater(
                ReplyFault(
                    status == 408 || status == 504 ? .deliveryTimeout : .serviceUnavailable,
                    theirCode: fault.theirCode,
                    text: fault.text
                )
            )
        case .refused(let fault):
            return .refused(ReplyFault(.serviceFailed, theirCode: fault.theirCode, text: fault.text))
        case let verdict?:
            return verdict
        case nil:
            if body.isEmpty { return .unreadable("The reply is empty.") }
            guard let value = (try? JSONDocument.parse(body, limits: ReplyText.limits))?.value else {
                return .accepted(id: nil)
            }
            // The one form of refusal under HTTP 200 that is no answer: the wrapper failed before it asked.
            if value["success"]?.bool == false {
                let text = value["message"]?.string ?? "The service did not succeed."
                return .tryLater(
                    ReplyFault(
                        .serviceUnavailable, theirCode: ReplyText.code(value["errorCode"]) ?? "", text: text)
                )
            }
            return .accepted(id: nil)
        }
    }
}
