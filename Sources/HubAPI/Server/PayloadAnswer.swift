internal import HTTPTypes
internal import HubCore
internal import HubEnvelope
internal import HubJSON
internal import HubModel
internal import Hummingbird
internal import NIOCore

/// An answer in JSON that holds payloads in base64; large ones are written from where they lie, as the caller takes them.
struct PayloadAnswer {
    /// Stands for a large payload until the answer is written. At random: nothing else in the answer can be one.
    private let marker = Base64.text(SecureRandom.bytes(33))
    private var payloads: [any LargePayload] = []

    /// What stands in the answer for a payload.
    mutating func text(_ payload: Payload) -> JSONValue {
        switch payload {
        case .whole(let bytes): return .string(Base64.text(bytes))
        case .large(let large):
            self.payloads.append(large)
            return .string(self.marker)
        }
    }

    /// - Parameters:
    ///   - bytes: The answer, with what `text` gave, in the same order.
    ///   - time: In which the caller must have taken it; one second more for every 64 KB of it.
    ///   - channel: The caller's connection, which is closed when that is over.
    func response(_ bytes: [UInt8], within time: Duration, to channel: any Channel) -> Response {
        guard !self.payloads.isEmpty else { return .json(bytes: bytes) }
        var body = StreamedBody()
        var texts = Self.split(bytes, at: Array(self.marker.utf8))
        let last = texts.popLast() ?? []
        for (text, payload) in zip(texts, self.payloads) {
            body.add(text)
            body.add(payload, as: .base64)
        }
        body.add(last)
        return body.response([.contentType: "application/json"], within: time, to: channel)
    }

    private static func split(_ bytes: [UInt8], at marker: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var start = 0
        var offset = 0
        while offset + marker.count <= bytes.count {
            if bytes[offset] == marker[0], bytes[offset..<(offset + marker.count)].elementsEqual(marker) {
                parts.append(Array(bytes[start..<offset]))
                offset += marker.count
                start = offset
            } else {
                offset += 1
            }
        }
        return parts + [Array(bytes[start...])]
    }
}

/// The body of an answer, in which large payloads are read as the caller takes them.
struct StreamedBody {
    enum Form {
        case bytes, base64
    }

    private enum Part {
        case bytes([UInt8])
        case payload(any LargePayload, Form)
    }

    private var parts: [Part] = []
    private var length = 0
    /// Bytes a second that the caller must take at least.
    private let rate: Int

    /// - Parameter rate: The floor that is asked of whoever sends to the hub.
    init(rate: Int = 64 << 10) {
        self.rate = rate
    }

    mutating func add(_ bytes: [UInt8]) {
        self.parts.append(.bytes(bytes))
        self.length += bytes.count
    }

    mutating func add(_ payload: any LargePayload, as form: Form) {
        self.parts.append(.payload(payload, form))
        self.length += form == .base64 ? (payload.count + 2) / 3 * 4 : payload.count
    }

    /// - Parameters:
    ///   - time: In which the caller must have taken it, beside what the rate leaves him for its length.
    ///   - channel: The caller's connection, which is closed when that is over.
    func response(_ headers: HTTPFields, within time: Duration, to channel: any Channel) -> Response {
        let (parts, limit) = (self.parts, TimeAmount(time + .seconds(self.length / self.rate)))
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody(contentLength: self.length) { writer in
                // A write waits for the caller, and for ever if he takes nothing.
                let end = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
                defer { end.cancel() }
                for part in parts {
                    switch part {
                    case .bytes(let bytes): try await writer.write(ByteBuffer(bytes: bytes))
                    case .payload(let payload, let form):
                        var offset = 0
                        while offset < payload.count {
                            let piece = try payload.read(min(Payload.pieceLength, payload.count - offset), at: offset)
                            offset += piece.count
                            try await writer.write(
                                form == .base64 ? ByteBuffer(string: Base64.text(piece)) : ByteBuffer(bytes: piece)
                            )
                        }
                    }
                }
                try await writer.finish(nil)
            }
        )
    }
}
