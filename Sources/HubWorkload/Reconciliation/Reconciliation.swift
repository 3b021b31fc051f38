import HubModel

/// What the ledgers say when they are laid side by side.
///
/// Pure: the same ledgers give the same answer. Nothing a hub says about itself is taken for granted: a message is
/// delivered when its receiver wrote it down, and lost when the sender was told that it was accepted and nobody
/// has it.
public struct Reconciliation: Sendable {
    /// Messages handed in, each once however often it was sent again.
    public private(set) var submitted = 0
    public private(set) var accepted = 0
    /// Refused, by code.
    public private(set) var refused: [String: Int] = [:]
    /// Handed in without ever learning the answer.
    public private(set) var unanswered = 0
    /// Pairs of message and receiver that the receiver wrote down, copies for subscribers included.
    public private(set) var delivered = 0
    /// Pairs still on the way.
    public private(set) var pending: [String] = []
    public private(set) var deadLettered: [String] = []
    public private(set) var lost: [String] = []
    /// Arrivals that a receiver took for new though it had them.
    public private(set) var duplicated: [String] = []
    /// Arrivals that came again and were recognised: allowed, since delivery is at least once.
    public private(set) var repeated = 0
    public private(set) var outOfOrder: [String] = []
    /// Where two ledgers do not tell the same story, in sentences.
    public private(set) var disagreements: [String] = []
    /// From submission to arrival, sorted.
    public private(set) var transits: [Duration] = []

    private let ledgers: Ledgers
    private let messageByID: [String: HubMessage]
    private let messagesByDigest: [String: [HubMessage]]
    private let submissionsByDigest: [String: [Int]]
    private let arrivalsByDigest: [String: [Arrival]]
    /// By the message id and by the delivery id under which they came.
    private let arrivalsByID: [String: [Arrival]]

    public init(_ ledgers: Ledgers) {
        self.ledgers = ledgers
        self.messageByID = Dictionary(ledgers.messages.map { ($0.id, $0) }) { first, _ in first }
        self.messagesByDigest = Dictionary(grouping: ledgers.messages, by: \.digest)
        var byDigest: [String: [Int]] = [:]
        for (place, submission) in ledgers.submissions.enumerated() {
            for digest in Set([submission.digest] + submission.records) {
                byDigest[digest, default: []].append(place)
            }
        }
        self.submissionsByDigest = byDigest
        self.arrivalsByDigest = Dictionary(grouping: ledgers.arrivals, by: \.digest)
        var byID: [String: [Arrival]] = [:]
        for arrival in ledgers.arrivals {
            for id in Set([arrival.message, arrival.delivery].compactMap(\.self)) {
                byID[id, default: []].append(arrival)
            }
        }
        self.arrivalsByID = byID
        self.countSubmissions()
        self.followAccepted()
        self.followCopies()
        self.findDuplicates()
        self.checkOrder()
        self.compareSendersWithHubs()
        self.compareHubsWithReceivers()
        self.transits.sort()
    }

    /// The transit below which `share` of all deliveries lie; `nil` without deliveries.
    public func transit(at share: Double) -> Duration? {
        guard !self.transits.isEmpty else { return nil }
        let rank = Int((share * Double(self.transits.count)).rounded(.up))
        return self.transits[max(0, min(self.transits.count, rank) - 1)]
    }

    /// Everything accepted arrived, once and in order, nothing is under way, and the ledgers agree.
    public var isSound: Bool {
        self.unanswered == 0 && self.pending.isEmpty && self.lost.isEmpty && self.duplicated.isEmpty
            && self.outOfOrder.isEmpty && self.disagreements.isEmpty
    }

    // MARK: - Senders

    private mutating func countSubmissions() {
        for submission in self.ledgers.submissions {
            self.submitted += 1
            switch submission.answer {
            case nil: self.unanswered += 1
            case .some(let answer) where answer.accepted: self.accepted += 1
            case .some(let answer): self.refused[answer.code ?? "unknown", default: 0] += 1
            }
        }
    }

