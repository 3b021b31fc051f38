internal import HubEnvelope
internal import HubModel

extension AuditRun {
    /// Whether the hub signed the base and decided in the chain that what is before it goes.
    ///
    /// What it says of the chain is borne out by the first block, which names its predecessor.
    ///
    /// - Parameter isDecided: Whether a record behind the base says so.
    /// - Throws: `envelope.crypto_failed`.
    mutating func checkBase(isDecided: Bool) throws(HubError) {
        guard let base = self.base else { return }
        if let key = self.trusted[base.key] {
            if try !base.isSigned(by: key) {
                self.note(base: BlockTrouble(.base, "the signature does not belong to it"))
            }
        } else {
            self.note(base: BlockTrouble(.keyUnknown, "another key signed it: \(base.key)"))
        }
        if !isDecided {
            self.note(
                base: BlockTrouble(.base, "no record behind it says that the months before it were to go"))
        }
        if !self.audit.hub.isEmpty, base.hub != self.audit.hub {
            self.note(base: BlockTrouble(.base, "it belongs to another hub"))
        }
    }

    /// Whether the payloads of messages that outlived their month are in the spool, as they were accepted.
    ///
    /// What is said of the messages is what the base vouches for, by the digest of their file.
    ///
    /// - Throws: `journal.unavailable`.
    mutating func checkCarried() throws(HubError) {
        for carried in self.carried.messages {
            guard let digest = carried.payload else { continue }
            let place = (id: carried.id, record: carried.sequence, file: Spool.name(digest))
            guard let file = try self.source.spooled(digest) else {
                self.note(base: BlockTrouble(.payloadMissing, "the payload is missing"), place)
                continue
            }
            self.take(carried: digest, file.count)
            if try file.digest() != digest {
                self.note(base: BlockTrouble(.payloadChanged, "the payload is not the one that was accepted"), place)
            }
        }
    }
}

extension JournalBase {
    /// The base of a journal, or what is wrong with it.
    /// - Throws: `journal.unavailable`.
    static func examined(in folder: String) throws(HubError) -> (base: JournalBase?, fault: BlockTrouble?) {
        do throws(HubError) {
            return (try Self.load(in: folder), nil)
        } catch {
            guard error.code == .journalDamaged else { throw error }
            return (nil, BlockTrouble(.base, "it is damaged, so nobody can say where the journal begins"))
        }
    }

    /// The messages that a base says outlived their month, or what is wrong with their file.
    /// - Throws: `journal.unavailable`.
    static func carried(
        by base: JournalBase?, in folder: String
    ) throws(HubError) -> (messages: CarriedMessages, fault: BlockTrouble?) {
        guard let base else { return (CarriedMessages(), nil) }
        do throws(HubError) {
            return (try CarriedMessages.load(base, in: folder), nil)
        } catch {
            guard error.code == .journalDamaged else { throw error }
            return (
                CarriedMessages(),
                BlockTrouble(
                    .base, "the file of messages that outlived their month: \(error.detail("fault") ?? "")")
            )
        }
    }

    /// Runs what reads the files of a journal, and anew when a month was dropped meanwhile, which took files with it.
    ///
    /// - Throws: What `body` throws.
    static func steadily<Value>(
        in folder: String, _ body: () throws(HubError) -> Value
    ) throws(HubError) -> Value {
        while true {
            let before = try Self.examined(in: folder).base
            let result = Result(catching: body)
            // Months are dropped one at a time, and each is looked for once.
            if try Self.examined(in: folder).base == before { return try result.get() }
        }
    }
}
