/// Why the hub could not do what it was asked.
public struct HubError: Error, Sendable {
    public let code: ErrorCode
    /// A whole sentence. Static, so that nothing from a message can slip into it.
    public let summary: StaticString
    /// The variable part. Paths, limits, counts and ids; never payload, keys or credentials.
    public let details: [ErrorDetail]
    /// What does not fit, where, for a document that breaks its schema; empty otherwise.
    public let violations: [Violation]
    /// The foreign error this one was made from. Kept for logs, never shown to senders.
    public let cause: (any Error)?

    public init(
        _ code: ErrorCode,
        _ summary: StaticString,
        details: [ErrorDetail] = [],
        violations: [Violation] = [],
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.summary = summary
        self.details = details
        self.violations = violations
        self.cause = cause
    }

    /// The value of the first detail with this key.
    public func detail(_ key: String) -> String? {
        self.details.first { $0.key == key }?.value
    }

    /// The same error with further details, for a caller that knows more about where it happened.
    public func adding(_ details: ErrorDetail...) -> HubError {
        HubError(
            self.code, self.summary, details: self.details + details, violations: self.violations, cause: self.cause
        )
    }
}

extension HubError: CustomStringConvertible {
    /// One line for logs and terminals: code, sentence, details.
    public var description: String {
        let details = self.details.map { "\($0.key)=\($0.value)" }
        let tail = details.isEmpty ? "" : " (" + details.joined(separator: ", ") + ")"
        return "\(self.code.rawValue): \(self.summary)\(tail)"
    }
}

/// One variable fact about an error.
public struct ErrorDetail: Hashable, Sendable {
    public let key: String
    public let value: String

    public init(_ key: String, _ value: some CustomStringConvertible) {
        self.key = key
        self.value = value.description
    }
}
