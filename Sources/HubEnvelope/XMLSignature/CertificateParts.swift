/// Where the names and the key of a certificate lie (RFC 5280, 4.1), found by their place.
///
/// For certificates that only hint at something: nothing in them is given to the library.
struct CertificateParts {
    let issuer: ArraySlice<UInt8>
    let subject: ArraySlice<UInt8>
    /// The SubjectPublicKeyInfo.
    let key: ArraySlice<UInt8>

    /// Whether it bears one name for who vouches and who is vouched for.
    var isSelfIssued: Bool { self.issuer == self.subject }

    /// - Returns: `nil` if the bytes do not begin with something like a certificate.
    init?(_ der: ArraySlice<UInt8>) {
        guard let certificate = DERField(der), certificate.tag == 0x30,
            let body = DERField(certificate.content), body.tag == 0x30
        else { return nil }
        var rest = body.content
        // The version is optional and tagged [0]; then come serial number, algorithm, issuer, validity and
        // subject.
        if let version = DERField(rest), version.tag == 0xA0 { rest = version.rest }
        var fields: [DERField] = []
        for _ in 0..<6 {
            guard let field = DERField(rest) else { return nil }
            fields.append(field)
            rest = field.rest
        }
        guard fields[5].tag == 0x30 else { return nil }
        self.issuer = fields[2].whole
        self.subject = fields[4].whole
        self.key = fields[5].whole
    }
}

/// One field of DER: a tag, a length, and as many bytes.
struct DERField {
    let tag: UInt8
    let content: ArraySlice<UInt8>
    /// The field with its tag and length.
    let whole: ArraySlice<UInt8>
    /// What follows the field.
    let rest: ArraySlice<UInt8>

    /// `nil` if the bytes do not begin with a whole field.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count >= 2 else { return nil }
        let start = bytes.startIndex
        var cursor = start + 2
        var length = Int(bytes[start + 1])
        if length >= 0x80 {
            let count = length & 0x7F
            guard (1...3).contains(count), bytes.count >= 2 + count else { return nil }
            length = bytes[cursor..<(cursor + count)].reduce(0) { $0 << 8 | Int($1) }
            cursor += count
        }
        guard bytes.endIndex - cursor >= length else { return nil }
        self.tag = bytes[start]
        self.content = bytes[cursor..<(cursor + length)]
        self.whole = bytes[start..<(cursor + length)]
        self.rest = bytes[(cursor + length)...]
    }
}
