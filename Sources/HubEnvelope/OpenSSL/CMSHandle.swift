private import COpenSSL
import HubModel

/// One CMS structure of the library's, while it is put together or opened.
@safe
struct CMSHandle: ~Copyable {
    private let pointer: OpaquePointer

    /// Takes over a structure that the library has just made.
    init(owning pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    /// Reads a ContentInfo whose form has been checked.
    ///
    /// - Returns: `nil` if the library cannot read it all.
    init?(der: [UInt8]) {
        let pointer = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            guard let structure = unsafe d2i_CMS_ContentInfo(nil, &cursor, buffer.count) else { return nil }
            guard unsafe cursor == buffer.baseAddress.map({ unsafe $0 + buffer.count }) else {
                unsafe CMS_ContentInfo_free(structure)
                return nil
            }
            return unsafe structure
        }
        guard let pointer = unsafe pointer else {
            OpenSSLFailure.discard()
            return nil
        }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe CMS_ContentInfo_free(self.pointer)
    }

    /// Lends the structure for the length of `body`, which must not keep it.
    func withPointer<Value>(_ body: (OpaquePointer) -> Value) -> Value {
        unsafe body(self.pointer)
    }

    func der() throws(HubError) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_CMS_ContentInfo(self.pointer, &start)
        guard count > 0, let bytes = unsafe start else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "The CMS envelope could not be written.")
        }
        defer { unsafe hub_free(bytes) }
        return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
}

extension CMSHandle {
    /// Signs content; the caller has checked that key, certificate and algorithm belong together.
    static func sign(
        _ content: [UInt8], key: KeyHandle, certificate: borrowing CertificateHandle, chain: [Certificate],
        isDetached: Bool, algorithm: SignatureAlgorithm, at moment: Timestamp?
    ) throws(HubError) -> [UInt8] {
        // The bytes as they are, no capabilities, and the hash of the certificate among the attributes.
        let flags = UInt32(
            CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP | CMS_CADES | (isDetached ? CMS_DETACHED : 0))
        guard let pointer = unsafe CMS_sign(nil, nil, nil, nil, flags) else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a CMS envelope.")
        }
        let handle = unsafe CMSHandle(owning: pointer)
        let signer = unsafe certificate.withPointer { certificate in
            unsafe key.withPointer { key in
                unsafe CMS_add1_signer(
                    pointer, certificate, key, DigestHandle.pointer(for: algorithm.digest),
                    flags | UInt32(CMS_KEY_PARAM))
            }
        }
        guard let signer = unsafe signer, unsafe Self.setPadding(signer, for: algorithm),
            unsafe Self.setTime(signer, moment)
        else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A signature could not be begun.")
        }
        for enclosed in chain {
            let status = unsafe try CertificateHandle(der: enclosed.der).withPointer {
                unsafe CMS_add1_cert(pointer, $0)
            }
            guard status == 1 else {
                throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A certificate could not be enclosed.")
            }
        }
        let status = unsafe MemoryHandle.lend(content) { unsafe CMS_final(pointer, $0, nil, flags) }
        guard status == 1 else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A signature could not be made.")
        }
        return try handle.der()
    }

    private static func setPadding(_ signer: OpaquePointer, for algorithm: SignatureAlgorithm) -> Bool {
        guard algorithm.isPSS else { return true }
        let options = unsafe CMS_SignerInfo_get0_pkey_ctx(signer)
        return unsafe EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1
    }

    /// Without a moment the library takes the present one when it signs.
    private static func setTime(_ signer: OpaquePointer, _ moment: Timestamp?) -> Bool {
        guard let moment else { return true }
        let (quotient, remainder) = moment.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard let time = unsafe ASN1_TIME_set(nil, time_t(remainder < 0 ? quotient - 1 : quotient)) else {
            return false
        }
        defer { unsafe ASN1_STRING_free(time) }
        return unsafe CMS_signed_add1_attr_by_NID(
            signer, NID_pkcs9_signingTime, ASN1_STRING_type(time), time, -1) == 1
    }
}
