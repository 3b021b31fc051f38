private import COpenSSL
import HubModel

extension CMSHandle {
    /// Encrypts content for recipients whose kinds of key have been checked.
    static func seal(_ content: [UInt8], for recipients: [CMSRecipient]) throws(HubError) -> [UInt8] {
        guard let pointer = unsafe CMS_AuthEnvelopedData_create(EVP_aes_256_gcm()) else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a CMS envelope.")
        }
        let handle = unsafe CMSHandle(owning: pointer)
        for recipient in recipients {
            let certificate = try CertificateHandle(der: recipient.certificate.der)
            // With this flag the library leaves the key's options open for the next call.
            let info = unsafe certificate.withPointer { certificate in
                unsafe CMS_add1_recipient_cert(pointer, certificate, UInt32(CMS_KEY_PARAM))
            }
            guard let info = unsafe info, unsafe Self.setOptions(info, recipient.kind) else {
                throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A recipient could not be added.")
            }
        }
        let status = unsafe MemoryHandle.lend(content) { source in
            unsafe CMS_set_detached(pointer, 0) == 1
                && CMS_final(pointer, source, nil, UInt32(CMS_BINARY)) == 1
        }
        guard status == true else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "Content could not be encrypted.")
        }
        return try handle.der()
    }

    /// Decrypts an envelope whose form has been checked.
    ///
    /// - Returns: `nil` for every way of failing: which one it was is not told, and the library's reasons are
    ///   discarded.
    static func open(
        _ envelope: [UInt8], key: KeyHandle, certificate: borrowing CertificateHandle
    ) throws(HubError) -> [UInt8]? {
        guard let handle = CMSHandle(der: envelope) else { return nil }
        let memory = try MemoryHandle()
        // What is written before the tag is found to be wrong stays in this memory.
        let status = unsafe handle.withPointer { structure in
            unsafe certificate.withPointer { certificate in
                unsafe key.withPointer { key in
                    unsafe memory.withPointer { memory in
                        unsafe CMS_decrypt(structure, key, certificate, nil, memory, UInt32(CMS_BINARY))
                    }
                }
            }
        }
        // Also a call that succeeds leaves reasons behind, of what it tried first.
        OpenSSLFailure.discard()
        return status == 1 ? memory.bytes() : nil
    }

    /// The library's own choices are older: PKCS #1 v1.5 for RSA, SHA-1 for the derivation.
    private static func setOptions(_ recipient: OpaquePointer, _ kind: KeyKind) -> Bool {
        let options = unsafe CMS_RecipientInfo_get0_pkey_ctx(recipient)
        let digest = unsafe DigestHandle.pointer(for: .sha256)
        switch kind {
        case .p256, .p384, .p521:
            return unsafe EVP_PKEY_CTX_set_ecdh_kdf_md(options, digest) == 1
        case .rsa2048, .rsa3072, .rsa4096:
            return unsafe EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_OAEP_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_oaep_md(options, digest) == 1
                && EVP_PKEY_CTX_set_rsa_mgf1_md(options, digest) == 1
        case .ed25519:
            return false
        }
    }
}
