private import COpenSSL
import HubModel

/// What was found out about a certificate.
enum ChainFinding {
    /// Good for every moment between these; the chain begins with the certificate and ends with the root.
    case valid(from: Timestamp, until: Timestamp, chain: [SharedCertificate])
    case refused(TrustRefusal)
}

/// The roots of a trust store and what goes with them, decoded once and shared by all checks.
@safe
final class StoreHandle: @unchecked Sendable {
    // Holds because: the store is filled before `init` returns and only read afterwards; the library guards
    // its look-ups with a lock and allows any number of checks at once.
    private let pointer: OpaquePointer
    let anchors: [SharedCertificate]
    let intermediates: [SharedCertificate]
    private let lists: [SharedRevocationList]
    private let responses: [SharedStatusResponse]

    /// - Throws: `envelope.crypto_failed` if there is no memory.
    init(
        anchors: [SharedCertificate], intermediates: [SharedCertificate], lists: [SharedRevocationList],
        responses: [SharedStatusResponse]
    ) throws(HubError) {
        guard let pointer = unsafe X509_STORE_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a trust store.")
        }
        for anchor in anchors {
            guard unsafe anchor.withPointer({ unsafe X509_STORE_add_cert(pointer, $0) }) == 1 else {
                // deinit does not run for an object that was never complete.
                unsafe X509_STORE_free(pointer)
                throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a trust store.")
            }
        }
        unsafe self.pointer = pointer
        self.anchors = anchors
        self.intermediates = intermediates
        self.lists = lists
        self.responses = responses
    }

    deinit {
        unsafe X509_STORE_free(self.pointer)
    }

    /// Walks from the certificate to a root.
    ///
    /// Twice if there is a word about revocation: which lists and responses count depends on the chain. The
    /// same inputs give the same chain.
    ///
    /// - Throws: `envelope.crypto_failed` if there is no memory.
    func judge(
        _ certificate: SharedCertificate, chain extra: [SharedCertificate], _ question: ChainQuestion
    ) throws(HubError) -> ChainFinding {
        let others = extra + self.intermediates
        let first = ChainRun(question)
        guard let chain = try self.walk(certificate, others, question, first, lists: nil) else {
            return .refused(first.refusal ?? Self.unexplained(certificate))
        }
        if let refusal = ChainPurpose.refusal(of: chain, question) { return .refused(refusal) }
        var window = ChainWindow(chain, question)
        guard question.settings.revocation != .off else { return window.finding(chain) }

        let statuses = try self.statuses(of: chain, question)
        for (status, member) in zip(statuses, chain) {
            if case .revoked(let revocation) = status {
                let start = revocation.start(
                    isMomentProven: question.isMomentProven,
                    isTimestampSigner: question.purpose == .timestamping && member === chain.first
                )
                guard start > question.moment else {
                    let detail = "OCSP response"
                    return .refused(
                        TrustRefusal(.revoked(revocation), certificate: member.subject, detail: detail))
                }
                window.end(before: start)
            }
        }
        let lists = self.lists(for: chain)
        let second = ChainRun(question, statuses: statuses, rootDepth: chain.count - 1)
        guard try self.walk(certificate, others, question, second, lists: lists) != nil else {
            return .refused(second.refusal ?? Self.unexplained(certificate))
        }
        window.end(at: second.limit)
        for list in lists { window.end(atNextUpdate: list.nextUpdate) }
        for case .good(let until) in statuses { window.end(atNextUpdate: until) }
        return window.finding(chain)
    }

    /// One walk; `nil` if it did not reach a root.
    private func walk(
        _ certificate: SharedCertificate, _ others: [SharedCertificate], _ question: ChainQuestion,
        _ run: ChainRun,
        lists: [SharedRevocationList]?
    ) throws(HubError) -> [SharedCertificate]? {
        let untrusted = try CertificateStack(others)
        let stack = try RevocationListStack(lists ?? [])
        guard let context = unsafe X509_STORE_CTX_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a chain.")
        }
        defer { unsafe X509_STORE_CTX_free(context) }
        let isReady = unsafe untrusted.withPointer { untrusted in
            unsafe certificate.withPointer {
                unsafe X509_STORE_CTX_init(context, self.pointer, $0, untrusted)
            }
        }
        guard isReady == 1, let parameters = unsafe X509_STORE_CTX_get0_param(context) else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for a chain.")
        }
        var flags = X509_V_FLAG_X509_STRICT | X509_V_FLAG_TRUSTED_FIRST
        if lists != nil { flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL }
        guard unsafe X509_VERIFY_PARAM_set_flags(parameters, UInt(flags)) == 1,
            unsafe Self.setPurpose(question.purpose, of: parameters)
        else { throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "A chain could not be begun.") }
        unsafe X509_VERIFY_PARAM_set_time(parameters, time_t(LibraryTime.seconds(question.moment)))
        unsafe X509_VERIFY_PARAM_set_depth(parameters, Int32(clamping: question.settings.intermediateLimit))
        // 112 bits: RSA from 2048, SHA-256 and better.
        unsafe X509_VERIFY_PARAM_set_auth_level(parameters, 2)

        let status: Int32 = unsafe stack.withPointer { stack in
            if lists != nil { unsafe X509_STORE_CTX_set0_crls(context, stack) }
            return unsafe run.verify(in: context)
        }
        let error = unsafe X509_STORE_CTX_get_error(context)
        guard status == 1, run.refusal == nil else {
            OpenSSLFailure.discard()
            if error == X509_V_ERR_OUT_OF_MEM {
                throw HubError(.envelopeCryptoFailed, "No memory for a chain.")
            }
            return nil
        }
        OpenSSLFailure.discard()
        return unsafe CertificateStack.contents(of: X509_STORE_CTX_get0_chain(context))
    }

    private static func setPurpose(_ purpose: TrustPurpose, of parameters: OpaquePointer) -> Bool {
        let number: Int32? =
            switch purpose {
            // The library's nearest, S/MIME, insists on e-mail; `ChainPurpose` looks instead.
            case .signing: nil
            case .tlsServer: X509_PURPOSE_SSL_SERVER
            case .tlsClient: X509_PURPOSE_SSL_CLIENT
            case .timestamping: X509_PURPOSE_TIMESTAMP_SIGN
            }
        return number.map { unsafe X509_VERIFY_PARAM_set_purpose(parameters, $0) == 1 } ?? true
    }

    /// The lists that count for a chain.
    ///
    /// Of the lists of one issuer for one part of its certificates that is the newest: it knows what the
    /// older ones did not. But one that was made after a certificate had expired may leave it out, so for
    /// that one the newest before that day counts.
    private func lists(for chain: [SharedCertificate]) -> [SharedRevocationList] {
        var chosen: [SharedRevocationList] = []
        for certificate in chain {
            let notAfter = certificate.notAfter
            var newest: [[[UInt8]]: SharedRevocationList] = [:]
            for list in self.lists where list.isFromIssuer(of: certificate) {
                guard let other = newest[list.scope] else {
                    newest[list.scope] = list
                    continue
                }
                let (isOlder, isInTime) = (list.thisUpdate < other.thisUpdate, list.thisUpdate <= notAfter)
                let isOtherInTime = other.thisUpdate <= notAfter
                if isInTime == isOtherInTime ? !isOlder : isInTime { newest[list.scope] = list }
            }
            for list in newest.values where !chosen.contains(where: { $0 === list }) { chosen.append(list) }
        }
        return chosen
    }

    /// What the OCSP responses say of each certificate below the root.
    private func statuses(
        of chain: [SharedCertificate], _ question: ChainQuestion
    ) throws(HubError) -> [CertificateStatus] {
        guard !self.responses.isEmpty else { return [] }
        var statuses: [CertificateStatus] = []
        for (certificate, issuer) in zip(chain, chain.dropFirst()) {
            var status = CertificateStatus.unknown
            for response in self.responses {
                status = status.worse(try response.status(of: certificate, issuer: issuer, question))
            }
            statuses.append(status)
        }
        return statuses
    }

    private static func unexplained(_ certificate: SharedCertificate) -> TrustRefusal {
        TrustRefusal(.malformed, certificate: certificate.subject)
    }
}
