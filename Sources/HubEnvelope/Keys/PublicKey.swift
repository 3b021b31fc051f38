public import HubModel

/// A key that verifies. Decoded once, then shared by as many checks at a time as there are.
public final class PublicKey: Sendable {
    let handle: KeyHandle
    /// The key as SubjectPublicKeyInfo in DER.
    public let der: [UInt8]
    /// SHA-256 of `der`: how keys are named everywhere, in `kid`, in receipts and in the registry.
    public let fingerprint: Digest

    init(handle: KeyHandle) throws(HubError) {
        self.handle = handle
        self.der = try handle.publicDER()
        self.fingerprint = SHA256.hash(self.der)
    }

    /// Reads the first `PUBLIC KEY` or `CERTIFICATE` block of a PEM file. Of a certificate only the key is used.
    ///
    /// - Throws: `envelope.key_unusable` if there is none, or its kind is not in `KeyKind`.
    public convenience init(pem: [UInt8]) throws(HubError) {
        guard let block = PEM.firstBlock(["PUBLIC KEY", "CERTIFICATE"], in: pem) else {
            throw HubError(.envelopeKeyUnusable, "There is no PUBLIC KEY or CERTIFICATE block in PEM form.")
        }
        if block.label == "CERTIFICATE" {
            try self.init(der: Certificate(der: block.der).spki)
        } else {
            try self.init(der: block.der)
        }
    }

    /// Reads a SubjectPublicKeyInfo in DER.
    ///
    /// - Throws: `envelope.key_unusable`.
    public convenience init(der: [UInt8]) throws(HubError) {
        try self.init(handle: KeyHandle.decode(publicDER: der))
    }

    public var kind: KeyKind { self.handle.kind }

    /// A `PUBLIC KEY` block.
    public var pem: [UInt8] { PEM.text("PUBLIC KEY", self.der) }

    /// A signature of this key in the form that other programs read: for ECDSA a DER sequence (RFC 3279, 2.2.3).
    ///
    /// - Returns: `nil` for one of the wrong length.
    public func standardForm(of signature: [UInt8]) -> [UInt8]? {
        guard signature.count == self.kind.signatureLength else { return nil }
        return self.kind.usualAlgorithm.isECDSA ? ECDSAForm.der(fromRaw: signature) : signature
    }

    /// A signature that another program wrote, in the form that is used here.
    ///
    /// - Returns: `nil` when it cannot be one of this key.
    public func signature(fromStandardForm form: [UInt8]) -> [UInt8]? {
        guard self.kind.usualAlgorithm.isECDSA else {
            return form.count == self.kind.signatureLength ? form : nil
        }
        return ECDSAForm.raw(fromDER: form, length: self.kind.signatureLength)
    }

    /// Every key of a PEM file: its `PUBLIC KEY` blocks, and those of its certificates.
    ///
    /// - Throws: `envelope.key_unusable` if there is none, or one of them is unusable.
    public static func all(pem: [UInt8]) throws(HubError) -> [PublicKey] {
        var keys: [PublicKey] = []
        for block in PEM.blocks(["PUBLIC KEY", "CERTIFICATE"], in: pem) {
            keys.append(
                try PublicKey(der: block.label == "CERTIFICATE" ? Certificate(der: block.der).spki : block.der)
            )
        }
        guard !keys.isEmpty else {
            throw HubError(.envelopeKeyUnusable, "There is no PUBLIC KEY or CERTIFICATE block in PEM form.")
        }
        return keys
    }

    /// Whether this key's owner signed these bytes.
    ///
    /// A signature of the wrong length, or made in another way, does not belong to the bytes and is `false`.
    ///
    /// - Parameters:
    ///   - signature: for ECDSA the numbers r and s with a fixed length each, not DER.
    ///   - algorithm: the key's usual one unless another is named.
    /// - Throws: `envelope.crypto_failed` if the library could not answer.
    public func verifies(
        _ signature: [UInt8], of bytes: [UInt8], with algorithm: SignatureAlgorithm? = nil
    ) throws(HubError) -> Bool {
        try self.verifies(signature, ofPieces: [bytes], with: algorithm ?? self.kind.usualAlgorithm)
    }

    /// The same for bytes that are spread over several arrays, without copying them together.
    ///
    /// - Parameter rest: Gives what comes behind the pieces; Ed25519 cannot take it.
    func verifies(
        _ signature: [UInt8], ofPieces pieces: [[UInt8]], with algorithm: SignatureAlgorithm, rest: SignedRest? = nil
    ) throws(HubError) -> Bool {
        guard algorithm.suits(self.kind), signature.count == self.kind.signatureLength else { return false }
        let form = algorithm.isECDSA ? ECDSAForm.der(fromRaw: signature) : signature
        return try self.handle.verifies(form, of: pieces, with: algorithm, rest: rest)
    }
}

/// Gives signed bytes that are not held as a whole, piece by piece, to whoever checks a signature over them.
public typealias SignedRest = (_ take: (ArraySlice<UInt8>) -> Void) throws(HubError) -> Void

extension PublicKey: Hashable {
    /// Two keys are the same if their DER is.
    public static func == (left: PublicKey, right: PublicKey) -> Bool {
        left.fingerprint == right.fingerprint
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(self.fingerprint) }
}
