import HubJSON
import HubModel

/// What the lines of a system's ledger amount to.
///
/// Replaying the lines gives the same state again.
struct LedgerState: Sendable {
    /// A message on its way to the hub.
    struct Outgoing: Sendable {
        var key: String
        var type: String
        var contentType: String
        var digest: Digest
        /// A detached signature, for what is not signed inside.
        var signature: String
        /// Sent as it is and given up after a few failures: meant to be refused.
        var isRaw: Bool
        var from: String
        var recipients: [String]
        var submittedAt: Timestamp
        /// The `answered` line.
        var answer: JSONValue?
    }

    /// The messages by key, and the keys that are not answered in the order in which they were handed in.
    private(set) var outgoing: [String: Outgoing] = [:]
    private(set) var unanswered: [String] = []
    /// `received` lines that were not followed up yet, oldest first.
    private(set) var unhandled: [JSONValue] = []
    private(set) var isPaused = false
    /// What makes the messages so far one each.
    private(set) var identities: Set<String> = []
    private var arrivals: Set<String> = []

    /// Whether this came before: the same delivery, or the same bytes for the same agency.
    func hasReceived(delivery: String, to: String, digest: Digest) -> Bool {
        self.arrivals.contains("delivery|" + delivery) || self.arrivals.contains("digest|\(to)|\(digest)")
    }

    /// Whether this delivery came before.
    func hasReceived(delivery: String) -> Bool { self.arrivals.contains("delivery|" + delivery) }

    mutating func apply(_ line: JSONValue) {
        switch line["event"]?.string {
        case "submit": self.applySubmit(line)
        case "answered":
            guard let key = line["key"]?.string else { return }
            self.outgoing[key]?.answer = line
            self.unanswered.removeAll { $0 == key }
        case "received":
            if let delivery = line["delivery"]?.string { self.arrivals.insert("delivery|" + delivery) }
            self.arrivals.insert("digest|\(line["to"]?.string ?? "")|\(line["digest"]?.string ?? "")")
            if line["follow_up"]?.bool == true { self.unhandled.append(line) }
        case "handled":
            let key = line["arrival"]?.string
            self.unhandled.removeAll { $0["arrival"]?.string == key }
        case "paused": self.isPaused = true
        case "resumed": self.isPaused = false
        default: break
        }
    }

    private mutating func applySubmit(_ line: JSONValue) {
        guard let key = line["key"]?.string, let digest = line["digest"]?.string.flatMap(Digest.init(hex:)),
            self.outgoing[key] == nil
        else { return }
        self.outgoing[key] = Outgoing(
            key: key, type: line["type"]?.string ?? "", contentType: line["content_type"]?.string ?? "",
            digest: digest, signature: line["signature"]?.string ?? "", isRaw: line["raw"]?.bool ?? false,
            from: line["from"]?.string ?? "",
            recipients: line["recipients"]?.array?.compactMap(\.string) ?? [],
            submittedAt: line["at"]?.string.flatMap(Timestamp.init(rfc3339:)) ?? Timestamp(seconds: 0)
        )
        self.unanswered.append(key)
        if let identity = line["identity"]?.string { self.identities.insert(identity) }
    }
}
