internal import HubModel

/// What is in the spool, by name.
struct SpoolListing {
    /// Of the files that are named as a payload is.
    private(set) var payloads: [Digest] = []
    /// Names below the journal's folder.
    private(set) var unfinished: [String] = []
    private(set) var strangers: [String] = []

    /// - Throws: `journal.unavailable`.
    init(_ folder: String) throws(HubError) {
        guard try Folder.exists(folder) else { return }
        for subfolder in try Folder.names(in: folder) {
            let path = folder + "/" + subfolder
            guard subfolder.utf8.count == 2, try Folder.isFolder(path) else {
                self.strangers.append("spool/" + subfolder)
                continue
            }
            for name in try Folder.names(in: path) {
                let file = "spool/\(subfolder)/\(name)"
                if let digest = Digest(hex: name), Spool.name(digest) == file {
                    self.payloads.append(digest)
                } else if name.hasSuffix(".part") {
                    self.unfinished.append(file)
                } else {
                    self.strangers.append(file)
                }
            }
        }
    }
}
