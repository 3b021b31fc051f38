/// Damage of the kinds that happen by accident or by intent.
enum Mutation {
    private static let insertions = [
        "<!-- -->", "<?x?>", " ", "\n", "&#32;", "=", "A", "<![CDATA[]]>", "<a/>", " b=\"c\"",
        " xmlns:ds=\"urn:x\"",
        " Id=\"i\"", "</Signature>", "<Signature>", "<Object/>", "\u{FEFF}", "\r",
    ].map { Array($0.utf8) }

    static func apply(to document: [UInt8], with random: inout Random) -> [UInt8] {
        var changed = document
        for _ in 0...random.below(2) {
            // Half of the damage falls near a tag, where it is most likely to leave a document that can be read.
            var place = random.below(changed.count)
            if random.below(2) == 0 { place = changed[place...].firstIndex(of: 0x3C) ?? place }
            switch random.below(5) {
            case 0: changed[place] = UInt8(0x20 + random.below(95))
            case 1:
                changed.insert(contentsOf: Self.insertions[random.below(Self.insertions.count)], at: place)
            case 2: changed.remove(at: place)
            case 3:
                let end = min(changed.count, place + random.below(80))
                changed.insert(contentsOf: changed[place..<end], at: place)
            default:
                let end = changed[place...].firstIndex(of: 0x3E).map { $0 + 1 } ?? place
                let tag = Array(changed[place..<end])
                changed.removeSubrange(place..<end)
                changed.insert(contentsOf: tag, at: random.below(changed.count))
            }
        }
        return changed
    }
}
