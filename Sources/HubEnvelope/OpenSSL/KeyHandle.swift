private import COpenSSL
import HubModel

/// One key of the library's, shared by everyone who signs or verifies with it.
///
/// Decoding a key costs more than verifying with it, so a handle is made once and kept.
@safe
final class KeyHandle: @unchecked Sendable {
    // Holds because: the key is complete before `init` returns, nothing here changes it afterwards, and the library
    // allows a finished key to be used from several threads at once.
    private let pointer: OpaquePointer
    let kind: KeyKind
    /// Whether the private half is in a token, which signs with it and does not tell it.
    let isInToken: Bool

    /// Takes over a key that the library has just made.
    ///
    /// - Throws: `envelope.key_unusable` for a kind that is not in `KeyKind`; the key is freed then.
    private init(owning pointer: OpaquePointer) throws(HubError) {
        guard let kind = unsafe Self.kind(of: pointer) else {
            let details = [ErrorDetail("bits", unsafe EVP_PKEY_get_bits(pointer))]
            unsafe EVP_PKEY_free(pointer)
            throw OpenSSLFailure.drain(
                as: .envelopeKeyUnusable, "The key is not P-256, P-384, P-521, RSA 2048, 3072 or 4096, or Ed25519.",
                details: details
            )
        }
        unsafe self.pointer = pointer
        self.kind = kind
        self.isInToken = false
    }

    private init(inToken pointer: OpaquePointer, kind: KeyKind) {
        unsafe self.pointer = pointer
        self.kind = kind
        self.isInToken = true
    }

    deinit {
        unsafe EVP_PKEY_free(self.pointer)
    }

