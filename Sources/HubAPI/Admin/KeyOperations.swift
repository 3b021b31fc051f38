internal import HubJSON
public import HubModel
internal import Hummingbird

/// What operators do with the keys of a running hub.
public struct KeyOperations: Sendable {
    let rotate: @Sendable (_ kind: String?, _ key: String?, _ reason: String) async throws(HubError) -> [UInt8]
    let reload: @Sendable (_ reason: String) async throws(HubError) -> [UInt8]

    /// - Parameters:
    ///   - rotate: Gives the hub another key: a new one of this kind or of the same, or the one in a token that a URI
    ///     names; answers with JSON.
    ///   - reload: Reads the keys of systems and agencies again; answers with JSON.
    public init(
        rotate: @escaping @Sendable (_ kind: String?, _ key: String?, _ reason: String) async throws(HubError) -> [UInt8],
        reload: @escaping @Sendable (_ reason: String) async throws(HubError) -> [UInt8]
    ) {
        self.rotate = rotate
        self.reload = reload
    }

    /// What an operator may say: an object of texts, or nothing.
    struct Wish {
        /// Bytes of a body that says what is wanted and why.
        private static let limit = 8 << 10

        let kind: String?
        let key: String?
        let reason: String

        init(_ request: Request) async throws(HubError) {
            let bytes = try await request.bytes(upTo: Self.limit, within: .seconds(10))
            if bytes.isEmpty {
                (self.kind, self.key, self.reason) = (nil, nil, "")
                return
            }
            guard let members = try JSONDocument.parse(bytes).value.object,
                members.members.allSatisfy({ ["kind", "key", "reason"].contains($0.key) && $0.value.string != nil })
            else {
                throw HubError(
                    .apiRequestMalformed, "Expected an object with the texts kind or key, and reason, or nothing."
                )
            }
            (self.kind, self.key) = (members["kind"]?.string, members["key"]?.string)
            self.reason = members["reason"]?.string ?? ""
        }
    }
}
