public import HubModel

/// Where a private key is in a token: the part of a PKCS #11 URI (RFC 7512) that names it.
///
/// It names the token by `token` or `serial`, and the key by `object` or `id`. A URI can also carry a PIN or say which
/// library to load; those are refused here, because a URI stands in files and logs that anyone may read.
public struct TokenURI: Hashable, Sendable {
    /// The label of the token; `nil` for any.
    public let token: String?
    let serial: String?
    let manufacturer: String?
    let model: String?
    /// The label of the key; `nil` for any.
    public let object: String?
    let id: [UInt8]?

    static let scheme = "pkcs11:"

    /// Whether a text is meant as such a URI, and not as the path of a file.
    public static func isOne(_ text: String) -> Bool { text.lowercased().hasPrefix(Self.scheme) }

    /// Reads a URI.
    ///
    /// - Throws: `configuration.invalid`, which never repeats the text: there may be a PIN in it.
    public init(_ text: String) throws(HubError) {
        guard Self.isOne(text) else { throw Self.failure("The URI of a key in a token begins with pkcs11:.") }
        let parts = text.dropFirst(Self.scheme.count).split(separator: "?", omittingEmptySubsequences: false)
        guard parts.count == 1 else {
            throw Self.failure(
                "The URI of a key says more than where it is; a PIN belongs in a file, and the module in the configuration."
            )
        }
        var values: [String: [UInt8]] = [:]
        for attribute in parts[0].split(separator: ";", omittingEmptySubsequences: false) {
            let pair = attribute.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, let bytes = Self.decoded(pair[1]), !bytes.isEmpty, bytes.count <= 64,
                !bytes.contains(0) || pair[0] == "id"
            else { throw Self.failure("An attribute in the URI of a key cannot be read.") }
            let name = String(pair[0])
            if ["pin-value", "pin-source"].contains(name) {
                throw Self.failure("There is a PIN in the URI of a key; it belongs in a file that only its owner may read.")
            }
            guard Self.names.contains(name) else {
                throw Self.failure(
                    "The URI of a key has an attribute other than token, serial, manufacturer, model, object, id and type."
                )
            }
            guard values.updateValue(bytes, forKey: name) == nil else {
                throw Self.failure("An attribute stands twice in the URI of a key.")
            }
        }
        func value(_ name: String) -> String? { values[name].map { String(decoding: $0, as: UTF8.self) } }
        guard value("type") ?? "private" == "private" else {
            throw Self.failure("The URI of a key names something other than a private key.")
        }
        guard values["token"] != nil || values["serial"] != nil else {
            throw Self.failure("The URI of a key does not say in which token it is; give token or serial.")
        }
        guard values["object"] != nil || values["id"] != nil else {
            throw Self.failure("The URI of a key does not say which key of its token; give object or id.")
        }
        self.token = value("token")
        self.serial = value("serial")
        self.manufacturer = value("manufacturer")
        self.model = value("model")
        self.object = value("object")
        self.id = values["id"]
    }

    private static let names: Set = ["token", "serial", "manufacturer", "model", "object", "id", "type"]

    func fits(_ token: TokenModule.Token) -> Bool {
        (self.token ?? token.label) == token.label && (self.serial ?? token.serial) == token.serial
            && (self.manufacturer ?? token.manufacturer) == token.manufacturer
            && (self.model ?? token.model) == token.model
    }

    private static func decoded(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    private static func failure(_ summary: StaticString) -> HubError { HubError(.configurationInvalid, summary) }
}

extension TokenURI: CustomStringConvertible {
    /// The URI in one form, whatever the order and the escapes were that it was read from.
    public var description: String {
        let texts = [
            ("token", self.token), ("serial", self.serial), ("manufacturer", self.manufacturer), ("model", self.model),
            ("object", self.object),
        ].compactMap { name, value in value.map { "\(name)=\(Self.encoded(Array($0.utf8)))" } }
        let id = self.id.map { ["id=" + $0.map { "%" + Self.hexadecimal($0) }.joined()] } ?? []
        return Self.scheme + (texts + id + ["type=private"]).joined(separator: ";")
    }

    private static func encoded(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let character = Character(UnicodeScalar(byte))
            let isPlain = byte < 0x80 && (character.isLetter || character.isNumber || "-._~".contains(character))
            return isPlain ? String(character) : "%" + Self.hexadecimal(byte)
        }.joined()
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
