internal import HubStore

extension StartReport {
    /// What was found and mended, a sentence each; empty after an orderly stop.
    var notes: [String] {
        var notes: [String] = []
        if self.isRebuilt { notes.append("The database was made anew from the segments.") }
        if self.replayedRecords > 0 {
            notes.append("\(self.replayedRecords) records of \(self.replayedBlocks) blocks were brought into the database.")
        }
        if self.tornBytes > 0 {
            notes.append(
                "\(self.tornBytes) bytes of an unfinished block were set aside in \(self.tornFile ?? "a file"); "
                    + "nothing in them had been acknowledged."
            )
        }
        if self.removedOrphans > 0 {
            notes.append("\(self.removedOrphans) spooled payloads that were not finished, or that nothing referred to, were removed.")
        }
        if self.orphans > 0 {
            notes.append(
                "The database knows no message of \(self.orphans) spooled payloads; they go when the chain knows none either, which is looked for now."
            )
        }
        if let restored = self.restored {
            notes.append(
                "The journal was made of a backup (\(restored)). Blocks behind it may have been others before; the chain says so from here on."
            )
        }
        return notes
    }
}
