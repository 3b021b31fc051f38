private import COpenSSL
import HubModel

extension KeyHandle {
    /// Signs the pieces one after another, as if they were one array.
    ///
    /// ECDSA comes as DER here; `ECDSAForm` turns it into the fixed form.
    func sign(_ pieces: [[UInt8]], with algorithm: SignatureAlgorithm) throws(HubError) -> [UInt8] {
        guard let context = unsafe EVP_MD_CTX_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a signature.")
        }
        defer { unsafe EVP_MD_CTX_free(context) }
        let signature: [UInt8]? = unsafe self.withPointer { key in
            var options: OpaquePointer?
            guard
                unsafe EVP_DigestSignInit(
                    context, &options, DigestHandle.pointer(for: algorithm.digest), nil, key) == 1,
                unsafe Self.prepare(options, for: algorithm)
            else { return nil }
            guard algorithm.digest != nil else {
                return unsafe Self.finish(self.kind.signatureLength) { start, count in
                    unsafe Self.whole(pieces).withUnsafeBufferPointer { message in
                        unsafe EVP_DigestSign(context, start, &count, message.baseAddress, message.count)
                    }
                }
            }
            for piece in pieces {
                guard
                    unsafe piece.withUnsafeBytes({
                        unsafe EVP_DigestSignUpdate(context, $0.baseAddress, $0.count)
                    }) == 1
                else { return nil }
            }
            // The library's own bound for this key; DER is a little longer than the fixed form.
            return unsafe Self.finish(Int(EVP_PKEY_get_size(key))) { start, count in
                unsafe EVP_DigestSignFinal(context, start, &count)
            }
        }
        guard let signature else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A signature could not be made.")
        }
        return signature
    }

    /// Whether the signature belongs to the pieces. ECDSA is expected as DER.
    ///
    /// - Parameter rest: Gives what comes behind the pieces; Ed25519 cannot take it.
    /// - Throws: `envelope.crypto_failed`, what `rest` throws.
    func verifies(
        _ signature: [UInt8], of pieces: [[UInt8]], with algorithm: SignatureAlgorithm, rest: SignedRest? = nil
    ) throws(HubError) -> Bool {
        guard rest == nil || algorithm.digest != nil else {
            throw HubError(.internalFault, "Ed25519 cannot be checked piece by piece.")
        }
        var fault: HubError?
        guard let context = unsafe EVP_MD_CTX_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a signature check.")
        }
        defer { unsafe EVP_MD_CTX_free(context) }
        let answer: Bool? = unsafe self.withPointer { key in
            var options: OpaquePointer?
            guard
                unsafe EVP_DigestVerifyInit(
                    context, &options, DigestHandle.pointer(for: algorithm.digest), nil, key)
                    == 1,
                unsafe Self.prepare(options, for: algorithm)
            else { return nil }
            guard algorithm.digest != nil else {
                return unsafe signature.withUnsafeBufferPointer { signature in
                    unsafe Self.whole(pieces).withUnsafeBufferPointer { message in
                        unsafe EVP_DigestVerify(
                            context, signature.baseAddress, signature.count, message.baseAddress,
                            message.count
                        ) == 1
                    }
                }
            }
            for piece in pieces {
                guard
                    unsafe piece.withUnsafeBytes({
                        unsafe EVP_DigestVerifyUpdate(context, $0.baseAddress, $0.count)
                    })
                        == 1
                else { return nil }
            }
            do throws(HubError) {
                var isTaken = true
                try rest? { piece in
                    isTaken = unsafe isTaken
                        && piece.withUnsafeBytes({
                            unsafe EVP_DigestVerifyUpdate(context, $0.baseAddress, $0.count)
                        }) == 1
                }
                guard isTaken else { return nil }
            } catch {
                fault = error
                return nil
            }
            return unsafe signature.withUnsafeBufferPointer { signature in
                unsafe EVP_DigestVerifyFinal(context, signature.baseAddress, signature.count) == 1
            }
        }
        if let fault { throw fault }
        guard let answer else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A signature could not be checked.")
        }
        // A signature that is no number of the right range makes the library report an error. To the caller it is one
        // more signature that does not belong to the bytes.
        if !answer { OpenSSLFailure.discard() }
        return answer
    }

    private static func prepare(_ options: OpaquePointer?, for algorithm: SignatureAlgorithm) -> Bool {
        guard algorithm.isPSS else { return true }
        return unsafe EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1
    }

    /// Ed25519 goes over its message twice and cannot take it in pieces.
    private static func whole(_ pieces: [[UInt8]]) -> [UInt8] {
        pieces.count == 1 ? pieces[0] : Array(pieces.joined())
    }

    private static func finish(
        _ capacity: Int, _ body: (UnsafeMutablePointer<UInt8>?, inout Int) -> Int32
    ) -> [UInt8]? {
        var status: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialised in
            var count = buffer.count
            status = unsafe body(buffer.baseAddress, &count)
            initialised = status == 1 ? min(count, buffer.count) : 0
        }
        return status == 1 ? bytes : nil
    }
}
