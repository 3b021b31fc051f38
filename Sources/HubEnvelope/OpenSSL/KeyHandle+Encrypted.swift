private import COpenSSL
import HubModel

/// Private keys that a passphrase protects: EncryptedPrivateKeyInfo (RFC 5958, 3; PBES2 of RFC 8018).
extension KeyHandle {
    /// What makes a guess dear for whoever has the file: with blocks of 8, 16 MB of memory each (scrypt, RFC 7914).
    private static let scryptCost: UInt64 = 16_384

    /// Reads an encrypted private key.
    ///
    /// - Throws: `envelope.key_unusable` if it is not one or the passphrase is another.
    static func decode(encryptedDER der: [UInt8], passphrase: [UInt8]) throws(HubError) -> KeyHandle {
        let plain = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            guard let sealed = unsafe d2i_X509_SIG(nil, &cursor, buffer.count) else { return nil }
            defer { unsafe X509_SIG_free(sealed) }
            guard unsafe cursor == buffer.baseAddress.map({ unsafe $0 + buffer.count }) else { return nil }
            return unsafe passphrase.withUnsafeBytes { text in
                unsafe PKCS8_decrypt(sealed, text.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(text.count))
            }
        }
        guard let plain = unsafe plain else {
            throw OpenSSLFailure.drain(
                as: .envelopeKeyUnusable, "The private key cannot be decrypted; is the passphrase right?"
            )
        }
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(plain) }
        return try Self.decode(privateDER: try unsafe Self.bytes(of: plain))
    }

    /// The private key, encrypted with AES-256-CBC under a key that scrypt makes of the passphrase.
    func encryptedDER(passphrase: [UInt8]) throws(HubError) -> [UInt8] {
        try self.requireOpen()
        let sealed = unsafe self.withPointer { key -> OpaquePointer? in
            guard let plain = unsafe EVP_PKEY2PKCS8(key) else { return nil }
            defer { unsafe PKCS8_PRIV_KEY_INFO_free(plain) }
            let method = unsafe PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nil, 16, nil, Self.scryptCost, 8, 1)
            guard let method = unsafe method else { return nil }
            let made = unsafe passphrase.withUnsafeBytes { text in
                unsafe PKCS8_set0_pbe(
                    text.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(text.count), plain, method
                )
            }
            // The call takes the method over when it succeeds.
            if unsafe made == nil { unsafe X509_ALGOR_free(method) }
            return unsafe made
        }
        guard let sealed = unsafe sealed else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "The private key could not be encrypted.")
        }
        defer { unsafe X509_SIG_free(sealed) }
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_X509_SIG(sealed, &start)
        guard count > 0, let bytes = unsafe start else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "The private key could not be written.")
        }
        defer { unsafe hub_free(bytes) }
        return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    /// PrivateKeyInfo in DER.
    static func bytes(of info: OpaquePointer) throws(HubError) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_PKCS8_PRIV_KEY_INFO(info, &start)
        guard count > 0, let bytes = unsafe start else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "The private key could not be written.")
        }
        defer { unsafe hub_clear_free(bytes, Int(count)) }
        return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
}
