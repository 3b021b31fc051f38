import HubEnvelope
import HubModel
import Testing

/// A small world of certificates: a root, an authority below it, and keys.
struct TrustLab {
    /// All certificates here begin and end at these moments unless a test says otherwise.
    static let start = Timestamp(seconds: 1_767_225_600)  // 2026-01-01
    static let end = Timestamp(seconds: 2_082_758_400)  // 2036-01-01
    /// When things are checked.
    static let now = Timestamp(seconds: 1_893_456_000)  // 2030-01-01
    static let validity = Self.start...Self.end

    let root: CertificateAuthority
    let authority: CertificateAuthority

    init(_ profile: CertificateProfile = .authority(pathLength: 0)) throws {
        self.root = try CertificateAuthority.root(
            "Gốc thử", key: TestKeys.key(.p384), validity: Self.validity)
        self.authority = try self.root.intermediate(
            "Cơ quan cấp", key: TestKeys.key(.rsa2048), validity: Self.validity, profile: profile
        )
    }

    /// One lab for all tests that only look.
    static let shared = Result { try TrustLab() }

    /// A certificate from the authority, for the usual key.
    func leaf(
        _ profile: CertificateProfile = .signing, name: String = "qlvb-so-tttt",
        validity: ClosedRange<Timestamp> = TrustLab.validity
    ) throws -> Certificate {
        try self.authority.issue(
            profile, to: CertificateName(name), key: TestKeys.key(.p256).publicKey, validity: validity
        )
    }

    func store(
        _ purpose: TrustPurpose = .signing, lists: [RevocationList] = [], responses: [StatusResponse] = [],
        revocation: TrustSettings.RevocationPolicy = .ifPresent, skew: Duration = .zero
    ) throws -> TrustStore {
        try TrustStore(
            purpose: purpose, anchors: [self.root.certificate], intermediates: [self.authority.certificate],
            lists: lists, responses: responses, settings: Self.settings(revocation, skew: skew)
        )
    }

    static func settings(
        _ revocation: TrustSettings.RevocationPolicy = .ifPresent, skew: Duration = .zero
    ) -> TrustSettings {
        TrustSettings(revocation: revocation, clockSkew: skew, allowsTestAuthority: true)
    }

    /// Lists of root and authority, made at `now` for a day.
    func lists(
        _ revoked: [(certificate: Certificate, revocation: Revocation)] = [], number: Int = 1,
        at moment: Timestamp = TrustLab.now, for length: Duration = .seconds(86_400)
    ) throws -> [RevocationList] {
        let next = moment.advanced(by: length)
        return [
            try self.root.revocationList(number: number, thisUpdate: moment, nextUpdate: next),
            try self.authority.revocationList(revoked, number: number, thisUpdate: moment, nextUpdate: next),
        ]
    }
}

extension TrustVerdict {
    var isValid: Bool { self.refusal == nil }

    var until: Timestamp? {
        if case .valid(let until, _) = self { until } else { nil }
    }
}

extension Timestamp {
    static func + (moment: Timestamp, seconds: Int64) -> Timestamp {
        moment.advanced(by: .seconds(seconds))
    }
}
