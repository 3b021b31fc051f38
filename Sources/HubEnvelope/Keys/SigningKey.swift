public import HubModel

/// A private key. Its numbers stay in the library's memory, where only `pem` takes them out, or in a token (`TokenKey`).
public final class SigningKey: Sendable {
    let handle: KeyHandle
    /// The half that may be told to others.
    public let publicKey: PublicKey

    private init(handle: KeyHandle) throws(HubError) {
        self.handle = handle
        self.publicKey = try PublicKey(handle: handle)
    }

    /// A key in a token. Its public half is a key of its own, so that nobody asks the token to verify.
    init(inToken handle: KeyHandle) throws(HubError) {
        self.handle = handle
        self.publicKey = try PublicKey(der: handle.publicDER())
    }

    /// Makes a new key pair.
    ///
    /// - Throws: `envelope.crypto_failed` if the library has no randomness or no memory.
    public static func generate(_ kind: KeyKind) throws(HubError) -> SigningKey {
        try SigningKey(handle: KeyHandle.generate(kind))
    }

    /// Reads the first `PRIVATE KEY` block (PKCS#8, not encrypted) of a PEM file.
    ///
    /// - Throws: `envelope.key_unusable` if there is none, or its kind is not in `KeyKind`.
    public convenience init(pem: [UInt8]) throws(HubError) {
        guard let block = PEM.firstBlock(["PRIVATE KEY"], in: pem) else {
            throw HubError(.envelopeKeyUnusable, "There is no PRIVATE KEY block (PKCS#8) in PEM form.")
        }
        try self.init(handle: KeyHandle.decode(privateDER: block.der))
    }

    /// Reads the first `ENCRYPTED PRIVATE KEY` block (PKCS#8) of a PEM file.
    ///
    /// - Throws: `envelope.key_unusable` if there is none, its kind is not in `KeyKind`, or the passphrase is another.
    public convenience init(pem: [UInt8], passphrase: [UInt8]) throws(HubError) {
        guard let block = PEM.firstBlock([Self.encryptedLabel], in: pem) else {
            throw HubError(.envelopeKeyUnusable, "There is no ENCRYPTED PRIVATE KEY block (PKCS#8) in PEM form.")
        }
        try self.init(handle: KeyHandle.decode(encryptedDER: block.der, passphrase: passphrase))
    }

    static let encryptedLabel = "ENCRYPTED PRIVATE KEY"

    public var kind: KeyKind { self.handle.kind }

    /// Whether the private half is in a token, which signs with it and does not tell it.
    public var isInToken: Bool { self.handle.isInToken }

    /// The key as a `PRIVATE KEY` block, for `KeyFile` and nothing else.
    ///
    /// - Throws: `envelope.key_unusable` for a key in a token, `envelope.crypto_failed`.
    public var pem: [UInt8] {
        get throws(HubError) { PEM.text("PRIVATE KEY", try self.handle.privateDER()) }
    }

    /// The key as an `ENCRYPTED PRIVATE KEY` block: PBES2 with scrypt and AES-256.
    ///
    /// - Throws: As `pem`.
    public func pem(passphrase: [UInt8]) throws(HubError) -> [UInt8] {
        PEM.text(Self.encryptedLabel, try self.handle.encryptedDER(passphrase: passphrase))
    }

    /// Signs bytes.
    ///
    /// - Parameter algorithm: the key's usual one unless another is named.
    /// - Returns: for ECDSA the numbers r and s with a fixed length each, not DER.
    /// - Throws: `envelope.key_unusable` if the algorithm does not suit the key, `envelope.crypto_failed`.
    public func sign(_ bytes: [UInt8], with algorithm: SignatureAlgorithm? = nil) throws(HubError) -> [UInt8]
    {
        try self.sign(pieces: [bytes], with: algorithm ?? self.kind.usualAlgorithm)
    }

    /// The same for bytes that are spread over several arrays, without copying them together.
    func sign(pieces: [[UInt8]], with algorithm: SignatureAlgorithm) throws(HubError) -> [UInt8] {
        guard algorithm.suits(self.kind) else {
            throw HubError(
                .envelopeKeyUnusable, "The key cannot sign with this algorithm.",
                details: [
                    ErrorDetail("key", self.kind.rawValue), ErrorDetail("algorithm", algorithm.rawValue),
                ]
            )
        }
        let signature = try self.handle.sign(pieces, with: algorithm)
        guard algorithm.isECDSA else { return signature }
        guard let raw = ECDSAForm.raw(fromDER: signature, length: self.kind.signatureLength) else {
            throw HubError(.envelopeCryptoFailed, "The library returned a signature that is not DER.")
        }
        return raw
    }
}
