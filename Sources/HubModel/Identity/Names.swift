/// A name made of lower-case letters, digits, hyphens and dots, at most 64 bytes, beginning with a letter or digit.
///
/// These names become file names, metric labels and parts of URLs, so nothing else is let in.
func isPlainName(_ text: some StringProtocol) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, bytes.count <= 64 else { return false }
    func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
    return isAlphanumeric(first)
        && bytes.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E }
}

/// A software system that speaks to the hub, such as `qlvb-so-tttt-h44`.
public struct SystemID: Hashable, Sendable, CustomStringConvertible, Comparable {
    public let description: String

    /// `nil` unless the text is a plain name: `a-z 0-9 - .`, at most 64 bytes.
    public init?(_ text: String) {
        guard isPlainName(text) else { return nil }
        self.description = text
    }

    /// The national platform as a sender and receiver of messages.
    public static let national = SystemID("national")!

    public static func < (left: SystemID, right: SystemID) -> Bool { left.description < right.description }
}

/// Where deliveries queue up: `mailbox:SYSTEM`, `push:SYSTEM`, `national:SERVICE`.
///
/// Written to the journal, so the text forms never change.
public struct DestinationID: Hashable, Sendable, CustomStringConvertible, Comparable {
    public let description: String

    /// For what was read back from the journal, where any text may stand.
    public init(unchecked text: String) {
        self.description = text
    }

    /// One of the national platform's services, such as `axis` or `dossier`; each has its own queue, so that an
    /// outage of one does not hold up the other.
    public static func national(_ service: String) -> DestinationID {
        DestinationID(unchecked: "national:" + service)
    }

    /// The queue that `system` empties itself, by polling.
    public static func mailbox(_ system: SystemID) -> DestinationID {
        DestinationID(unchecked: "mailbox:" + system.description)
    }

    /// The queue that the hub empties by calling `system`.
    public static func push(_ system: SystemID) -> DestinationID {
        DestinationID(unchecked: "push:" + system.description)
    }

    /// The queue of messages that start a process which `system` declares.
    public static func process(_ system: SystemID) -> DestinationID {
        DestinationID(unchecked: "process:" + system.description)
    }

    /// The system that declares the process; `nil` for any other queue.
    public var process: SystemID? {
        guard self.description.hasPrefix("process:") else { return nil }
        return SystemID(String(self.description.dropFirst(8)))
    }

    /// The system that empties the queue, or that the hub calls; `nil` for the national platform and for processes.
    public var system: SystemID? {
        for road in ["mailbox:", "push:"] where self.description.hasPrefix(road) {
            return SystemID(String(self.description.dropFirst(road.count)))
        }
        return nil
    }

    public static func < (left: DestinationID, right: DestinationID) -> Bool { left.description < right.description }
}

/// The type of a message: domain, name and version, such as `edoc/document/1`.
///
/// Names a folder of the schema catalogue.
public struct MessageType: Hashable, Sendable, CustomStringConvertible, Comparable {
    public let description: String

    /// `nil` unless the text is `domain/name/version` of two plain names and a number from 1.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard let first = bytes.firstIndex(of: 0x2F), let last = bytes.lastIndex(of: 0x2F), first < last,
            isPlainName(text[..<first]), isPlainName(text[bytes.index(after: first)..<last]),
            let version = Int(text[bytes.index(after: last)...]), version >= 1,
            text.utf8[bytes.index(after: last)...].elementsEqual(String(version).utf8)
        else { return nil }
        self.description = text
    }

    public static func < (left: MessageType, right: MessageType) -> Bool { left.description < right.description }

    public static let edocDocument = MessageType("edoc/document/1")!
    public static let edocStatus = MessageType("edoc/status/1")!
    public static let dossierSync = MessageType("dossier/sync/1")!
    public static let dossierProgress = MessageType("dossier/progress/1")!
    public static let dossierLookup = MessageType("dossier/lookup/1")!
    public static let citizenLookup = MessageType("citizen/lookup/1")!
    public static let enterpriseLookup = MessageType("enterprise/lookup/1")!
    public static let indicatorEvent = MessageType("indicator/event/1")!
}
