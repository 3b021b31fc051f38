internal import HubEnvelope
internal import HubJSON
public import HubModel

/// The layout of a pack, as `docs/evidence.md` describes it.
///
/// `payload` unless it was removed by policy, `signature.jws`, `keys/FINGERPRINT.pem`, `timestamp/`, and for each record a folder `records/1`, `records/2`, … with
/// `record`, `block`, `block.sig`, `path` and the siblings of the path. `message.json`, `README.txt` and `SHA256SUMS` are
/// for people and prove nothing.
extension EvidencePack {
    private static let folder = "evidence/"

    /// One file: a `ustar` archive.
    ///
    /// - Throws: What reading a large payload throws.
    public var archive: [UInt8] {
        get throws(HubError) {
            let parts = self.archiveInParts
            guard let payload = parts.payload else { return parts.before }
            return parts.before + (try payload.read(payload.count, at: 0)) + parts.after
        }
    }

    /// The same file: what stands before a large payload, the payload, and what stands behind it.
    package var archiveInParts: (before: [UInt8], payload: (any LargePayload)?, after: [UInt8]) {
        let files = TarArchive.write(self.files, time: self.acceptedAt)
        guard let large = self.large else { return (files, nil, []) }
        return (
            TarArchive.header(Self.folder + Self.payloadName, large.count, self.acceptedAt), large,
            [UInt8](repeating: 0, count: TarArchive.padding(large.count)) + files
        )
    }

    private static let payloadName = "payload"

    /// All but a large payload.
    private var files: [TarArchive.File] {
        var files = self.payload.map { [TarArchive.File(Self.payloadName, $0)] } ?? []
        if !self.detachedSignature.isEmpty {
            files.append(TarArchive.File("signature.jws", Array(self.detachedSignature.utf8)))
        }
        for key in self.keys { files.append(TarArchive.File("keys/\(key.fingerprint).pem", key.pem)) }
        for (number, certificate) in zip(1..., self.certificates?.certificates ?? []) {
            files.append(TarArchive.File("certificates/\(number).pem", certificate.pem))
        }
        for (number, list) in zip(1..., self.certificates?.lists ?? []) {
            files.append(TarArchive.File("certificates/crl/\(number).pem", list.pem))
        }
        for (number, receipt) in zip(1..., self.receipts) {
            files += ReceiptFiles.write(receipt, to: "records/\(number)/", keys: self.keys)
        }
        if let timestamp = self.timestamp {
            files.append(TarArchive.File("timestamp/token.tsr", timestamp.token))
            for (number, header) in timestamp.headers.enumerated() {
                files.append(TarArchive.File("timestamp/\(Self.headerName(number))", header))
            }
        }
        files.append(TarArchive.File("message.json", self.description.serialised(pretty: true) + [0x0A]))
        files.append(TarArchive.File("README.txt", Array(self.readme.utf8)))
        let sums =
            (self.large.map { "\($0.digest)  \(Self.payloadName)\n" } ?? "")
            + files.map { "\(SHA256.hash($0.bytes))  \($0.name)\n" }.joined()
        files.append(TarArchive.File("SHA256SUMS", Array(sums.utf8)))
        return files.map { TarArchive.File(Self.folder + $0.name, $0.bytes) }
    }