    /// Every accepted message at every receiver that its sender named.
    private mutating func followAccepted() {
        for submission in self.ledgers.submissions where submission.answer?.accepted == true {
            for recipient in submission.recipients {
                let name = "\(Self.name(submission)) → \(recipient)"
                if let arrival = self.arrival(of: submission, at: recipient) {
                    self.delivered += 1
                    self.transits.append(arrival.at.since(submission.at))
                    continue
                }
                let phases = (self.messagesByDigest[submission.digest] ?? []).flatMap(\.deliveries)
                    .filter { Self.isSame($0.recipient, recipient) || $0.destination == recipient }.map(
                        \.phase)
                if phases.contains(.pending) || self.ledgers.heldByNational.contains(submission.digest) {
                    self.pending.append(name)
                } else if phases.contains(.deadLettered) {
                    self.deadLettered.append(name)
                } else {
                    self.lost.append(name)
                }
            }
        }
    }

    /// The arrival of a message where `recipient` keeps its ledger; of its last record, where records are kept.
    func arrival(of submission: Submission, at recipient: String) -> Arrival? {
        let receiver = self.receiver(of: recipient)
        if receiver == Ledgers.national, AgencyCode(recipient) == nil, !submission.records.isEmpty {
            let arrivals = submission.records.compactMap { digest in
                self.arrivalsByDigest[digest]?.first { $0.receiver == receiver && !$0.isRepeat }
            }
            return arrivals.count == submission.records.count ? arrivals.max { $0.at < $1.at } : nil
        }
        let candidates = (self.arrivalsByDigest[submission.digest] ?? []).filter {
            !$0.isRepeat && $0.receiver == receiver
        }
        // One system may keep the ledger of several agencies, and the platform that of all ministries.
        if let exact = candidates.first(where: { $0.to.map { Self.isSame($0, recipient) } ?? false }) {
            return exact
        }
        return candidates.first { arrival in
            guard let to = arrival.to else { return true }
            return !submission.recipients.contains { Self.isSame($0, to) }
        }
    }

    /// The ledger that an agency's messages arrive in: of the system that names the agency itself, else of the one
    /// that names the nearest agency above it.
    private func receiver(of recipient: String) -> String {
        guard let code = AgencyCode(recipient) else { return Ledgers.national }
        let owners = self.ledgers.agencies.flatMap { system, agencies in
            agencies.filter { code.isWithin($0) }.map { (system: system, depth: $0.text.utf8.count) }
        }
        let nearest = owners.max { ($0.depth, $1.system) < ($1.depth, $0.system) }
        return nearest?.system ?? Ledgers.national
    }

    // MARK: - Copies

    /// What a hub made itself, such as a subscriber's indicators: no sender can name these receivers.
    private mutating func followCopies() {
        for message in self.ledgers.messages {
            for delivery in message.deliveries where delivery.type != message.type && !delivery.type.isEmpty {
                let name =
                    "\(message.hub) \(message.id).\(delivery.ordinal) \(delivery.type) → \(delivery.destination)"
                if let arrival = self.arrival(of: delivery, of: message) {
                    self.delivered += 1
                    if let submission = self.submissionsByDigest[message.digest]?.first {
                        self.transits.append(arrival.at.since(self.ledgers.submissions[submission].at))
                    }
                } else {
                    switch delivery.phase {
                    case .pending: self.pending.append(name)
                    case .deadLettered: self.deadLettered.append(name)
                    case .delivered: self.lost.append(name)
                    }
                }
            }
        }
    }

    /// The arrival that belongs to a delivery, by the ids under which the hub sent it, else by its bytes.
    private func arrival(of delivery: HubMessage.Delivery, of message: HubMessage) -> Arrival? {
        guard let receiver = Self.system(of: delivery.destination) else { return nil }
        let id = "\(message.id).\(delivery.ordinal)"
        for candidates in [
            self.arrivalsByID[id], self.arrivalsByID[message.id], self.arrivalsByDigest[message.digest],
        ] {
            if let arrival = candidates?.first(where: { $0.receiver == receiver && !$0.isRepeat }) {
                return arrival
            }
        }
        return nil
    }

    // MARK: - Receivers

    private mutating func findDuplicates() {
        var seen: Set<[String]> = []
        for arrival in self.ledgers.arrivals {
            if arrival.isRepeat {
                self.repeated += 1
                continue
            }
            var isNew = seen.insert([arrival.receiver, arrival.to ?? "", "digest", arrival.digest]).inserted
            if let delivery = arrival.delivery {
                isNew = seen.insert([arrival.receiver, "", "delivery", delivery]).inserted && isNew
            }
            if !isNew {
                self.duplicated.append(
                    "\(arrival.receiver): \(arrival.type) \(arrival.delivery ?? arrival.digest)")
            }
        }
    }

