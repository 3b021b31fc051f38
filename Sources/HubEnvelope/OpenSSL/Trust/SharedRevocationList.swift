private import COpenSSL
import HubModel

/// A certificate revocation list of the library's (RFC 5280, 5), shared by all checks that look into it.
@safe
final class SharedRevocationList: @unchecked Sendable {
    // Holds because: the list is complete before `init` returns, nothing here changes it afterwards, and the
    // library guards its own sorting of the entries with a lock.
    private let pointer: OpaquePointer
    let thisUpdate: Timestamp
    /// `nil` where the issuer does not say when the next one comes.
    let nextUpdate: Timestamp?

    /// - Throws: `trust.revocation_unknown` if it is not one complete list in DER, `trust.weak` if it is
    ///   signed with SHA-1 or MD5.
    init(der: [UInt8]) throws(HubError) {
        let pointer = unsafe LibraryBytes.decode(der, free: { unsafe X509_CRL_free($0) }) {
            unsafe d2i_X509_CRL(nil, $0, $1)
        }
        guard let pointer = unsafe pointer else {
            throw OpenSSLFailure.drain(
                as: .trustRevocationUnknown, "The revocation list is not readable as a CRL.")
        }
        guard let thisUpdate = unsafe LibraryTime.moment(X509_CRL_get0_lastUpdate(pointer)) else {
            unsafe X509_CRL_free(pointer)
            throw OpenSSLFailure.drain(
                as: .trustRevocationUnknown, "The time of the revocation list is not readable.")
        }
        var digest: Int32 = NID_undef
        var key: Int32 = NID_undef
        _ = unsafe OBJ_find_sigid_algs(X509_CRL_get_signature_nid(pointer), &digest, &key)
        guard ![NID_md4, NID_md5, NID_sha1].contains(digest) else {
            unsafe X509_CRL_free(pointer)
            throw HubError(.trustWeak, "The revocation list is signed with SHA-1 or MD5.")
        }
        // The library would take what a delta does not list as good.
        guard unsafe X509_CRL_get_ext_by_NID(pointer, NID_delta_crl, -1) < 0 else {
            unsafe X509_CRL_free(pointer)
            throw HubError(
                .trustRevocationUnknown, "The revocation list is a delta; only complete lists are read.")
        }
        self.thisUpdate = thisUpdate
        self.nextUpdate = unsafe LibraryTime.moment(X509_CRL_get0_nextUpdate(pointer))
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe X509_CRL_free(self.pointer)
    }

    /// Lends the list for the length of `body`, which must not keep it.
    func withPointer<Value>(_ body: (OpaquePointer) -> Value) -> Value {
        unsafe body(self.pointer)
    }

    var issuer: String { unsafe LibraryName.text(X509_CRL_get_issuer(self.pointer)) }

    /// The number of the list, big-endian; `nil` if it has none.
    var number: [UInt8]? {
        guard let value = unsafe X509_CRL_get_ext_d2i(self.pointer, NID_crl_number, nil, nil) else {
            OpenSSLFailure.discard()
            return nil
        }
        let number = unsafe value.assumingMemoryBound(to: ASN1_INTEGER.self)
        defer { unsafe ASN1_INTEGER_free(number) }
        return unsafe LibraryBytes.magnitude(number)
    }

    /// What tells the lists of one issuer apart: its key and the part of its certificates.
    var scope: [[UInt8]] {
        [NID_authority_key_identifier, NID_issuing_distribution_point].map { identifier in
            let place = unsafe X509_CRL_get_ext_by_NID(self.pointer, identifier, -1)
            guard place >= 0, let found = unsafe X509_CRL_get_ext(self.pointer, place) else { return [] }
            return unsafe LibraryBytes.encoded { unsafe i2d_X509_EXTENSION(found, $0) } ?? []
        }
    }

    /// Whether the issuer of the certificate is who made the list.
    func isFromIssuer(of certificate: SharedCertificate) -> Bool {
        unsafe certificate.withPointer {
            unsafe X509_NAME_cmp(X509_CRL_get_issuer(self.pointer), X509_get_issuer_name($0)) == 0
        }
    }

    /// What a list says of a certificate; `nil` if it does not name it.
    static func entry(of certificate: OpaquePointer?, in list: OpaquePointer?) -> Revocation? {
        guard let certificate = unsafe certificate, let list = unsafe list else { return nil }
        var found: OpaquePointer?
        guard unsafe X509_CRL_get0_by_cert(list, &found, certificate) != 0, let entry = unsafe found,
            let date = unsafe LibraryTime.moment(X509_REVOKED_get0_revocationDate(entry))
        else { return nil }
        return unsafe Revocation(
            date: date, reason: self.reason(of: entry), invalidSince: self.invalidity(of: entry))
    }

    private static func reason(of entry: OpaquePointer) -> Revocation.Reason? {
        guard let value = unsafe X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nil, nil) else {
            OpenSSLFailure.discard()
            return nil
        }
        let number = unsafe value.assumingMemoryBound(to: ASN1_ENUMERATED.self)
        defer { unsafe ASN1_ENUMERATED_free(number) }
        return unsafe Revocation.Reason(rawValue: Int(ASN1_ENUMERATED_get(number)))
    }

    private static func invalidity(of entry: OpaquePointer) -> Timestamp? {
        guard let value = unsafe X509_REVOKED_get_ext_d2i(entry, NID_invalidity_date, nil, nil) else {
            OpenSSLFailure.discard()
            return nil
        }
        let time = unsafe value.assumingMemoryBound(to: ASN1_GENERALIZEDTIME.self)
        defer { unsafe ASN1_GENERALIZEDTIME_free(time) }
        return unsafe LibraryTime.moment(time)
    }
}

/// Revocation lists on a stack of the library's, which holds a reference to each.
@safe
struct RevocationListStack: ~Copyable {
    private let pointer: OpaquePointer

    /// - Throws: `envelope.crypto_failed` if there is no memory.
    init(_ lists: [SharedRevocationList]) throws(HubError) {
        guard let pointer = unsafe hub_crls_new() else {
            throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for revocation lists.")
        }
        for list in lists {
            guard unsafe list.withPointer({ unsafe hub_crls_push(pointer, $0) }) == 1 else {
                unsafe hub_crls_free(pointer)
                throw OpenSSLFailure.drain(as: .envelopeCryptoFailed, "No memory for revocation lists.")
            }
        }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe hub_crls_free(self.pointer)
    }

    /// Lends the stack for the length of `body`, which must not keep it.
    func withPointer<Value>(_ body: (OpaquePointer) -> Value) -> Value {
        unsafe body(self.pointer)
    }
}
