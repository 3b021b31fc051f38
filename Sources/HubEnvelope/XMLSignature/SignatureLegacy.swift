/// What is out of date, or was never right, about a signature that software in the field made.
///
/// A note changes no verdict. It lets a policy tell old software from an attack, and it stays with a
/// signature that was accepted all the same.
public enum SignatureLegacy: String, CaseIterable, Codable, Sendable {
    /// It signs or hashes with SHA-1, MD5, or something else that is no longer safe.
    case weakAlgorithm = "weak-algorithm"
    /// The certificate in its `KeyInfo` is a stub of the sender's making (DOMAIN 1.5), or one that somebody issued to himself and nobody
    /// registered.
    case stubCertificate = "stub-certificate"
    /// Its element is not in the namespace of XML-DSig, so that no verifier finds it.
    case wrongNamespace = "wrong-namespace"
    /// There is an element for a signature and nothing in it.
    case emptyElement = "empty-element"
    /// What was signed is written by inclusive C14N, as the first edXML software did.
    case inclusiveCanonicalisation = "inclusive-canonicalisation"
}

/// What a caller accepts although it is out of date. Nothing, unless it says so.
public struct LegacyPolicy: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// RSA PKCS #1 v1.5 with SHA-1, and digests by SHA-1 below an RSA signature.
    ///
    /// Such a signature that holds is `valid`, and its report says `SignatureLegacy.weakAlgorithm` for ever.
    /// Whoever can find collisions of SHA-1 can have one thing signed and show another; so this is for
    /// senders whose connection vouches for them too.
    public static let sha1 = LegacyPolicy(rawValue: 1 << 0)
}
