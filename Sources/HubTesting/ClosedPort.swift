internal import Foundation

/// A port on which nobody listens, and which nobody else can get while this lives.
public final class ClosedPort: Sendable {
    /// `http://127.0.0.1:` and the port.
    public let url: String
    private let socket: Int32

    /// The system gave no port.
    public struct Unavailable: Error {}

    /// - Throws: `Unavailable`.
    public init() throws {
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        self.socket = Foundation.socket(AF_INET, kind, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.socket
        // Bound and never listened on: whoever connects is turned away at once.
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
            }
        }
        self.url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        guard descriptor >= 0, status == 0 else { throw Unavailable() }
    }

    deinit {
        close(self.socket)
    }
}
