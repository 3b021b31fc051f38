import Foundation
import HubAdapters
import HubModel
import HubSchema

/// The repository, found from this file.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let adapters = root + "/adapters"
    static let schemas = root + "/schemas"
    /// Compiled once for all tests.
    static let catalogue = Result { () throws(HubError) in try SchemaCatalogue.load(folder: schemas) }
}

/// A folder of adapters that is removed when the value goes away.
final class AdapterFolder {
    let path: String

    init() throws {
        self.path =
            FileManager.default.temporaryDirectory.appending(path: "adapters-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func write(_ text: String, to file: String) throws {
        let url = URL(filePath: self.path + "/" + file)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: url)
    }

    /// Copies an adapter of the repository.
    func copy(_ system: String) throws {
        try FileManager.default.copyItem(
            atPath: "\(Repository.adapters)/\(system)", toPath: "\(self.path)/\(system)")
    }

    /// Copies the adapters of the repository that provide services through the national platform, without their samples.
    func copyProviders() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: Repository.adapters) {
            let manifest = try? String(contentsOfFile: "\(Repository.adapters)/\(name)/adapter.yaml", encoding: .utf8)
            guard let manifest, manifest.contains("speaks: gateway") || manifest.contains("speaks: national") else { continue }
            try self.copy(name)
            try self.remove("\(name)/samples")
        }
    }

    /// Changes a file that is there; a text that does not occur is a mistake of the test.
    func change(_ file: String, _ text: String, to other: String) throws {
        let path = self.path + "/" + file
        let before = try String(contentsOfFile: path, encoding: .utf8)
        guard before.contains(text) else { throw Unchanged(text: text) }
        try before.replacing(text, with: other).write(toFile: path, atomically: true, encoding: .utf8)
    }

    func remove(_ file: String) throws {
        try FileManager.default.removeItem(atPath: self.path + "/" + file)
    }

    /// The faults of loading, without the folder's own path.
    func faults() throws -> [String] {
        let schemas = try Repository.catalogue.get()
        guard case .failure(let faults) = AdapterCatalogue.load(folder: self.path, schemas: schemas) else {
            return []
        }
        return self.shortened(faults.faults)
    }

    /// The faults of loading or, if there are none, of the samples.
    func sampleFaults() throws -> [String] {
        self.shortened(try AdapterCheck.run(adapters: self.path, schemas: Repository.catalogue.get()).faults)
    }

    private func shortened(_ faults: [SettingsFault]) -> [String] {
        faults.map { $0.description.replacing(self.path + "/", with: "") }
    }

    struct Unchanged: Error {
        let text: String
    }
}
