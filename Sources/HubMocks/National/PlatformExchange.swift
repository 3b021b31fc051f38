import HTTPTypes
import HubDialects
import HubJSON
import HubModel

/// A request as the platform's desk sees it.
struct PlatformRequest: Sendable {
    var method: String
    var path: String
    var queryItems: [(name: String, value: String)]
    var fields: HTTPFields
    var body: [UInt8]

    /// All values of a header, whatever the case of its name.
    func header(_ name: String) -> [String] {
        HTTPField.Name(name).map { self.fields[values: $0] } ?? []
    }

    func query(_ name: String) -> String? {
        self.queryItems.first { $0.name == name }?.value
    }
}

/// What the platform answers.
struct PlatformReply: Sendable {
    var status = 200
    var contentType = "application/json; charset=utf-8"
    var body: [UInt8]
    /// Whether the connection breaks after half of the body.
    var isCutOff = false

    static func json(_ body: [UInt8]) -> PlatformReply { PlatformReply(body: body) }

    static func json(_ value: JSONValue) -> PlatformReply { PlatformReply(body: value.serialised()) }

    static func fault(_ fault: GatewayFault) -> PlatformReply {
        PlatformReply(status: fault.code == "400" ? 400 : fault.status, body: fault.json())
    }

    /// A refusal of the platform's own, for testers rather than for clients.
    static func failure(_ status: Int, _ error: HubError) -> PlatformReply {
        PlatformReply(
            status: status,
            body: JSONValue.object([
                "code": .string(error.code.rawValue), "message": .string("\(error.summary)"),
                "details": .object(JSONObject(error.details.map { (key: $0.key, value: .string($0.value)) })),
            ]).serialised()
        )
    }
}
