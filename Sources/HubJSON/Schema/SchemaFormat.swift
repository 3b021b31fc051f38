import HubModel

/// The values of `format` that can be checked; others only annotate.
enum SchemaFormat: String, Sendable {
    case date
    case dateTime = "date-time"
    case duration
    case email
    case hostname
    case ipv4
    case ipv6
    case jsonPointer = "json-pointer"
    case regex
    case relativeJSONPointer = "relative-json-pointer"
    case time
    case uri
    case uriReference = "uri-reference"
    case uuid

    func accepts(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return switch self {
        case .date: TimeFormats.isDate(bytes[...])
        case .dateTime: TimeFormats.isDateTime(bytes)
        case .time: TimeFormats.isTime(bytes[...])
        case .duration:
            Self.durationPattern.matches(text) && text.utf8.last != UInt8(ascii: "T") && bytes.count > 1
        case .email: Self.isEmail(text)
        case .hostname: Self.isHostname(text)
        case .ipv4: NetworkFormats.isIPv4(bytes[...])
        case .ipv6: NetworkFormats.isIPv6(bytes[...])
        case .jsonPointer: JSONPointer.tokens(of: text) != nil
        case .relativeJSONPointer: Self.relativePointerPattern.matches(text)
        case .regex: (try? Pattern(text)) != nil
        case .uri: NetworkFormats.isURI(text) && URIReference(text).isAbsolute
        case .uriReference: NetworkFormats.isURI(text)
        case .uuid: Self.uuidPattern.matches(text)
        }
    }

    private static let durationPattern = Self.constant(
        #"^P(\d+W|(\d+Y(\d+M(\d+D)?)?|\d+M(\d+D)?|\d+D)?(T(\d+H(\d+M(\d+S)?)?|\d+M(\d+S)?|\d+S)?)?)$"#
    )
    private static let uuidPattern = Self.constant("^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")
    private static let relativePointerPattern = Self.constant("^(0|[1-9][0-9]*)(#|(/([^~/]|~[01])*)*)$")
    private static let localPartPattern = Self.constant(
        #"^([A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+)*|"([^"\\]|\\.)*")$"#
    )
    private static let hostnamePattern = Self.constant(
        #"^[A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?)*$"#
    )

    /// The expressions above are part of the program; a test compiles them all.
    private static func constant(_ source: String) -> Pattern {
        do throws(PatternFault) {
            return try Pattern(source)
        } catch {
            preconditionFailure("\(source): \(error)")
        }
    }

    private static func isHostname(_ text: String) -> Bool {
        text.utf8.count <= 253 && Self.hostnamePattern.matches(text)
    }

    private static func isEmail(_ text: String) -> Bool {
        guard let at = text.lastIndex(of: "@") else { return false }
        let domain = text[text.index(after: at)...]
        guard Self.localPartPattern.matches(String(text[..<at])) else { return false }
        guard domain.hasPrefix("["), domain.hasSuffix("]") else { return Self.isHostname(String(domain)) }
        let address = domain.dropFirst().dropLast()
        guard address.hasPrefix("IPv6:") else { return NetworkFormats.isIPv4(Array(address.utf8)[...]) }
        return NetworkFormats.isIPv6(Array(address.utf8.dropFirst(5))[...])
    }
}
