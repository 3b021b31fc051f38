/// The code of an agency, in the form of Quyết định 20/2020/QĐ-TTg: level 1 first, such as `H44.13`.
///
/// The older form of QCVN 102:2016 (`000.00.13.H44`) is read too and turned round. Two texts for one agency give
/// equal values as far as that mechanical rule goes; what goes beyond it is an alias in the directory.
public struct AgencyCode: Hashable, Sendable, Comparable {
    /// The dotted text, at most 35 characters.
    public let text: String

    /// Reads either form.
    ///
    /// A connection centre (`00.44.W00`) keeps its own order. `nil` for anything that is neither.
    public init?(_ text: String) {
        let groups = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let first = groups.first, let last = groups.last, text.utf8.count <= 35 else { return nil }
        if Self.isLevelOne(first) {
            guard groups.count <= 5, groups.dropFirst().allSatisfy(Self.isLowerGroup) else { return nil }
            self.text = text
        } else if groups.count == 4, Self.isLevelOne(last), Self.isDigits(groups[0], 3), Self.isDigits(groups[1], 2),
            Self.isDigits(groups[2], 2)
        {
            // Lower levels that are all zero are absent levels, but only from the left: 000.02.00 keeps its 00.
            let meaningful = groups.dropLast().drop { $0.allSatisfy { $0 == "0" } }
            self.text = ([last] + meaningful.reversed()).joined(separator: ".")
        } else if groups.count == 3, last == "W00", Self.isDigits(groups[0], 2), Self.isDigits(groups[1], 2) {
            self.text = text
        } else {
            return nil
        }
    }

    /// The code of level 1: the ministry or province this agency belongs to.
    public var root: AgencyCode {
        guard let dot = self.text.firstIndex(of: "."), !self.text.hasSuffix(".W00") else { return self }
        return AgencyCode(root: String(self.text[..<dot]))
    }

    /// One level up, or `nil` at level 1.
    public var parent: AgencyCode? {
        guard let dot = self.text.lastIndex(of: "."), !self.text.hasSuffix(".W00") else { return nil }
        return AgencyCode(root: String(self.text[..<dot]))
    }

    /// Whether this is `other` or lies below it.
    public func isWithin(_ other: AgencyCode) -> Bool {
        self == other || self.text.hasPrefix(other.text + ".")
    }

    /// The form of QCVN 102:2016 by the mechanical rule, or `nil` where that form has no room for the code.
    public var qcvn102: String? {
        let groups = self.text.split(separator: ".")
        guard Self.isLevelOne(groups[0]), groups.count <= 4 else { return nil }
        let widths = [2, 2, 3]
        var lower: [String] = []
        for (index, group) in groups.dropFirst().enumerated() {
            guard group.utf8.count == widths[index], group.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            lower.append(String(group))
        }
        while lower.count < 3 { lower.append(String(repeating: "0", count: widths[lower.count])) }
        return (lower.reversed() + [String(groups[0])]).joined(separator: ".")
    }

    private init(root text: String) {
        self.text = text
    }

    private static func isLevelOne(_ group: Substring) -> Bool {
        let bytes = Array(group.utf8)
        return bytes.count == 3 && (0x41...0x5A).contains(bytes[0]) && (0x30...0x39).contains(bytes[1])
            && (0x30...0x39).contains(bytes[2])
    }

    private static func isLowerGroup(_ group: Substring) -> Bool {
        (2...10).contains(group.utf8.count)
            && group.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
    }

    private static func isDigits(_ group: Substring, _ count: Int) -> Bool {
        group.utf8.count == count && group.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

extension AgencyCode: CustomStringConvertible {
    public var description: String { self.text }

    public static func < (left: AgencyCode, right: AgencyCode) -> Bool { left.text < right.text }
}
