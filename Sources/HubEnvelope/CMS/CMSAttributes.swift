import HubModel

/// The attributes of a signature (RFC 5652, 5.3 and 11), each type once.
struct CMSAttributes {
    /// The types in the order of the encoding.
    private(set) var names: [ObjectIdentifier] = []
    private var values: [ObjectIdentifier: [DERElement]] = [:]

    /// - Parameter isSigned: what is signed must be in the order of DER (RFC 5652, 5.4); of what is not,
    ///   nothing depends on it.
    /// - Throws: a fault if an attribute occurs twice, has no value, or there are too many.
    init(_ set: DERElement, isSigned: Bool) throws(CMSFault) {
        let part = CMSFault.part(isSigned ? "signedAttrs" : "unsignedAttrs")
        var reader = set.reader
        guard let elements = reader.all(DERTag.sequence, limit: CMSLimits.attributes), !elements.isEmpty
        else { throw part }
        for element in elements {
            var fields = element.reader
            guard let name = fields.next()?.objectIdentifier, var inner = fields.next(DERTag.set)?.reader,
                fields.isAtEnd
            else { throw part }
            var values: [DERElement] = []
            while let value = inner.next() { values.append(value) }
            guard !values.isEmpty, inner.isAtEnd else { throw part }
            guard self.values.updateValue(values, forKey: name) == nil else {
                throw .malformed(
                    Bilingual(
                        vi: "Một thuộc tính của chữ ký xuất hiện hai lần: \(CMSName.text(name)).",
                        en: "An attribute of the signature occurs twice: \(CMSName.text(name))."
                    )
                )
            }
            self.names.append(name)
        }
        guard !isSigned || Self.isSorted(elements) else {
            throw .malformed(
                Bilingual(
                    vi: "Các thuộc tính được ký không theo thứ tự của DER.",
                    en: "The signed attributes are not in the order of DER."
                )
            )
        }
    }

    init() {}

    /// The value of an attribute that has one.
    ///
    /// - Returns: `nil` if there is no such attribute, or it has several values.
    func single(_ name: ObjectIdentifier) -> DERElement? {
        guard let values = self.values[name], values.count == 1 else { return nil }
        return values[0]
    }

    func has(_ name: ObjectIdentifier) -> Bool { self.values[name] != nil }

    /// X.690, 11.6: by their bytes.
    private static func isSorted(_ elements: [DERElement]) -> Bool {
        zip(elements, elements.dropFirst()).allSatisfy { $0.whole.lexicographicallyPrecedes($1.whole) }
    }
}

/// The two ways of writing a moment in an attribute (RFC 5652, 11.3).
enum CMSTime {
    /// - Returns: `nil` unless it is written to the second and in Greenwich time, as DER demands.
    static func moment(_ element: DERElement) -> Timestamp? {
        let yearDigits: Int
        switch element.tag {
        case DERTag.utcTime: yearDigits = 2
        case DERTag.generalizedTime: yearDigits = 4
        default: return nil
        }
        let text = Array(element.content)
        guard text.count == yearDigits + 11, text.last == UInt8(ascii: "Z") else { return nil }
        let digits = text.dropLast().map { Int($0) - 0x30 }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        var year = digits[..<yearDigits].reduce(0) { $0 * 10 + $1 }
        if yearDigits == 2 { year += year < 50 ? 2000 : 1900 }
        let rest = stride(from: yearDigits, to: digits.count, by: 2).map { digits[$0] * 10 + digits[$0 + 1] }
        guard let date = CivilDate(year: year, month: rest[0], day: rest[1]), rest[2] < 24, rest[3] < 60,
            rest[4] < 60
        else { return nil }
        return CivilTime(date: date, hour: rest[2], minute: rest[3], second: rest[4]).timestamp(offset: 0)
    }
}
