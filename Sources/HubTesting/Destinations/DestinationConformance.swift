public import HubCore
public import HubModel

/// What every destination promises, as checks that any implementation can be put through.
///
/// ```swift
/// @Test(arguments: DestinationConformance.checks)
/// func conforms(_ check: DestinationConformance.Check) async throws {
///     try await check.run(
///         DestinationConformance.Subject(
///             destination: myDestination, types: [.edocDocument],
///             receiver: DestinationConformance.Receiver { try myReceiver.arrivals() }
///         )
///     )
/// }
/// ```
///
/// Where a test can take the receiver away, the checks in `absence` say what is promised then; where it can make it
/// take messages and never answer, those in `silence`.
public enum DestinationConformance {
    /// What the receiver has got in one go.
    public struct Arrival: Sendable, Hashable {
        /// The id of the message.
        public let message: String
        /// The id of the delivery, by which the receiver recognises a repeat.
        public let delivery: String
        public let type: String
        public let contentType: String
        /// Empty when none came.
        public let signature: String
        /// `nil` for a destination that does not tell its receiver whom the message is for.
        public let recipient: String?
        public let payload: [UInt8]

        public init(
            message: String, delivery: String, type: String, contentType: String, signature: String,
            recipient: String?, payload: [UInt8]
        ) {
            self.message = message
            self.delivery = delivery
            self.type = type
            self.contentType = contentType
            self.signature = signature
            self.recipient = recipient
            self.payload = payload
        }
    }

    /// The other side of the destination, as far as a test has a hold on it.
    public struct Receiver: Sendable {
        /// Everything that the receiver has, in any order, read as a receiver would read it. What came twice may be there
        /// twice or once.
        let arrivals: @Sendable () async throws -> [Arrival]
        let leave: (@Sendable () async throws -> Void)?
        let comeBack: (@Sendable () async throws -> Void)?
        let fallSilent: (@Sendable () async throws -> Void)?

        /// - Parameters:
        ///   - leave: Makes the receiver unavailable: its server is stopped, its folder cannot be written.
        ///   - comeBack: Makes it available again, where it was.
        ///   - fallSilent: From now on it takes what comes and never answers.
        public init(
            leave: (@Sendable () async throws -> Void)? = nil, comeBack: (@Sendable () async throws -> Void)? = nil,
            fallSilent: (@Sendable () async throws -> Void)? = nil,
            arrivals: @escaping @Sendable () async throws -> [Arrival]
        ) {
            self.arrivals = arrivals
            self.leave = leave
            self.comeBack = comeBack
            self.fallSilent = fallSilent
        }
    }

    /// A destination and its receiver, which has got nothing yet.
    public struct Subject: Sendable {
        public let destination: any Destination
        /// The types that it has a road for; at least one.
        let types: [MessageType]
        let receiver: Receiver
        let patience: Duration

        /// - Parameters:
        ///   - types: Those that it has a road for; at least one.
        ///   - patience: How long an attempt may take before it is said to hang; longer than its own limit in time.
        public init(
            destination: any Destination, types: [MessageType], receiver: Receiver, patience: Duration = .seconds(30)
        ) {
            self.destination = destination
            self.types = types
            self.receiver = receiver
            self.patience = patience
        }
    }

    /// One promise.
    public struct Check: Sendable, CustomStringConvertible {
        /// A sentence about behaviour, without its subject.
        public let description: String
        private let body: @Sendable (Subject) async throws -> Void

        init(_ description: String, _ body: @escaping @Sendable (Subject) async throws -> Void) {
            self.description = description
            self.body = body
        }

        /// Each check wants a fresh subject.
        ///
        /// - Throws: `Failure`, or what the receiver's closures threw.
        public func run(_ subject: Subject) async throws {
            guard !subject.types.isEmpty else { throw Failure(description: "The subject has no types.") }
            try await self.body(subject)
        }
    }

    /// A promise that was not kept.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// What holds of every destination.
    public static let checks: [Check] = handover + repetition + ending

    /// - Throws: `Failure` unless `condition` holds.
    static func expect(_ condition: Bool, _ sentence: @autoclosure () -> String) throws {
        guard condition else { throw Failure(description: sentence()) }
    }

    static func expectEqual(_ found: String, _ wanted: String, _ what: String) throws {
        guard Array(found.utf8) == Array(wanted.utf8) else {
            throw Failure(description: "\(what): wanted \(wanted), found \(found)")
        }
    }
}
