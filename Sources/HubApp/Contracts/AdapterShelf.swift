internal import Foundation
internal import HubModel

/// The folder of the adapters while a hub changes it. What is taken away is kept below `.retired`; readers of adapters do not
/// look at names that begin with a dot.
struct AdapterShelf {
    private static let replaced = ".replaced-"

    let folder: String

    /// Where a new adapter is written before it is checked.
    func stagingPlace(of system: SystemID) -> String { "\(self.folder)/.staged-\(system)" }

    /// Puts a folder in the place of a system's adapter.
    ///
    /// - Throws: `configuration.invalid`; the adapter that was there is there then.
    func put(_ staged: String, at system: SystemID, on now: Timestamp) throws(HubError) {
        let (place, old) = ("\(self.folder)/\(system)", "\(self.folder)/\(Self.replaced)\(system)")
        let files = FileManager.default
        do {
            guard files.fileExists(atPath: place) else { return try files.moveItem(atPath: staged, toPath: place) }
            // A crash between the two leaves what `recover` mends.
            try files.moveItem(atPath: place, toPath: old)
            do {
                try files.moveItem(atPath: staged, toPath: place)
            } catch {
                try files.moveItem(atPath: old, toPath: place)
                throw error
            }
            try self.keep(old, of: system.description, on: now)
        } catch {
            throw KeysDesk.failure(error, place)
        }
    }

    /// Takes a system's adapter away.
    ///
    /// - Throws: `configuration.invalid`.
    func retire(_ system: SystemID, on now: Timestamp) throws(HubError) {
        do {
            try self.keep("\(self.folder)/\(system)", of: system.description, on: now)
        } catch {
            throw KeysDesk.failure(error, self.folder)
        }
    }

    /// Ends what a crash cut short: an adapter that has no successor yet is put back.
    ///
    /// - Throws: `configuration.invalid`.
    func recover(on now: Timestamp) throws(HubError) {
        let files = FileManager.default
        let names = ((try? files.contentsOfDirectory(atPath: self.folder)) ?? []).filter { $0.hasPrefix(Self.replaced) }
        for name in names.sorted() {
            let system = String(name.dropFirst(Self.replaced.count))
            do {
                if files.fileExists(atPath: "\(self.folder)/\(system)") {
                    try self.keep("\(self.folder)/\(name)", of: system, on: now)
                } else {
                    try files.moveItem(atPath: "\(self.folder)/\(name)", toPath: "\(self.folder)/\(system)")
                }
            } catch {
                throw KeysDesk.failure(error, "\(self.folder)/\(name)")
            }
        }
    }

    private func keep(_ path: String, of system: String, on now: Timestamp) throws {
        let retired = self.folder + "/.retired"
        try FileManager.default.createDirectory(atPath: retired, withIntermediateDirectories: true)
        let stamp = now.description.filter { $0.isNumber || $0 == "T" }
        try FileManager.default.moveItem(atPath: path, toPath: "\(retired)/\(system)-\(stamp)")
    }
}
