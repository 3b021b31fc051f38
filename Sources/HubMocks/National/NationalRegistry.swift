/// Invented citizens and enterprises.
///
/// They are computed, not stored: a number always gives the same one, for the same seed, whichever service is asked.
/// Citizens have numbers of twelve digits (or the nine of an old card), enterprises of ten; a number that ends in 999
/// belongs to nobody.
struct NationalRegistry: Sendable {
    let seed: UInt64

    /// A citizen under one number.
    struct Citizen: Hashable, Sendable {
        let number: String
        let person: Person
    }

    struct Enterprise: Hashable, Sendable {
        let number: String
        let name: String
        let shortName: String
        let representative: String
        let founded: String
        let capital: Int
        let street: Int
    }

    /// - Returns: `nil` for a number that nobody has.
    func citizen(_ number: String) -> Citizen? {
        guard Self.isNumber(number, lengths: [9, 12]) else { return nil }
        if let person = Person.ofExamples[number] { return Citizen(number: number, person: person) }
        var draw = self.draw("citizen", number)
        return Citizen(number: number, person: Person(index: draw.next(Person.count)))
    }

    /// - Returns: `nil` for a number that no enterprise has.
    func enterprise(_ number: String) -> Enterprise? {
        guard Self.isNumber(number, lengths: [10]) else { return nil }
        var draw = self.draw("enterprise", number)
        let trade = draw.choose(["Thương mại", "Xây dựng", "Chế biến Chè", "Vận tải", "Dịch vụ Nông nghiệp"])
        let word = draw.choose(["Mẫu", "Thử Nghiệm", "Ví Dụ", "Giả Định", "Minh Họa"])
        return Enterprise(
            number: number, name: "Công ty TNHH \(trade) \(word) \(1 + draw.next(900))",
            shortName: "\(word) Co., Ltd",
            representative: "\(draw.choose(Person.families)) VĂN \(draw.choose(Person.givenNames))",
            founded: "\(1995 + draw.next(29))-0\(1 + draw.next(9))-\(10 + draw.next(19))",
            capital: (1 + draw.next(500)) * 100_000_000, street: 1 + draw.next(400)
        )
    }

    /// Whether a text is a number that somebody could have.
    static func isNumber(_ text: String, lengths: Set<Int>) -> Bool {
        lengths.contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && !text.hasSuffix("999")
    }

    /// SplitMix64 from the seed and what is asked for: the same on every machine and in every run.
    struct Draw {
        var state: UInt64

        mutating func next(_ bound: Int) -> Int {
            self.state &+= 0x9E37_79B9_7F4A_7C15
            var value = self.state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int((value ^ (value >> 31)) % UInt64(bound))
        }

        mutating func choose(_ choices: [String]) -> String { choices[self.next(choices.count)] }
    }

    /// What is drawn for one thing, by its kind and its number.
    func draw(_ kind: String, _ number: String) -> Draw {
        // FNV-1a over the text.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(kind) \(number)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return Draw(state: hash ^ (self.seed &* 0x9E37_79B9_7F4A_7C15))
    }
}
