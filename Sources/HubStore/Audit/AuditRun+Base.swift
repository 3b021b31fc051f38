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
