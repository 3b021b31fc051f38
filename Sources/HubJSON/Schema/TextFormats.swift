/// Dates and times of RFC 3339.
enum TimeFormats {
    static func isDate(_ text: ArraySlice<UInt8>) -> Bool {
        let bytes = Array(text)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
            let day = Self.number(bytes[8..<10]), (1...12).contains(month)
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...days[month - 1]).contains(day)
    }

    static func isDateTime(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 11, bytes[10] | 0x20 == UInt8(ascii: "t") else { return false }
        return Self.isDate(bytes[0..<10]) && Self.isTime(bytes[11...])
    }

    /// `hh:mm:ss`, a fraction if there is one, `Z` or an offset.
    ///
    /// Second 60 only where a leap second can be.
    static func isTime(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        guard let hour = Self.two(&rest), Self.take(&rest, ":"), let minute = Self.two(&rest),
            Self.take(&rest, ":"),
            let second = Self.two(&rest), hour < 24, minute < 60, second <= 60
        else { return false }
        if Self.take(&rest, ".") {
            let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
            guard !digits.isEmpty else { return false }
            rest = rest.dropFirst(digits.count)
        }
        var offset = 0
        if Self.take(&rest, "Z") || Self.take(&rest, "z") {
            guard rest.isEmpty else { return false }
        } else {
            let isWest = rest.first == UInt8(ascii: "-")
            guard Self.take(&rest, "+") || Self.take(&rest, "-"), let hours = Self.two(&rest),
                Self.take(&rest, ":"),
                let minutes = Self.two(&rest), rest.isEmpty, hours < 24, minutes < 60
            else { return false }
            offset = (hours * 60 + minutes) * (isWest ? -1 : 1)
        }
        return second < 60 || (hour * 60 + minute - offset + 2 * 1440) % 1440 == 1439
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        digits.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } : nil
    }

    private static func two(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard rest.count >= 2, let value = Self.number(rest.prefix(2)) else { return nil }
        rest = rest.dropFirst(2)
        return value
    }

    private static func take(_ rest: inout ArraySlice<UInt8>, _ character: UnicodeScalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }
}

/// Addresses and URIs.
enum NetworkFormats {
    static func isIPv4(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                guard (1...3).contains(part.count), part.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
                    return false
                }
                let value = part.reduce(0) { $0 * 10 + Int($1 - 0x30) }
                return value < 256 && (part.count == 1 || part.first != 0x30)
            }
    }

    static func isIPv6(_ bytes: ArraySlice<UInt8>) -> Bool {
        var groups = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var count = 0
        if let last = groups.last, last.contains(UInt8(ascii: ".")) {
            guard groups.count > 1, Self.isIPv4(last) else { return false }
            groups.removeLast()
            count = 2
            // What stood before the address is complete without it, unless it ended in "::".
            if groups.last?.isEmpty == true, groups.count > 1 { groups.append([]) }
        }
        if groups.count > 1, groups[0].isEmpty {
            guard groups[1].isEmpty else { return false }
            groups.removeFirst()
        }
        if groups.count > 1, let last = groups.last, last.isEmpty {
            guard groups[groups.count - 2].isEmpty else { return false }
            groups.removeLast()
        }
        let gaps = groups.count { $0.isEmpty }
        guard groups.allSatisfy({ $0.count <= 4 && $0.allSatisfy(Self.isHex) }) else { return false }
        count += groups.count - gaps
        return gaps == 0 ? count == 8 : gaps == 1 && count < 8
    }

    /// A URI or relative reference, by its characters, its percent escapes and its authority.
    static func isURI(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%") {
                guard index + 2 < bytes.count, Self.isHex(bytes[index + 1]), Self.isHex(bytes[index + 2])
                else { return false }
                index += 3
                continue
            }
            guard Self.isURICharacter(bytes[index]) else { return false }
            index += 1
        }
        guard bytes.count(where: { $0 == UInt8(ascii: "#") }) <= 1 else { return false }
        let uri = URIReference(text)
        guard
            ![uri.path, uri.query ?? "", uri.fragment ?? ""].contains(where: {
                $0.contains("[") || $0.contains("]")
            })
        else { return false }
        if uri.scheme == nil, uri.authority == nil, uri.path.prefix(while: { $0 != "/" }).contains(":") {
            return false
        }
        return uri.authority.map { Self.isAuthority($0) } ?? true
    }

    private static func isAuthority(_ text: String) -> Bool {
        let host = text.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        guard text.count(where: { $0 == "@" }) <= 1 else { return false }
        if text.contains("@"), text.prefix(while: { $0 != "@" }).contains(where: { $0 == "[" || $0 == "]" }) {
            return false
        }
        if host.hasPrefix("[") {
            guard let close = host.firstIndex(of: "]") else { return false }
            let address = Array(host[host.index(after: host.startIndex)..<close].utf8)
            let port = host[host.index(after: close)...]
            return Self.isIPv6(address[...])
                && (port.isEmpty || port.hasPrefix(":") && Self.isPort(port.dropFirst()))
        }
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count <= 2 && !host.contains("]") && !host.contains("[")
            && (parts.count < 2 || Self.isPort(parts[1]))
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x66
    }

    private static func isURICharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x3b, 0x3d, 0x3f...0x5b, 0x5d, 0x5f, 0x61...0x7a, 0x7e: byte != UInt8(ascii: "%")
        default: false
        }
    }
}
