import FoundationEssentials
import HubJSON
import Synchronization

/// The ports of a running platform, and the file that names them.
final class PlatformPorts: Sendable {
    private struct Open {
        var port: Int?
        var controlPort: Int?
        var isAnnounced = false
    }

    private let file: String
    private let open = Mutex(Open())

    private let ready: @Sendable (Int, Int) -> Void

    /// - Parameter ready: Called once, when both ports are open and the file is written.
    init(folder: String, ready: @escaping @Sendable (Int, Int) -> Void) {
        self.file = NationalPlatform.portsFile(in: folder)
        self.ready = ready
    }

    /// What an earlier run left, if it was killed.
    var previous: (port: Int, controlPort: Int)? {
        guard let data = try? Data(contentsOf: URL(filePath: self.file)),
            let value = (try? JSONDocument.parse([UInt8](data)))?.value, let port = value["port"]?.int,
            let controlPort = value["controlPort"]?.int, (1...65535).contains(port),
            (1...65535).contains(controlPort)
        else { return nil }
        return (port, controlPort)
    }

    /// Takes the file away, so that nobody reads the ports of an earlier run.
    func clear() {
        try? FileManager.default.removeItem(atPath: self.file)
    }

    func opened(_ port: Int) {
        self.note { $0.port = port }
    }

    func controlOpened(_ port: Int) {
        self.note { $0.controlPort = port }
    }

    private func note(_ change: (inout Open) -> Void) {
        let open = self.open.withLock { open -> Open? in
            change(&open)
            guard !open.isAnnounced, open.port != nil, open.controlPort != nil else { return nil }
            open.isAnnounced = true
            return open
        }
        guard let open, let port = open.port, let controlPort = open.controlPort else { return }
        let value = JSONValue.object([
            "port": .number(JSONNumber(port)), "controlPort": .number(JSONNumber(controlPort)),
        ])
        // Whoever waits for the file sees it whole or not at all.
        try? Data(value.serialised() + [0x0A]).write(to: URL(filePath: self.file), options: .atomic)
        self.ready(port, controlPort)
    }
}
