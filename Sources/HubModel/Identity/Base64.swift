/// Base64 (RFC 4648), both alphabets, read strictly.
///
/// Strict means: no white space, the right padding, and no bits set beyond the last byte, so that one value has
/// one text. A signature or a digest that could be written in several ways would be several identities.
public enum Base64 {
    private static let standard: [UInt8] = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let urlSafe: [UInt8] = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let standardValues: [UInt8] = values(of: standard)
    private static let urlSafeValues: [UInt8] = values(of: urlSafe)

    /// The standard alphabet with padding (section 4).
    public static func text(_ bytes: some Collection<UInt8>) -> String {
        Self.encode(bytes, with: Self.standard, padded: true)
    }

    /// The URL-safe alphabet without padding (section 5; RFC 7515 section 2).
    public static func urlText(_ bytes: some Collection<UInt8>) -> String {
        Self.encode(bytes, with: Self.urlSafe, padded: false)
    }

    /// `nil` unless the text is exactly what `text(_:)` writes for some bytes.
    public static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        var characters = Array(text.utf8)
        guard characters.count.isMultiple(of: 4) else { return nil }
        if characters.last == 0x3D { characters.removeLast() }
        if characters.last == 0x3D { characters.removeLast() }
        // Padding must have completed the last group of four, not replaced all of it.
        guard (text.utf8.count - characters.count) == (4 - characters.count % 4) % 4 else { return nil }
        return Self.decode(characters, with: Self.standardValues)
    }

    /// `nil` unless the text is exactly what `urlText(_:)` writes for some bytes.
    public static func urlBytes(_ text: some StringProtocol) -> [UInt8]? {
        Self.decode(Array(text.utf8), with: Self.urlSafeValues)
    }

    private static func values(of alphabet: [UInt8]) -> [UInt8] {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }

    /// Copied once into an array: other collections are not worth a loop of their own that nobody specialises.
    private static func encode(_ collection: some Collection<UInt8>, with alphabet: [UInt8], padded: Bool) -> String {
        let bytes = Array(collection)
        return String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { buffer in
            var written = 0
            func put(_ group: UInt32, _ characters: Int) {
                for index in 0..<characters {
                    buffer[written] = alphabet[Int(group >> UInt32(18 - 6 * index) & 63)]
                    written += 1
                }
            }
            var place = 0
            while place + 3 <= bytes.count {
                put(UInt32(bytes[place]) << 16 | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2]), 4)
                place += 3
            }
            let rest = bytes.count - place
            if rest > 0 {
                let second = rest == 2 ? UInt32(bytes[place + 1]) << 8 : 0
                put(UInt32(bytes[place]) << 16 | second, rest + 1)
                if padded {
                    for _ in rest..<3 {
                        buffer[written] = 0x3D
                        written += 1
                    }
                }
            }
            return written
        }
    }

    private static func decode(_ characters: [UInt8], with values: [UInt8]) -> [UInt8]? {
        let rest = characters.count % 4
        let whole = characters.count - rest
        guard rest != 1 else { return nil }
        var isSound = true
        let bytes = [UInt8](unsafeUninitializedCapacity: characters.count / 4 * 3 + 2) { buffer, written in
            func group(at place: Int, _ count: Int) -> UInt32 {
                var group: UInt32 = 0
                for index in 0..<count {
                    let value = values[Int(characters[place + index])]
                    if value == 0xFF { isSound = false }
                    group = group << 6 | UInt32(value & 63)
                }
                return group
            }
            func put(_ group: UInt32, _ shift: UInt32) {
                buffer[written] = UInt8(truncatingIfNeeded: group >> shift)
                written += 1
            }
            var place = 0
            while place < whole, isSound {
                let group = group(at: place, 4)
                put(group, 16)
                put(group, 8)
                put(group, 0)
                place += 4
            }
            guard isSound, rest > 0 else { return }
            // Nothing is set in the last group beyond its last byte.
            let group = group(at: whole, rest)
            if group & (rest == 2 ? 0xF : 0x3) != 0 { isSound = false }
            put(group, rest == 2 ? 4 : 10)
            if rest == 3 { put(group, 2) }
        }
        return isSound ? bytes : nil
    }
}
