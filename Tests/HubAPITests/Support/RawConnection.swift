import Foundation

/// A connection of which a test decides every byte, for what no proper client would send.
///
/// The socket never blocks: servers and tests share the few threads that there are.
final class RawConnection {
    private let descriptor: Int32
    private var received: [UInt8] = []
    private var isOpen = true

    /// How long a test waits for anything, on a machine that may be busy.
    private let patience: Duration

    struct Failure: Error {
        let what: String
        var code = errno
    }

    init(port: Int, patience: Duration = .seconds(60)) throws {
        self.patience = patience
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw Failure(what: "socket") }
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(what: "connect") }
        guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else { throw Failure(what: "fcntl") }
        // Otherwise the bytes of a slow client would travel together.
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { self.hangUp() }

    /// Closes both directions, as a process does that ends.
    func hangUp() {
        if self.isOpen { close(self.descriptor) }
        self.isOpen = false
    }

    /// Says that nothing more will be sent; answers may still come.
    func finishSending() {
        shutdown(self.descriptor, Int32(SHUT_WR))
    }

    @discardableResult
    func send(_ text: String) async throws -> Bool { try await self.send(Array(text.utf8)) }

    /// - Returns: `false` when the server took not all of it: it has closed, or answered before the end.
    @discardableResult
    func send(_ bytes: [UInt8]) async throws -> Bool {
        var rest = bytes[...]
        let deadline = ContinuousClock.now + self.patience
        while !rest.isEmpty {
            #if canImport(Glibc)
                let flags = Int32(MSG_NOSIGNAL)
            #else
                let flags: Int32 = 0
            #endif
            let count = rest.withUnsafeBytes {
                Foundation.send(self.descriptor, $0.baseAddress, $0.count, flags)
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN || errno == EINTR {
                if self.receiveAtOnce() != nil { return false }
                guard ContinuousClock.now < deadline else { throw Failure(what: "The server takes no more.") }
                try await Task.sleep(for: .milliseconds(1))
            } else {
                return false
            }
        }
        return true
    }

    /// Waits for the next answer.
    ///
    /// - Parameter method: of the request; an answer to `HEAD` has no body whatever it says.
    /// - Returns: `nil` when the connection was closed before the first byte of one.
    func answer(to method: String = "GET") async throws -> Reply? {
        let separator = Array("\r\n\r\n".utf8)
        var end: Int?
        while end == nil {
            end = self.received.firstRange(of: separator)?.lowerBound
            if end == nil, try await !self.receive() {
                guard self.received.isEmpty else { throw Failure(what: "The answer is cut off.") }
                return nil
            }
        }
        guard let end else { return nil }
        let lines = String(decoding: self.received[..<end], as: UTF8.self).split(separator: "\r\n")
        self.received.removeFirst(end + separator.count)
        let headers = lines.dropFirst().map { line -> (name: String, value: String) in
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.drop { $0 == " " } }
            return (String(parts.first ?? ""), String(parts.last ?? ""))
        }
        guard let first = lines.first, first.hasPrefix("HTTP/1.1 "),
            let status = Int(first.dropFirst(9).prefix(3))
        else { throw Failure(what: "That is not the head of an answer: \(lines.first ?? "")") }
        let head = Reply(status: status, headers: headers, body: [])
        guard method != "HEAD", let length = head.header("Content-Length").flatMap({ Int($0) }) else {
            return head
        }
        while self.received.count < length {
            guard try await self.receive() else { throw Failure(what: "The answer is cut off.") }
        }
        let body = Array(self.received.prefix(length))
        self.received.removeFirst(length)
        return Reply(status: status, headers: headers, body: body)
    }

    /// Whether something has come that nobody has looked at.
    var hasAnswer: Bool {
        if self.received.isEmpty { _ = self.receiveAtOnce() }
        return !self.received.isEmpty
    }

    /// Waits until the server closes.
    ///
    /// - Returns: What came before and was not asked for.
    func rest() async throws -> [UInt8] {
        while try await self.receive() {}
        return self.received
    }

    /// - Returns: `false` when the server has closed.
    private func receive() async throws -> Bool {
        let deadline = ContinuousClock.now + self.patience
        while true {
            if let isMore = self.receiveAtOnce() { return isMore }
            guard ContinuousClock.now < deadline else { throw Failure(what: "Nothing came.", code: 0) }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// - Returns: `false` when the server has closed, `nil` when there is nothing yet.
    private func receiveAtOnce() -> Bool? {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(self.descriptor, &bytes, bytes.count, 0)
        if count > 0 { self.received += bytes.prefix(count) }
        return count > 0 ? true : count < 0 && (errno == EAGAIN || errno == EINTR) ? nil : false
    }
}
