import Foundation
import HubModel
import HubYAML
import Testing

@Suite("Reading a settings file from disk")
struct YAMLFileTests {
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "yaml-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test("works, through a symbolic link too")
    func reads() throws {
        try self.withFolder { folder in
            let file = folder.appending(path: "hub.yaml")
            let link = folder.appending(path: "link.yaml")
            try Data("a: 1\n".utf8).write(to: file)
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
            for path in [file.path, link.path] {
                let tree = try YAMLReader.read(file: path).get()
                #expect(SettingsReader(tree, file: path).string("a") == "1")
            }
        }
    }

    @Test("reports faults under the name it was given")
    func reported() throws {
        try self.withFolder { folder in
            let file = folder.appending(path: "hub.yaml")
            try Data("a: *b\n".utf8).write(to: file)
            let faults = try #require(throws: SettingsFaults.self) {
                try YAMLReader.read(file: file.path, reportedAs: "conf/hub.yaml").get()
            }
            #expect(faults.description.hasPrefix("conf/hub.yaml:1:4: "))
        }
    }

    @Test("says so when there is none, or it is a folder")
    func missing() throws {
        try self.withFolder { folder in
            let path = folder.appending(path: "none.yaml").path
            let faults = try #require(throws: SettingsFaults.self) { try YAMLReader.read(file: path).get() }
            #expect(faults.description == "\(path):1:1: There is no such file, or it cannot be reached.")
            let other = try #require(throws: SettingsFaults.self) {
                try YAMLReader.read(file: folder.path).get()
            }
            #expect(other.description.hasSuffix(":1:1: This is not a regular file."))
        }
    }
}
