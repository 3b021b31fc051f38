private import COpenSSL
import HubModel

/// What is asked about a certificate.
struct ChainQuestion {
    let purpose: TrustPurpose
    let settings: TrustSettings
    let moment: Timestamp
    /// Whether someone other than the signer vouches for the moment.
    let isMomentProven: Bool

    /// The first moment that is the asked one for a clock that is behind.
    var earliest: Timestamp {
        self.wholeMoment.advanced(by: .zero - self.settings.clockSkew)
    }

    /// The same for a clock that is ahead.
    var latest: Timestamp { self.moment.advanced(by: self.settings.clockSkew) }

    /// Certificates know no fractions: one that ends at a second is good until that second is over.
    var wholeMoment: Timestamp { Timestamp(seconds: Int64(LibraryTime.seconds(self.moment))) }
}

/// What an OCSP response says of one certificate of a chain.
enum CertificateStatus {
    case unknown
    /// Not revoked; the next word of the responder comes at this time.
    case good(until: Timestamp)
    case revoked(Revocation)
}

/// One walk of the library over a chain, while which it asks about each finding.
///
/// The library has no clock skew, takes every entry of a CRL as revoked since ever, and knows nothing of OCSP
/// here; those findings are judged again, all others stand.
@safe
final class ChainRun {
    private let question: ChainQuestion
    /// By depth, as far as they are known.
    private let statuses: [CertificateStatus]
    /// The depth of the root, once the chain is known: nobody above it could say that it is revoked.
    private let rootDepth: Int?
    /// The list that was spoken of last; the stack of the walk holds it.
    private var list: OpaquePointer?
    /// Why the walk ended.
    private(set) var refusal: TrustRefusal?
    /// A revocation after the moment ends what can be said of later moments.
    private(set) var limit = Timestamp(nanoseconds: .max)

    init(_ question: ChainQuestion, statuses: [CertificateStatus] = [], rootDepth: Int? = nil) {
        self.question = question
        self.statuses = statuses
        self.rootDepth = rootDepth
    }

    /// Walks; afterwards `refusal` says whether it was in vain.
    ///
    /// - Returns: what the library made of it.
    func verify(in context: OpaquePointer) -> Int32 {
        let own = unsafe Unmanaged.passUnretained(self).toOpaque()
        guard unsafe X509_STORE_CTX_set_ex_data(context, 0, own) == 1 else { return -1 }
        unsafe X509_STORE_CTX_set_verify_cb(context) { answer, context in
            guard answer != 1, let context = unsafe context,
                let own = unsafe X509_STORE_CTX_get_ex_data(context, 0)
            else { return answer }
            // `verify` holds the run until the walk is over.
            let run = unsafe Unmanaged<ChainRun>.fromOpaque(own).takeUnretainedValue()
            return unsafe run.overlooks(context) ? 1 : 0
        }
        return withExtendedLifetime(self) { unsafe X509_verify_cert(context) }
    }

    /// Whether a finding is none for us; if it is, it is kept.
    private func overlooks(_ context: OpaquePointer) -> Bool {
        let number = unsafe X509_STORE_CTX_get_error(context)
        let depth = Int(unsafe X509_STORE_CTX_get_error_depth(context))
        let certificate = unsafe X509_STORE_CTX_get_current_cert(context)
        // The library forgets which list it is at once it has asked about its times.
        if let list = unsafe X509_STORE_CTX_get0_current_crl(context) { unsafe self.list = list }
        let list = unsafe self.list
        var reason = ChainReason.reason(number)
        switch number {
        case X509_V_ERR_CERT_NOT_YET_VALID:
            let notBefore = unsafe LibraryTime.moment(X509_get0_notBefore(certificate))
            if let notBefore, notBefore <= self.question.latest { return true }
        case X509_V_ERR_CERT_HAS_EXPIRED:
            let notAfter = unsafe LibraryTime.moment(X509_get0_notAfter(certificate))
            if let notAfter, notAfter >= self.question.earliest { return true }
        case X509_V_ERR_UNABLE_TO_GET_CRL:
            if depth == self.rootDepth || self.isGood(depth) || self.isRevocationOptional { return true }
        case X509_V_ERR_CRL_HAS_EXPIRED:
            let nextUpdate = unsafe LibraryTime.moment(X509_CRL_get0_nextUpdate(list))
            if let nextUpdate, nextUpdate >= self.question.earliest { return true }
            if depth == self.rootDepth || self.isGood(depth) || self.isRevocationOptional { return true }
        case X509_V_ERR_CRL_NOT_YET_VALID:
            // A list made after the moment knows all that one of the moment would, except of certificates
            // that had expired in between: those may be left out.
            let thisUpdate = unsafe LibraryTime.moment(X509_CRL_get0_lastUpdate(list))
            let notAfter = unsafe LibraryTime.moment(X509_get0_notAfter(certificate))
            if let thisUpdate, let notAfter, thisUpdate <= max(notAfter, self.question.latest) { return true }
            if depth == self.rootDepth || self.isGood(depth) || self.isRevocationOptional { return true }
        case X509_V_ERR_CERT_REVOKED:
            let entry = unsafe SharedRevocationList.entry(of: certificate, in: list)
            guard let entry else { break }
            let start = entry.start(
                isMomentProven: self.question.isMomentProven,
                isTimestampSigner: self.question.purpose == .timestamping && depth == 0
            )
            if start > self.question.moment {
                self.limit = min(self.limit, start.advanced(by: .nanoseconds(-1)))
                return true
            }
            reason = .revoked(entry)
        default: break
        }
        let blamed = unsafe LibraryName.text(certificate.flatMap { unsafe X509_get_subject_name($0) })
        self.refusal = TrustRefusal(reason, certificate: blamed, detail: ChainReason.text(number))
        return false
    }

    private var isRevocationOptional: Bool { self.question.settings.revocation != .required }

    private func isGood(_ depth: Int) -> Bool {
        guard self.statuses.indices.contains(depth), case .good = self.statuses[depth] else { return false }
        return true
    }
}
