import HubJSON
import HubModel

/// A fault that a tester has ordered for the next answers of one path (DOMAIN 7, rows 10 to 12).
struct NationalFault: Hashable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// HTTP 200 with an error as a sentence and `success: false`, no code.
        case text
        /// HTTP 200 and nothing.
        case empty
        /// HTTP 500.
        case error
        /// HTTP 401 with `licenseInfo: invalid`.
        case license
        /// The request is worked on, and the answer breaks off in the middle.
        case cutOff = "cut-off"
    }

    var path: String
    var kind: Kind
    var times: Int

    /// Reads `{"path": …, "kind": …, "times": …}`.
    ///
    /// - Throws: `api.request_malformed`.
    init(_ body: [UInt8]) throws(HubError) {
        guard let value = (try? JSONDocument.parse(body))?.value, let path = value["path"]?.string,
            path.hasPrefix("/"),
            let kind = value["kind"]?.string.flatMap(Kind.init(rawValue:)),
            let times = value["times"] == nil ? 1 : value["times"]?.int, (0...100_000).contains(times)
        else {
            throw HubError(
                .apiRequestMalformed, "A fault needs a 'path', a 'kind' and, if not 1, 'times'.",
                details: [ErrorDetail("kinds", Kind.allCases.map(\.rawValue).joined(separator: ", "))]
            )
        }
        self.path = path
        self.kind = kind
        self.times = times
    }

    /// What is answered instead; `nil` when the request is worked on all the same.
    static func reply(_ kind: Kind) -> PlatformReply? {
        switch kind {
        case .text:
            .json(
                JSONValue.object([
                    "success": false, "message": "Yêu cầu bị gián đoạn. Vui lòng thử lại",
                ]).serialised())
        case .empty: .json([])
        case .error:
            PlatformReply(status: 500, contentType: "text/html", body: Array("<html>500</html>".utf8))
        case .license:
            PlatformReply(status: 401, body: JSONValue.object(["licenseInfo": "invalid"]).serialised())
        case .cutOff: nil
        }
    }
}
