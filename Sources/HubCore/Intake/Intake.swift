internal import HubEnvelope
public import HubModel
internal import HubSchema

/// Takes messages on: what it answers `accepted` for is authentic, valid, routable and on disk.
public struct Intake: Sendable {
    private let contracts: ContractRing
    private let budget: CallBudget
    private let journal: any Journal
    private let outbox: Outbox
    private let clock: any HubClock
    private let ids: MessageIDSource
    private let metrics: HubMetrics
    private let keys: KeyRing
    private let stamps: @Sendable () -> HubError?
    private let strangers = RecordAllowance(perSecond: 10, atOnce: 100)

    /// - Parameter stamps: Why the hub's time is not vouched for now; `nil` when it is.
    public init(
        contracts: ContractRing, keys: KeyRing, budget: CallBudget = CallBudget(), journal: any Journal, outbox: Outbox, clock: any HubClock, ids: MessageIDSource, metrics: HubMetrics,
        stamps: @escaping @Sendable () -> HubError? = { Intake.noAuthority }
    ) {
        self.keys = keys
        self.stamps = stamps
        self.contracts = contracts
        self.budget = budget
        self.journal = journal
        self.outbox = outbox
        self.clock = clock
        self.ids = ids
        self.metrics = metrics
    }

    /// What a hub without a timestamp authority answers where one is required.
    public static let noAuthority = HubError(
        .timestampUnavailable, "Messages of this type are taken only with timestamps, and this hub has no authority."
    )

    /// The adapter of a system by the contracts that hold at present.
    package func adapter(of system: SystemID) -> Adapter? { self.contracts.current.adapters[system] }

    /// A place for a body that is too large to be held.
    package func reception(of count: Int) async throws(HubError) -> any PayloadReception {
        try await self.journal.reception(of: count)
    }

    /// Opens, checks, routes and journals one message.
    ///
    /// - Throws: The reason for the refusal, which has been recorded; `journal.*` when nothing could be written.
    public func submit(_ submission: Submission) async throws(HubError) -> SubmissionResult {
        let started = self.clock.uptime
        do throws(HubError) {
            let result = try await self.take(submission)
            self.metrics.submitted(submission.sender.system, code: nil, took: self.clock.uptime - started)
            return result
        } catch {
            self.metrics.submitted(submission.sender.system, code: error.code, took: self.clock.uptime - started)
            await self.refuse(submission, error)
            throw error
        }
    }

    /// Records that something was turned away before it became a submission: an unknown caller, a body too large.
    ///
    /// Of callers that nobody knows (an empty `sender`) a few a second are recorded; all are counted in the metrics.
    public func recordRefusal(sender: String, type: String, digest: Digest, size: Int, error: HubError) async {
        self.metrics.refused(error.code)
        // Whoever nobody knows must not be able to fill the disk with records.
        guard !sender.isEmpty || self.strangers.allows(at: self.clock.uptime) else { return }
        let place = [
            error.detail("line").map { line in "\(line):\(error.detail("column") ?? "0")" }, error.detail("path"),
        ].compactMap(\.self).joined(separator: " ")
        let refusal = Refusal(
            at: self.clock.now, sender: sender.prefix(bytes: 64), type: type.prefix(bytes: 64), digest: digest,
            size: size, code: error.code, place: place.prefix(bytes: 300)
        )
        // A journal that cannot be written has been reported by itself; the refusal stands all the same.
        _ = try? await self.journal.append(.refused(refusal), payload: nil)
    }

    private func refuse(_ submission: Submission, _ error: HubError) async {
        switch error.code {
        case .journalClosed, .journalOverloaded, .journalUnavailable: return
        default:
            await self.recordRefusal(
                sender: submission.sender.system.description, type: submission.type ?? "",
                digest: submission.digest, size: submission.body.count, error: error
            )
        }
    }