    /// Makes a new key pair.
    static func generate(_ kind: KeyKind) throws(HubError) -> KeyHandle {
        let pointer: OpaquePointer? =
            switch kind {
            case .p256: unsafe hub_generate_ec("P-256")
            case .p384: unsafe hub_generate_ec("P-384")
            case .p521: unsafe hub_generate_ec("P-521")
            case .rsa2048: unsafe hub_generate_rsa(2048)
            case .rsa3072: unsafe hub_generate_rsa(3072)
            case .rsa4096: unsafe hub_generate_rsa(4096)
            case .ed25519: unsafe hub_generate_ed25519()
            }
        guard let pointer = unsafe pointer else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A key could not be generated.")
        }
        return try unsafe KeyHandle(owning: pointer)
    }

    /// Takes over a key whose private half stays in a token.
    ///
    /// What the library says about such a key depends on who made it, so its kind is that of its public half. That is
    /// also what it is checked with, and not by asking the token about its own signature.
    ///
    /// - Throws: `envelope.key_unusable` for a kind that is not in `KeyKind` and for a key that cannot sign; the key is
    ///   freed then.
    static func adopt(inToken pointer: OpaquePointer) throws(HubError) -> KeyHandle {
        let half: KeyHandle
        do throws(HubError) {
            half = try Self.decode(publicDER: unsafe Self.publicDER(of: pointer))
        } catch {
            unsafe EVP_PKEY_free(pointer)
            throw error.code == .envelopeKeyUnusable
                ? error
                : HubError(.envelopeKeyUnusable, "The token does not tell the public half of the key.", cause: error.cause)
        }
        let handle = unsafe KeyHandle(inToken: pointer, kind: half.kind)
        do throws(HubError) {
            try handle.checkHalves(with: half)
        } catch {
            throw error.code == .envelopeKeyUnusable
                ? error
                : HubError(.envelopeKeyUnusable, "The token does not sign with the key.", cause: error.cause)
        }
        return handle
    }

    /// Reads a private key in PKCS#8 (RFC 5958), not encrypted.
    static func decode(privateDER der: [UInt8]) throws(HubError) -> KeyHandle {
        let pointer = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            guard let info = unsafe d2i_PKCS8_PRIV_KEY_INFO(nil, &cursor, buffer.count) else { return nil }
            defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
            guard unsafe cursor == buffer.baseAddress.map({ unsafe $0 + buffer.count }) else { return nil }
            return unsafe EVP_PKCS82PKEY(info)
        }
        guard let pointer = unsafe pointer else {
            throw OpenSSLFailure.drain(as: .envelopeKeyUnusable, "The private key is not readable as PKCS#8.")
        }
        let handle = try unsafe KeyHandle(owning: pointer)
        try handle.checkHalves(with: handle)
        return handle
    }

    /// Reads a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7).
    static func decode(publicDER der: [UInt8]) throws(HubError) -> KeyHandle {
        let pointer = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            guard let key = unsafe d2i_PUBKEY(nil, &cursor, buffer.count) else { return nil }
            guard unsafe cursor == buffer.baseAddress.map({ unsafe $0 + buffer.count }) else {
                unsafe EVP_PKEY_free(key)
                return nil
            }
            return unsafe key
        }
        guard let pointer = unsafe pointer else {
            throw OpenSSLFailure.drain(
                as: .envelopeKeyUnusable, "The public key is not readable as SubjectPublicKeyInfo."
            )
        }
        let handle = try unsafe KeyHandle(owning: pointer)
        try handle.checkNumbers()
        return handle
    }

    /// The private key in PKCS#8.
    ///
    /// - Throws: `envelope.key_unusable` for a key in a token, `envelope.crypto_failed`.
    func privateDER() throws(HubError) -> [UInt8] {
        try self.requireOpen()
        guard let info = unsafe EVP_PKEY2PKCS8(self.pointer) else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "The private key could not be written.")
        }
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        return try unsafe Self.bytes(of: info)
    }

    func requireOpen() throws(HubError) {
        guard !self.isInToken else {
            throw HubError(.envelopeKeyUnusable, "The private key is in a token and stays there.")
        }
    }

    /// The public key as SubjectPublicKeyInfo.
    func publicDER() throws(HubError) -> [UInt8] { try unsafe Self.publicDER(of: self.pointer) }

    private static func publicDER(of pointer: OpaquePointer) throws(HubError) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_PUBKEY(pointer, &start)
        guard count > 0, let bytes = unsafe start else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "The public key could not be written.")
        }
        defer { unsafe hub_free(bytes) }
        return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    /// Lends the key for the length of `body`, which must not keep it.
    func withPointer<Value>(_ body: (OpaquePointer) -> Value) -> Value {
        unsafe body(self.pointer)
    }

    /// Whether the private half belongs to the public one, found out by using both: the library's own check proves
    /// primes and takes fifty milliseconds for RSA.
    private func checkHalves(with half: KeyHandle) throws(HubError) {
        let message: [UInt8] = Array("a key that fits".utf8)
        let signature = try self.sign([message], with: self.kind.usualAlgorithm)
        guard try half.verifies(signature, of: [message], with: self.kind.usualAlgorithm) else {
            throw HubError(.envelopeKeyUnusable, "The halves of the private key do not fit together.")
        }
    }

    /// A point off its curve or an even number is found here, once, and not by each verification.
    private func checkNumbers() throws(HubError) {
        let isSound =
            if self.kind.rsaBits == nil {
                unsafe self.withPointer { key in
                    guard let context = unsafe EVP_PKEY_CTX_new(key, nil) else { return false }
                    defer { unsafe EVP_PKEY_CTX_free(context) }
                    return unsafe EVP_PKEY_public_check_quick(context) == 1
                }
            } else {
                self.isOddAndAboveOne(OSSL_PKEY_PARAM_RSA_N) && self.isOddAndAboveOne(OSSL_PKEY_PARAM_RSA_E)
            }
        guard isSound else {
            throw OpenSSLFailure.drain(
                as: .envelopeKeyUnusable, "The numbers of the key do not fit together.")
        }
    }

    private func isOddAndAboveOne(_ parameter: String) -> Bool {
        var number: OpaquePointer?
        guard unsafe EVP_PKEY_get_bn_param(self.pointer, parameter, &number) == 1 else { return false }
        defer { unsafe BN_free(number) }
        return unsafe BN_is_odd(number) == 1 && BN_is_one(number) == 0
    }

    private static func kind(of pointer: OpaquePointer) -> KeyKind? {
        switch unsafe EVP_PKEY_get_base_id(pointer) {
        case EVP_PKEY_EC:
            // Spelt-out curve parameters are how forged keys for a known curve are made.
            guard unsafe Self.text(OSSL_PKEY_PARAM_EC_ENCODING, of: pointer) == OSSL_PKEY_EC_ENCODING_GROUP
            else {
                return nil
            }
            switch unsafe Self.text(OSSL_PKEY_PARAM_GROUP_NAME, of: pointer) {
            case "prime256v1", "P-256": return .p256
            case "secp384r1", "P-384": return .p384
            case "secp521r1", "P-521": return .p521
            default: return nil
            }
        case EVP_PKEY_RSA:
            let bits = Int(unsafe EVP_PKEY_get_bits(pointer))
            return KeyKind.allCases.first { $0.rsaBits == bits }
        case EVP_PKEY_ED25519:
            return .ed25519
        default:
            return nil
        }
    }

    private static func text(_ parameter: String, of pointer: OpaquePointer) -> String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 80) { buffer in
            var count = 0
            let status = unsafe EVP_PKEY_get_utf8_string_param(
                pointer, parameter, buffer.baseAddress, buffer.count, &count
            )
            guard status == 1 else {
                OpenSSLFailure.discard()
                return nil
            }
            return unsafe buffer.baseAddress.map { unsafe String(cString: $0) }
        }
    }
}