    /// What one sender sent about one thing must stand in each receiver's ledger in the order of sending.
    private mutating func checkOrder() {
        var latest: [[String]: Int] = [:]
        for arrival in self.ledgers.arrivals where !arrival.isRepeat {
            guard let place = self.submission(behind: arrival) else { continue }
            let submission = self.ledgers.submissions[place]
            guard !submission.order.isEmpty else { continue }
            let lane = [arrival.receiver, arrival.to ?? "", submission.sender, submission.order]
            if let before = latest[lane], before > place {
                self.outOfOrder.append(
                    "\(arrival.receiver): \(Self.name(submission)) after \(Self.name(self.ledgers.submissions[before]))"
                )
            }
            latest[lane] = max(latest[lane] ?? place, place)
        }
    }

    private func submission(behind arrival: Arrival) -> Int? {
        if let place = self.submissionsByDigest[arrival.digest]?.first { return place }
        let id = arrival.message ?? arrival.delivery
        guard let id else { return nil }
        let message =
            self.messageByID[id] ?? DeliveryID(id).flatMap { self.messageByID[$0.message.description] }
        return message.flatMap { self.submissionsByDigest[$0.digest]?.first }
    }

    // MARK: - Two stories

    private mutating func compareSendersWithHubs() {
        guard !self.ledgers.messages.isEmpty || !self.ledgers.refusals.isEmpty else { return }
        let fromSystems = self.ledgers.submissions.filter { self.ledgers.agencies[$0.sender] != nil }
        for submission in fromSystems where submission.answer?.accepted == true {
            let known = (self.messagesByDigest[submission.digest] ?? []).contains { message in
                submission.answer?.id.map { $0 == message.id } ?? true
            }
            if !known {
                self.disagreements.append(
                    "\(Self.name(submission)): accepted for the sender, unknown to the hubs")
            }
        }
        let accepted = Set(self.ledgers.submissions.filter { $0.answer?.accepted ?? true }.map(\.digest))
        for message in self.ledgers.messages
        where !accepted.contains(message.digest) && !self.ledgers.lookupDigests.contains(message.digest) {
            self.disagreements.append(
                "\(message.hub) \(message.id) \(message.type) from \(message.sender): accepted by the hub, "
                    + "not so in any sender's ledger"
            )
        }
        let told = Dictionary(grouping: fromSystems.filter { $0.answer?.accepted == false }) {
            $0.answer?.code ?? ""
        }
        let recorded = Dictionary(grouping: self.ledgers.refusals, by: \.code)
        for (code, submissions) in told.sorted(by: { $0.key < $1.key }) {
            let count = recorded[code]?.count ?? 0
            // A message sent again after a lost answer is refused twice, so more at the hub is no contradiction.
            if count < submissions.count {
                self.disagreements.append(
                    "\(code): refused \(submissions.count) times for the senders, \(count) times in the hubs' ledgers"
                )
            }
        }
    }

    private mutating func compareHubsWithReceivers() {
        for message in self.ledgers.messages {
            for delivery in message.deliveries {
                guard let system = Self.system(of: delivery.destination), self.ledgers.agencies[system] != nil
                else {
                    continue
                }
                let arrived = self.arrival(of: delivery, of: message) != nil
                if delivery.phase == .delivered, !arrived {
                    self.disagreements.append(
                        "\(message.hub) \(message.id).\(delivery.ordinal): delivered for the hub, unknown to \(system)"
                    )
                }
            }
        }
        for arrival in self.ledgers.arrivals where self.submission(behind: arrival) == nil {
            self.disagreements.append(
                "\(arrival.receiver): \(arrival.type) \(arrival.message ?? arrival.digest) arrived, sent by nobody"
            )
        }
    }

    // MARK: - Names

    private static func name(_ submission: Submission) -> String {
        "\(submission.sender) \(submission.label.isEmpty ? submission.key : submission.label)"
    }

    private static func system(of destination: String) -> String? {
        for prefix in ["mailbox:", "push:"] where destination.hasPrefix(prefix) {
            return String(destination.dropFirst(prefix.count))
        }
        return nil
    }

    /// Whether two texts name one agency, in either code format.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        if left == right { return true }
        guard let left = AgencyCode(left), let right = AgencyCode(right) else { return false }
        return left == right
    }
}
