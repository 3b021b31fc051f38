private import COpenSSL
import HubModel

extension KeyHandle {
    /// Whether an RSA signature by PKCS #1 v1.5 with SHA-1 belongs to the bytes.
    ///
    /// Apart from the algorithms that are allowed, so that nothing can come to accept SHA-1 by naming one of
    /// those.
    ///
    /// - Throws: `envelope.crypto_failed` if the library could not answer, as where the system forbids it
    ///   SHA-1.
    func verifiesRSASHA1(_ signature: [UInt8], of bytes: [UInt8]) throws(HubError) -> Bool {
        guard self.kind.rsaBits != nil, signature.count == self.kind.signatureLength else { return false }
        guard let context = unsafe EVP_MD_CTX_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a signature check.")
        }
        defer { unsafe EVP_MD_CTX_free(context) }
        let answer: Bool? = unsafe self.withPointer { key in
            guard unsafe EVP_DigestVerifyInit(context, nil, DigestHandle.sha1, nil, key) == 1 else {
                return nil
            }
            return unsafe signature.withUnsafeBufferPointer { signature in
                unsafe bytes.withUnsafeBufferPointer { bytes in
                    unsafe EVP_DigestVerify(
                        context, signature.baseAddress, signature.count, bytes.baseAddress, bytes.count
                    ) == 1
                }
            }
        }
        guard let answer else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A signature could not be checked.")
        }
        if !answer { OpenSSLFailure.discard() }
        return answer
    }
}
