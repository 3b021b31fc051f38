import HubEnvelope
import HubModel
import World

/// A root and an authority below it, and what they issue.
struct Trust {
    let root: CertificateAuthority
    let authority: CertificateAuthority

    init() throws {
        self.root = try CertificateAuthority.root("root", key: World.p256("root"), validity: World.validity)
        self.authority = try self.root.intermediate(
            "authority", key: World.p256("authority"), validity: World.validity)
    }

    func leaf(_ profile: CertificateProfile, _ key: SigningKey, _ name: String) throws -> Certificate {
        try self.authority.issue(
            profile, to: CertificateName(name), key: key.publicKey, validity: World.validity)
    }

    func write() throws {
        try MakeSeeds.write("world/root.der", self.root.certificate.der)
        try MakeSeeds.write("world/authority.der", self.authority.certificate.der)
        let key = World.keys[0]
        let leaf = try self.leaf(.signing, key, "leaf")
        try Self.write("leaf.der", leaf.der)
        try Self.write("leaf.pem", leaf.pem)
        try Self.write("root.der", self.root.certificate.der)
        try Self.write("stranger.der", self.stranger().der)
        try self.revocations(of: leaf)

        for key in World.keys {
            try Self.write(key.kind.rawValue + ".pem", key.publicKey.pem)
            try Self.write(key.kind.rawValue + ".spki", key.publicKey.der)
        }
        let rsa = try SigningKey.generate(.rsa2048).publicKey
        try Self.write("rsa.spki", rsa.der)
        try Self.write("keys.pem", leaf.pem + rsa.pem + key.publicKey.pem)
        let request = try CertificateRequest.make(CertificateName("request", country: "VN"), key: key)
        try Self.write("request.der", request.der)
        try Self.write("request.pem", request.pem)
    }

    private func revocations(of leaf: Certificate) throws {
        let next = World.now.advanced(by: .seconds(86_400))
        let revocation = Revocation(date: World.now.advanced(by: .seconds(-60)), reason: .keyCompromise)
        let list = try self.authority.revocationList(number: 1, thisUpdate: World.now, nextUpdate: next)
        try Self.write("list.crl", list.der)
        try Self.write("list.pem", list.pem)
        let revoking = try self.authority.revocationList(
            [(leaf, revocation)], number: 2, thisUpdate: World.now, nextUpdate: next)
        try Self.write("revoking.crl", revoking.der)
        for (name, revocation) in [("good.ocsp", nil), ("revoking.ocsp", revocation)]
            as [(String, Revocation?)]
        {
            let response = try self.authority.statusResponse(
                for: leaf, revocation: revocation, thisUpdate: World.now, nextUpdate: next)
            try Self.write(name, response.der)
        }
    }

    /// With every kind of extension, from a root that nobody trusts.
    private func stranger() throws -> Certificate {
        var profile = CertificateProfile.authority(pathLength: 1)
        profile.permittedDomains = ["example.vn"]
        profile.excludedDomains = ["bad.example.vn"]
        profile.alternativeNames = [.dns("a.example.vn"), .address("127.0.0.1")]
        let root = try CertificateAuthority.root("other", key: World.stranger, validity: World.validity)
        return try root.issue(
            profile, to: CertificateName("stranger", organisation: "o", unit: "u", country: "VN"),
            key: World.keys[1].publicKey, validity: World.validity)
    }

    private static func write(_ name: String, _ bytes: [UInt8]) throws {
        try MakeSeeds.write("certificate/" + name, bytes)
    }
}
