/// Vietnamese in the encodings from before Unicode, as it looks when it was read as Latin letters.
enum LegacyVietnamese {
    /// Whether a character is one of sound Vietnamese text and of no old font's remains.
    static func isSoundAlone(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x102, 0x103, 0x110, 0x111, 0x128, 0x129, 0x168, 0x169, 0x1A0, 0x1A1, 0x1AF, 0x1B0, 0x1EA0...0x1EF9: true
        // Marks apart, dashes, quotes, dots.
        case 0x300...0x36F, 0x2010...0x2026: true
        default: false
        }
    }

    // MARK: Encoded twice

    /// Whether a word is UTF-8 of which each byte was taken for a character of code page 1252.
    static func isDoubleEncoded(_ word: Substring) -> Bool {
        var bytes: [UInt8] = []
        var hasHigh = false
        for scalar in word.unicodeScalars {
            guard let byte = Self.codePage1252(scalar) else { return false }
            if byte >= 0x80 { hasHigh = true }
            bytes.append(byte)
        }
        guard hasHigh, let text = String(validating: bytes, as: UTF8.self) else { return false }
        return text.unicodeScalars.contains { Self.isVowelWithMarks($0) || $0 == "đ" || $0 == "Đ" }
    }

    private static func codePage1252(_ scalar: Unicode.Scalar) -> UInt8? {
        if scalar.value < 0x80 || (0x80...0xFF).contains(scalar.value) { return UInt8(scalar.value) }
        return Self.upperHalf.firstIndex(of: scalar).map { UInt8(0x80 + $0) }
    }

    /// 0x80 to 0x9F of code page 1252; where it has nothing, the control character is left.
    private static let upperHalf: [Unicode.Scalar] = [
        "€", "\u{81}", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", "\u{8D}", "Ž", "\u{8F}",
        "\u{90}", "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", "\u{9D}", "ž", "Ÿ",
    ]

    // MARK: Old fonts

    /// The font whose remains these words are: at least two of them, and most of those with strange letters, are Vietnamese
    /// only when they are read as that font writes them.
    static func font(of words: [Substring]) -> TextFlaw? {
        var strange = 0
        var become: (tcvn3: Int, vni: Int) = (0, 0)
        for word in words.prefix(2000)
        where word.contains(where: \.isLetter) && word.unicodeScalars.contains(where: { $0.value >= 0x80 }) {
            if Self.isSyllable(String(word)) { continue }
            strange += 1
            if let read = Self.tcvn3(word), Self.isSyllable(read) { become.tcvn3 += 1 }
            if let read = Self.vni(word), Self.isSyllable(read) { become.vni += 1 }
        }
        let most = max(become.tcvn3, become.vni)
        guard most >= 2, most * 2 > strange else { return nil }
        return become.vni > become.tcvn3 ? .vni : .tcvn3
    }

    /// TCVN 5712:1993, VN3: one character for each letter.
    static func tcvn3(_ word: Substring) -> String? {
        var text = ""
        for scalar in word.unicodeScalars {
            if scalar.value < 0x80 { text.unicodeScalars.append(scalar) } else if let letter = Self.tcvn3Letters[scalar] {
                text.append(letter)
            } else {
                return nil
            }
        }
        return text
    }

    private static let tcvn3Letters: [Unicode.Scalar: Character] = Dictionary(
        uniqueKeysWithValues: zip(
            "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô­õøö÷ùúýûüþ¡¢§£¤¥¦".unicodeScalars,
            "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ"
        )
    )

    /// VNI for Windows: a letter, then a character for its mark, but for some that have one of their own.
    static func vni(_ word: Substring) -> String? {
        var text = ""
        let scalars = Array(word.unicodeScalars)
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            let next = index + 1 < scalars.count ? scalars[index + 1] : nil
            if let next, let letter = Self.vniPairs["\(scalar)\(next)"] {
                text.append(letter)
                index += 2
            } else if let letter = Self.vniLetters[scalar] {
                text.append(letter)
                index += 1
            } else if scalar.value < 0x80 {
                text.unicodeScalars.append(scalar)
                index += 1
            } else {
                return nil
            }
        }
        return text
    }

    private static let vniLetters: [Unicode.Scalar: Character] = [
        "ñ": "đ", "Ñ": "Đ", "ô": "ơ", "Ô": "Ơ", "ö": "ư", "Ö": "Ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ",
    ]

    private static let vniPairs: [String: Character] = {
        var pairs: [String: Character] = [:]
        // Tones over bare letters, then over those with a mark: â ê ô by one row, ă by another.
        for (letter, forms) in [
            ("a", "àáảãạ"), ("e", "èéẻẽẹ"), ("o", "òóỏõọ"), ("u", "ùúủũụ"), ("y", "ỳýỷỹỵ"), ("ô", "ờớởỡợ"), ("ö", "ừứửữự"),
        ] {
            for (mark, form) in zip("øùûõï", forms) { pairs["\(letter)\(mark)"] = form }
        }
        for (letter, forms) in [("a", "âầấẩẫậ"), ("e", "êềếểễệ"), ("o", "ôồốổỗộ")] {
            for (mark, form) in zip("âàáåãä", forms) { pairs["\(letter)\(mark)"] = form }
        }
        for (mark, form) in zip("êèéúüë", "ăằắẳẵặ") { pairs["a\(mark)"] = form }
        for (pair, form) in pairs {
            guard let letter = pair.first, let mark = pair.last, let capital = form.uppercased().first else { continue }
            for other in [String(mark), mark.uppercased()] { pairs[letter.uppercased() + other] = capital }
        }
        return pairs
    }()

    // MARK: Syllables

    /// Whether a word has the shape of a Vietnamese syllable: an initial, a run of vowels with at most one tone, a final.
    static func isSyllable(_ word: String) -> Bool {
        let letters = Array(word.lowercased())
        guard (1...7).contains(letters.count) else { return false }
        var rest = letters[...]
        for initial in Self.initials where rest.starts(with: initial) {
            rest = rest.dropFirst(initial.count)
            break
        }
        let vowels = rest.prefix { Self.vowels[$0] != nil }
        let bare = String(vowels.compactMap { Self.vowels[$0] })
        guard Self.nuclei.contains(bare), zip(vowels, bare).count(where: { $0 != $1 }) <= 1 else { return false }
        let final = Array(rest.dropFirst(vowels.count))
        return final.isEmpty || Self.finals.contains(final)
    }

    /// Longest first, so that `ngh` is not taken for `n`.
    private static let initials: [[Character]] = [
        "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "r",
        "s", "t", "v", "x",
    ].map(Array.init)
    private static let finals: Set<[Character]> = Set(["c", "ch", "m", "n", "ng", "nh", "p", "t"].map(Array.init))
    /// Each vowel, and the same without its tone.
    private static let vowels: [Character: Character] = Dictionary(
        uniqueKeysWithValues: zip(
            "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ",
            "aăâeêioôơuưy".flatMap { Array(repeating: $0, count: 6) }
        )
    )
    private static let nuclei = Set(
        """
        a ă â e ê i o ô ơ u ư y ai ao au ay âu ây eo êu ia iê iu oa oă oe oi ôi ơi ua uă uâ ue uê ui uo uô uơ uy ưa ươ ưi \
        ưu yê oai oay oao oeo uao uây uôi uya uyê uyu iêu yêu ươi ươu
        """.split(separator: " ").map(String.init)
    )

    private static func isVowelWithMarks(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x80 && Self.vowels[Character(String(scalar).lowercased())] != nil
    }
}
