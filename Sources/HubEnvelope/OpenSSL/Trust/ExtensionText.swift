private import COpenSSL
import HubModel

/// An extension in the library's configuration language.
///
/// Only texts from a fixed stock and names of known characters get in, so none can smuggle in a second value.
struct ExtensionText {
    let identifier: Int32
    let value: String

    static func all(of profile: CertificateProfile) throws(HubError) -> [ExtensionText] {
        var texts = [
            ExtensionText(
                identifier: NID_basic_constraints,
                value: profile.isAuthority
                    ? "critical,CA:TRUE" + (profile.pathLength.map { ",pathlen:\($0)" } ?? "")
                    : "critical,CA:FALSE"
            )
        ]
        func add(_ identifier: Int32, _ values: [String], isCritical: Bool) {
            guard !values.isEmpty else { return }
            let value = (isCritical ? ["critical"] : []) + values
            texts.append(ExtensionText(identifier: identifier, value: value.joined(separator: ",")))
        }
        add(NID_key_usage, profile.keyUsage.map(\.rawValue), isCritical: true)
        for usage in profile.extendedKeyUsage { try Self.check(usage, "0123456789.") }
        add(NID_ext_key_usage, profile.extendedKeyUsage, isCritical: profile.isExtendedKeyUsageCritical)
        var names: [String] = []
        for name in profile.alternativeNames {
            switch name {
            case .dns(let domain):
                try Self.check(domain, Self.domain + "*")
                names.append("DNS:" + domain)
            case .address(let address):
                try Self.check(address, "0123456789abcdefABCDEF.:")
                names.append("IP:" + address)
            }
        }
        add(NID_subject_alt_name, names, isCritical: false)
        var limits: [String] = []
        for (kind, domains) in [
            ("permitted", profile.permittedDomains), ("excluded", profile.excludedDomains),
        ] {
            for domain in domains {
                try Self.check(domain, Self.domain)
                limits.append(kind + ";DNS:" + domain)
            }
        }
        add(NID_name_constraints, limits, isCritical: true)
        return texts
    }

    private static let domain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"

    private static func check(_ text: String, _ allowed: String) throws(HubError) {
        guard !text.isEmpty, text.utf8.count <= 253, text.allSatisfy({ allowed.contains($0) }) else {
            throw HubError(.envelopeCryptoFailed, "A name does not fit into a certificate.")
        }
    }
}
