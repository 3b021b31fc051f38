package import HubEnvelope
package import HubModel

/// A receipt as files that `openssl` can check: `record`, `block`, `block.sig`, `path` and the siblings of the path, as
/// `docs/evidence.md` describes them.
package enum ReceiptFiles {
    /// Levels of the deepest tree.
    private static let deepest = 63

    /// - Parameters:
    ///   - folder: Ends with a slash.
    ///   - keys: With the hub's, so that its signature is written in the form that other programs read.
    package static func write(_ receipt: Receipt, to folder: String, keys: [PublicKey]) -> [TarArchive.File] {
        var path = "leaf \(receipt.proof.index) of \(receipt.proof.size)\nkey \(receipt.key)\n"
        var siblings: [TarArchive.File] = []
        for (level, step) in zip(1..., receipt.proof.steps) {
            let name = "node.\(level < 10 ? "0" : "")\(level)"
            path += "\(step.isLeft ? "left" : "right") \(name)\n"
            siblings.append(TarArchive.File(folder + name, step.sibling.bytes))
        }
        let key = keys.first { $0.fingerprint == receipt.key }
        return [
            TarArchive.File(folder + "record", receipt.record),
            TarArchive.File(folder + "block", receipt.header),
            TarArchive.File(
                folder + "block.sig", key?.standardForm(of: receipt.signature) ?? receipt.signature),
            TarArchive.File(folder + "path", Array(path.utf8)),
        ] + siblings
    }

    /// Takes the files of a receipt out of others; nothing in it is believed yet.
    ///
    /// - Throws: `evidence.invalid` when one is missing or is not what `write` makes.
    package static func read(
        from folder: String, of files: inout [String: [UInt8]], keys: [PublicKey]
    ) throws(HubError) -> Receipt {
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
            guard line.count == 2, ["left", "right"].contains(line[0]),
                let sibling = Digest(bytes: try take(line[1]))
            else { throw Self.fault("the path of a record is not one", folder + "path") }
            siblings.append(sibling)
            isLeft.append(line[0] == "left")
        }
        let proof = InclusionProof(index: index, size: size, path: siblings)
        // The sides are for people; they follow from the place of the leaf, and must not say anything else.
        guard proof.steps.map(\.isLeft) == isLeft else {
            throw Self.fault("the path of a record is not one", folder)
        }
        let header = try take("block")
        let form = try take("block.sig")
        let signature =
            keys.first { $0.fingerprint == key }.flatMap { $0.signature(fromStandardForm: form) } ?? form
        return Receipt(
            record: try take("record"), proof: proof, header: header, signature: signature, key: key
        )
    }

    package static func fault(_ what: String, _ name: String = "") -> HubError {
        HubError(
            .evidenceInvalid, "The pack is not laid out as one.",
            details: [ErrorDetail("fault", what), ErrorDetail("file", name.prefix(bytes: 100))]
        )
    }
}
