internal import HubEnvelope
internal import HubJSON
public import HubModel

/// The layout of a pack, as `docs/evidence.md` describes it.
///
/// `payload`, `signature.jws`, `keys/FINGERPRINT.pem`, `timestamp/`, and for each record a folder `records/1`, `records/2`, … with
/// `record`, `block`, `block.sig`, `path` and the siblings of the path. `message.json`, `README.txt` and `SHA256SUMS` are
/// for people and prove nothing.
extension EvidencePack {
    private static let folder = "evidence/"
    /// Levels of the deepest tree.
    private static let deepest = 63

    /// One file: a `ustar` archive.
    public var archive: [UInt8] {
        var files = [TarArchive.File("payload", self.payload)]
        if !self.detachedSignature.isEmpty {
            files.append(TarArchive.File("signature.jws", Array(self.detachedSignature.utf8)))
        }
        for key in self.keys { files.append(TarArchive.File("keys/\(key.fingerprint).pem", key.pem)) }
        for (number, receipt) in self.receipts.enumerated() { files += self.files(of: receipt, number + 1) }
        if let timestamp = self.timestamp {
            files.append(TarArchive.File("timestamp/token.tsr", timestamp.token))
            for (number, header) in timestamp.headers.enumerated() {
                files.append(TarArchive.File("timestamp/\(Self.headerName(number))", header))
            }
        }
        files.append(TarArchive.File("message.json", self.description.serialised(pretty: true) + [0x0A]))
        files.append(TarArchive.File("README.txt", Array(Self.readme.utf8)))
        let sums = files.map { "\(SHA256.hash($0.bytes))  \($0.name)\n" }.joined()
        files.append(TarArchive.File("SHA256SUMS", Array(sums.utf8)))
        return TarArchive.write(
            files.map { TarArchive.File(Self.folder + $0.name, $0.bytes) }, time: self.acceptedAt
        )
    }

    /// Opens a pack; nothing in it is believed yet.
    ///
    /// - Throws: `evidence.invalid` for anything that is not laid out as a pack.
    public init(archive: [UInt8]) throws(HubError) {
        var files: [String: [UInt8]] = [:]
        for file in try TarArchive.read(archive) {
            guard file.name.hasPrefix(Self.folder) else { throw Self.fault("a file of another folder", file.name) }
            files[String(file.name.dropFirst(Self.folder.count))] = file.bytes
        }
        for name in ["README.txt", "message.json", "SHA256SUMS"] { files[name] = nil }
        var keys: [PublicKey] = []
        for (name, bytes) in files.sorted(by: { $0.key < $1.key }) where name.hasPrefix("keys/") {
            keys.append(try PublicKey(pem: bytes))
            files[name] = nil
        }
        guard let payload = files.removeValue(forKey: "payload") else { throw Self.fault("no payload") }
        let signature = files.removeValue(forKey: "signature.jws") ?? []
        var receipts: [Receipt] = []
        while files["records/\(receipts.count + 1)/record"] != nil {
            receipts.append(try Self.receipt(receipts.count + 1, from: &files, keys))
        }
        guard !receipts.isEmpty else { throw Self.fault("no record") }
        var timestamp: EvidenceTimestamp?
        if let token = files.removeValue(forKey: "timestamp/token.tsr") {
            var headers: [[UInt8]] = []
            while let header = files.removeValue(forKey: "timestamp/" + Self.headerName(headers.count)) {
                headers.append(header)
            }
            timestamp = EvidenceTimestamp(token: token, headers: headers)
        }
        if let name = files.keys.min() { throw Self.fault("a file that no pack has", name) }
        self.init(
            payload: payload, detachedSignature: String(decoding: signature, as: UTF8.self), receipts: receipts, keys: keys,
            timestamp: timestamp
        )
    }

    /// In the order of the chain also when they are sorted by name.
    private static func headerName(_ number: Int) -> String {
        let digits = String(number)
        return "block." + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    private func files(of receipt: Receipt, _ number: Int) -> [TarArchive.File] {
        let folder = "records/\(number)/"
        var path = "leaf \(receipt.proof.index) of \(receipt.proof.size)\nkey \(receipt.key)\n"
        var siblings: [TarArchive.File] = []
        for (level, step) in zip(1..., receipt.proof.steps) {
            let name = "node.\(level < 10 ? "0" : "")\(level)"
            path += "\(step.isLeft ? "left" : "right") \(name)\n"
            siblings.append(TarArchive.File(folder + name, step.sibling.bytes))
        }
        let key = self.keys.first { $0.fingerprint == receipt.key }
        return [
            TarArchive.File(folder + "record", receipt.record),
            TarArchive.File(folder + "block", receipt.header),
            TarArchive.File(folder + "block.sig", key?.standardForm(of: receipt.signature) ?? receipt.signature),
            TarArchive.File(folder + "path", Array(path.utf8)),
        ] + siblings
    }

    private static func receipt(
        _ number: Int, from files: inout [String: [UInt8]], _ keys: [PublicKey]
    ) throws(HubError) -> Receipt {
        let folder = "records/\(number)/"
        func take(_ name: String) throws(HubError) -> [UInt8] {
            guard let bytes = files.removeValue(forKey: folder + name) else {
                throw Self.fault("a file is missing", folder + name)
            }
            return bytes
        }
        let lines = String(decoding: try take("path"), as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        }
        guard lines.count >= 2, lines.count <= Self.deepest + 2, lines[0].count == 4, lines[0][0] == "leaf",
            lines[0][2] == "of", let index = Int(lines[0][1]), let size = Int(lines[0][3]),
            lines[1].count == 2, lines[1][0] == "key", let key = Digest(hex: lines[1][1])
        else { throw Self.fault("the path of a record is not one", folder + "path") }
        var siblings: [Digest] = []
        var isLeft: [Bool] = []
        for line in lines.dropFirst(2) {
            guard line.count == 2, ["left", "right"].contains(line[0]), let sibling = Digest(bytes: try take(line[1]))
            else { throw Self.fault("the path of a record is not one", folder + "path") }
            siblings.append(sibling)
            isLeft.append(line[0] == "left")
        }
        let proof = InclusionProof(index: index, size: size, path: siblings)
        // The sides are for people; they follow from the place of the leaf, and must not say anything else.
        guard proof.steps.map(\.isLeft) == isLeft else { throw Self.fault("the path of a record is not one", folder) }
        let header = try take("block")
        let form = try take("block.sig")
        let signature = keys.first { $0.fingerprint == key }.flatMap { $0.signature(fromStandardForm: form) } ?? form
        return Receipt(record: try take("record"), proof: proof, header: header, signature: signature, key: key)
    }

    private static func fault(_ what: String, _ name: String = "") -> HubError {
        HubError(
            .evidenceInvalid, "The pack is not laid out as one.",
            details: [ErrorDetail("fault", what), ErrorDetail("file", name.prefix(bytes: 100))]
        )
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

    private static let readme = """
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
          keys/          khóa công khai của trục và của bên gửi / public keys of the hub and of the sender
          message.json   các bản ghi viết bằng lời; không phải bằng chứng / the records in words; it proves nothing
          SHA256SUMS     sha256sum -c SHA256SUMS

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
        case .refused, .lookup, .operation: return [:]
        }
    }
}