    /// Opens a pack; nothing in it is believed yet.
    ///
    /// - Throws: `evidence.invalid` for anything that is not laid out as a pack.
    public init(archive: [UInt8]) throws(HubError) {
        var files: [String: [UInt8]] = [:]
        for file in try TarArchive.read(archive) {
            guard file.name.hasPrefix(Self.folder) else { throw ReceiptFiles.fault("a file of another folder", file.name) }
            files[String(file.name.dropFirst(Self.folder.count))] = file.bytes
        }
        for name in ["README.txt", "message.json", "SHA256SUMS"] { files[name] = nil }
        var keys: [PublicKey] = []
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) where name.hasPrefix("keys/") {
            keys.append(try PublicKey(pem: bytes))
            files[name] = nil
        }
        var certificates: [Certificate] = []
        while let pem = files.removeValue(forKey: "certificates/\(certificates.count + 1).pem") {
            certificates.append(try Certificate(pem: pem))
        }
        var lists: [RevocationList] = []
        while let pem = files.removeValue(forKey: "certificates/crl/\(lists.count + 1).pem") {
            lists.append(try RevocationList(pem: pem))
        }
        let payload = files.removeValue(forKey: "payload")
        let signature = files.removeValue(forKey: "signature.jws") ?? []
        var receipts: [Receipt] = []
        while files["records/\(receipts.count + 1)/record"] != nil {
            receipts.append(
                try ReceiptFiles.read(from: "records/\(receipts.count + 1)/", of: &files, keys: keys))
        }
        guard !receipts.isEmpty else { throw ReceiptFiles.fault("no record") }
        var timestamp: EvidenceTimestamp?
        if let token = files.removeValue(forKey: "timestamp/token.tsr") {
            var headers: [[UInt8]] = []
            while let header = files.removeValue(forKey: "timestamp/" + Self.headerName(headers.count)) {
                headers.append(header)
            }
            timestamp = EvidenceTimestamp(token: token, headers: headers)
        }
        if let name = files.keys.min() { throw ReceiptFiles.fault("a file that no pack has", name) }
        self.init(
            payload: payload, detachedSignature: String(decoding: signature, as: UTF8.self), receipts: receipts, keys: keys,
            timestamp: timestamp,
            certificates: certificates.isEmpty ? nil : EvidenceCertificates(certificates: certificates, lists: lists)
        )
    }

    /// In the order of the chain also when they are sorted by name.
    private static func headerName(_ number: Int) -> String {
        let digits = String(number)
        return "block." + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    private var acceptedAt: Timestamp {
        (self.receipts.first.flatMap { try? BlockHeader(bytes: $0.header) })?.time ?? Timestamp(nanoseconds: 0)
    }

    /// The records in words.
    private var description: JSONValue {
        .object([
            "format": "evidence-1",
            "records": .array(
                self.receipts.enumerated().map { number, receipt in
                    var object = (try? JournalRecord(bytes: receipt.record))?.description ?? [:]
                    object["folder"] = .string("records/\(number + 1)")
                    if let block = try? BlockHeader(bytes: receipt.header) {
                        object["hub"] = .string(block.hub)
                        object["block"] = .init(integerLiteral: Int(block.number))
                        object["written_at"] = .string(block.time.description)
                    }
                    return .object(object)
                }
            ),
        ])
    }

    private var readme: String { Self.readmeStart + (self.payload == nil && self.large == nil ? Self.removalNote : "") + Self.readmeEnd }

    private static let removalNote = """

        Nội dung (payload) không còn: trục đã xóa theo chính sách lưu giữ, và ghi việc đó vào chuỗi trước khi xóa; đó là bản
        ghi cuối trong records/. Mã băm của nội dung vẫn nằm trong bản ghi tiếp nhận; ai giữ nội dung vẫn chứng minh được.
        The payload is not here: it was removed by policy, and that was written to the chain before; it is the last record in
        records/. Its digest stands in the record of the acceptance, so whoever has the payload can still prove it.

        """

    private static let readmeStart = """
        Gói bằng chứng của một thông điệp qua trục LGSP.
        Evidence about one message that crossed an LGSP hub.

          payload        thông điệp đúng từng byte như bên gửi đã ký / the message, byte for byte as it was signed
          signature.jws  chữ ký tách rời của bên gửi, nếu có / the sender's detached signature, if there is one
          records/1      trục đã nhận / the hub accepted it; records/2 …: từng lần chuyển / the attempts to deliver it
            record       bản ghi / the record (docs/journal-format.md, "Records")
            path         đường từ bản ghi lên gốc cây băm của khối / the way from the record to the root of the block
            node.NN      các nút anh em trên đường đó / the siblings on that way
            block        phần đầu khối mà trục đã ký; 32 byte cuối là gốc cây / what the hub signed; it ends with the root
            block.sig    chữ ký của trục / the hub's signature
          timestamp/     dấu thời gian RFC 3161 của khối cuối trong block.* / a timestamp over the last of block.*
          certificates/  chứng thư của bên gửi, nơi cấp và CRL, nếu có / the sender's certificates, their issuers and CRLs
          keys/          khóa công khai của trục và của bên gửi / public keys of the hub and of the sender
          message.json   các bản ghi viết bằng lời; không phải bằng chứng / the records in words; it proves nothing
          SHA256SUMS     sha256sum -c SHA256SUMS

        """

    private static let readmeEnd = """

        Kiểm tra / to check it:  lgsp evidence verify FILE --trust HUB.pem
        Hoặc bằng tay, chỉ với openssl / or by hand, with openssl alone: docs/evidence.md
        Phải có khóa của trục từ một nguồn khác, không lấy trong gói này.
        Get the hub's key from elsewhere, not from this pack.

        """
}

extension JournalRecord {
    /// For people.
    fileprivate var description: JSONObject {
        switch self {
        case .accepted(let message):
            return [
                "what": "accepted", "id": .string(message.id.description), "type": .string(message.type.description),
                "sender": .string(message.sender.description), "agency": .string(message.agency),
                "at": .string(message.receivedAt.description), "digest": .string(message.digest.description),
                "size": .init(integerLiteral: message.size),
                "signature": .object([
                    "verdict": .string(message.signature.verdict), "algorithm": .string(message.signature.algorithm),
                    "key": message.signature.key.map { .string($0.description) } ?? .null,
                ]),
                "deliveries": .array(
                    message.deliveries.map { delivery in
                        .object([
                            "recipient": .string(delivery.recipient),
                            "destination": .string(delivery.destination.description),
                            "type": .string(delivery.type.description),
                        ])
                    }
                ),
            ]
        case .delivery(let event):
            return [
                "what": .string("\(event.kind)"), "delivery": .init(integerLiteral: Int(event.delivery.ordinal)),
                "at": .string(event.at.description), "attempt": .init(integerLiteral: event.attempt),
                "code": event.code.map { .string($0.rawValue) } ?? .null, "answer": .string(event.answer),
            ]
        case .operation(let operation):
            return [
                "what": .string(operation.action), "actor": .string(operation.actor),
                "at": .string(operation.at.description), "subject": .string(operation.subject),
                "reason": .string(operation.reason),
            ]
        case .refused, .lookup: return [:]
        }
    }
}