    private func take(_ submission: Submission) async throws(HubError) -> SubmissionResult {
        let now = self.clock.now
        let day = CivilTime(now, offset: CivilTime.vietnamOffset).date
        let contracts = self.contracts.current
        try self.budget.take(submission.sender, at: now, uptime: self.clock.uptime)
        let read = try PayloadReader(contracts, keys: self.keys, metrics: self.metrics).read(
            submission,
            policy: { type throws(HubError) in
                let rule = try self.rule(of: submission.sender, for: type)
                if rule.needsTimestamp, let fault = self.stamps() { throw fault }
                return ReadPolicy(rule.signature, isConfidential: rule.isConfidential, profile: rule.profile)
            }, at: now
        )
        let rule = try self.rule(of: submission.sender, for: read.form.type)
        let identity = try Self.identity(of: read, rule: rule, submission: submission)
        let deliveries: [PlannedDelivery]
        do throws(HubError) {
            deliveries = try self.metrics.stage(.route) { () throws(HubError) in
                try contracts.router.route(
                    read.document, form: read.form, from: submission.sender, named: submission.recipient, on: day
                )
            }
        } catch {
            // What was accepted stays accepted, wherever it would go today. The journal looks for repeats by itself,
            // so only what has no way is asked for here.
            guard let first = try await self.journal.message(from: submission.sender.system, identity: identity) else {
                throw error
            }
            return try await self.repeated(first.id, sameContent: first.digest == read.digest)
        }
        if case .large(let payload) = submission.body {
            try contracts.router.checkPieces(of: deliveries, size: payload.count)
        }
        if read.wasEnveloped { try contracts.router.checkCarriage(of: deliveries) }
        if read.isConfidential { try ParcelMaker.checkRecipients(of: deliveries, keys: self.keys.current.registry) }
        let course = Self.course(of: read)
        var warnings = read.warnings
        if let course {
            let transitions = (try? contracts.schemas.schema(for: read.form.type))?.checks?.transitions
            warnings += try await CourseDesk(journal: self.journal).warnings(for: course, transitions)
        }
        let message = AcceptedMessage(
            id: self.ids.next(), receivedAt: now, sender: submission.sender.system, agency: read.agency.text,
            type: read.form.type, identity: identity, digest: read.digest, size: submission.body.count,
            contentType: read.contentType, orderKey: Self.orderKey(of: read, rule: rule, identity: identity),
            priority: Self.priority(of: read), correlation: submission.correlation.prefix(bytes: 200),
            signature: read.signature, warnings: warnings.map(\.code), deliveries: deliveries, course: course
        )
        switch try await self.append(message, submission.body) {
        case .committed(let receipt, let sequence):
            await self.outbox.enqueue(message, sequence: sequence)
            return .accepted(message.id, receipt, warnings)
        case .repeated(let first, let sameContent):
            return try await self.repeated(first, sameContent: sameContent)
        }
    }

    private func append(_ message: AcceptedMessage, _ payload: Payload) async throws(HubError) -> AppendResult {
        switch payload {
        case .whole(let bytes): try await self.journal.append(.accepted(message), payload: bytes)
        case .large(let large): try await self.journal.append(message, large: large)
        }
    }

    /// - Throws: `intake.identity_conflict`, what the journal throws.
    private func repeated(_ first: MessageID, sameContent: Bool) async throws(HubError) -> SubmissionResult {
        guard sameContent else {
            throw HubError(
                .intakeIdentityConflict, "A message with this identity and other content was accepted before.",
                details: [ErrorDetail("first", first)]
            )
        }
        return .repeated(first, try await self.journal.receipt(of: first))
    }

    private func rule(of sender: Adapter, for type: MessageType) throws(HubError) -> SendRule {
        guard let rule = sender.sendRule(for: type) else {
            throw HubError(
                .accessDenied, "The system may not send messages of this type.",
                details: [ErrorDetail("system", sender.system), ErrorDetail("type", type)]
            )
        }
        return rule
    }

    /// Parts are joined with a character that no field can hold, so different parts never make the same identity.
    private static func identity(
        of read: ReadPayload, rule: SendRule, submission: Submission
    ) throws(HubError) -> String {
        let type = read.form.type.description
        if rule.identifiesByContent {
            return Self.bounded(
                [type, submission.messageID.map { "id:" + $0 } ?? read.digest.description].joined(separator: "\u{1F}"),
                type
            )
        }
        // One text that two systems write in different characters is one identity.
        let parts = rule.identity.map { read.stable(read.form.text(of: $0, in: read.document) ?? "").comparable }
        guard parts.contains(where: { !$0.isEmpty }) else {
            throw HubError(
                .intakeIdentityMissing, "The payload has none of the fields that identify a message of this type.",
                details: [ErrorDetail("fields", rule.identity.joined(separator: ", "))]
            )
        }
        return Self.bounded(([type, read.agency.code.text] + parts).joined(separator: "\u{1F}"), type)
    }

    /// Long fields would make long keys; their digest identifies as well.
    private static func bounded(_ identity: String, _ type: String) -> String {
        identity.utf8.count <= 512 ? identity : type + "\u{1F}" + SHA256.hash(Array(identity.utf8)).description
    }

    private static func orderKey(of read: ReadPayload, rule: SendRule, identity: String) -> String {
        let text = read.stable(rule.orderBy.flatMap { read.form.text(of: $0, in: read.document) } ?? "").comparable
        guard !text.isEmpty else { return SHA256.hash(Array(identity.utf8)).description }
        return text.utf8.count <= 200 ? text : SHA256.hash(Array(text.utf8)).description
    }

    private static func course(of read: ReadPayload) -> CourseNote? {
        guard let course = read.form.course,
            let matter = read.form.text(of: course.matter, in: read.document).map({ read.stable($0).comparable }), !matter.isEmpty
        else { return nil }
        func text(_ field: String?) -> String {
            read.stable(field.flatMap { read.form.text(of: $0, in: read.document) } ?? "")
        }
        return CourseNote(
            matter: matter, status: text(course.status), agency: read.agency.code.text, told: text(course.told)
        )
    }

    private static func priority(of read: ReadPayload) -> UInt8 {
        guard let text = read.form.text(of: "Priority", in: read.document), let value = UInt8(text), value <= 4 else {
            return 0
        }
        return value
    }
}
