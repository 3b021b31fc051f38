public import HubModel

/// What is wrong with how a Vietnamese text is written in characters. It is reported and never mended: the bytes are signed.
public enum TextFlaw: String, CaseIterable, Sendable {
    /// U+FEFF inside the text.
    case byteOrderMark = "text.byte_order_mark"
    /// Letters and all their marks apart (NFD), as some systems write file names.
    case decomposed = "text.decomposed"
    /// Tone marks apart from letters that are otherwise whole, as code page 1258 writes them.
    case windows1258 = "text.windows_1258"
    /// UTF-8 that was read as code page 1252 and encoded again.
    case doubleEncoded = "text.double_encoded"
    /// TCVN 5712 (ABC fonts) read as Latin letters.
    case tcvn3 = "text.tcvn3"
    /// VNI fonts read as Latin letters.
    case vni = "text.vni"

    public var message: Bilingual {
        switch self {
        case .byteOrderMark:
            Bilingual(vi: "Có ký tự BOM (U+FEFF) trong nội dung.", en: "There is a byte order mark (U+FEFF) in the text.")
        case .decomposed:
            Bilingual(
                vi: "Chữ và dấu viết rời (Unicode tổ hợp, NFD); hãy gửi Unicode dựng sẵn (NFC).",
                en: "Letters and marks are apart (NFD); send composed Unicode (NFC)."
            )
        case .windows1258:
            Bilingual(
                vi: "Dấu thanh viết rời như bảng mã windows-1258; hãy gửi Unicode dựng sẵn (NFC).",
                en: "Tone marks are apart as in windows-1258; send composed Unicode (NFC)."
            )
        case .doubleEncoded:
            Bilingual(
                vi: "UTF-8 bị mã hóa hai lần (kiểu «Tiáº¿ng Viá»‡t»).", en: "The text is UTF-8 that was encoded twice (like «Tiáº¿ng Viá»‡t»)."
            )
        case .tcvn3:
            Bilingual(vi: "Còn chữ theo bảng mã TCVN3 (ABC).", en: "There are remains of TCVN3 (ABC fonts).")
        case .vni: Bilingual(vi: "Còn chữ theo bảng mã VNI.", en: "There are remains of VNI.")
        }
    }

    /// Whether a payload in UTF-8 has bytes that no sound Vietnamese text has, so that a look at its texts pays.
    ///
    /// Escapes of JSON and XML count as such.
    public static func mayBe(in payload: ArraySlice<UInt8>) -> Bool {
        var last: UInt8 = 0
        for byte in payload {
            switch last {
            // Combining marks, and the byte order mark as far as it is told from others.
            case 0xCC: return true
            case 0xEF where byte == 0xBB: return true
            case 0xC2 where ![0xA0, 0xAB, 0xB0, 0xBB].contains(byte): return true
            case 0xC3 where !Self.letters[Int(byte & 0x3F)]: return true
            case 0x5C where byte == 0x75, 0x26 where byte == 0x23: return true
            default: break
            }
            last = byte
        }
        return false
    }

    /// Which of U+00C0 to U+00FF are letters of Vietnamese.
    private static let letters: [Bool] = (0..<64).map { index in
        "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý".unicodeScalars.contains { $0.value == UInt32(0xC0 + index) }
    }

    /// What is wrong with a text, in the order of the cases.
    ///
    /// Plain ASCII and sound composed Vietnamese cost one look at each byte or character. Remains of old fonts are told from
    /// words: at least two of them must become Vietnamese syllables when they are read as such, and be none as they stand.
    public static func found(in text: String) -> [TextFlaw] {
        // Nothing below U+0080 is ever a flaw.
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return [] }
        var marks = Marks()
        var hasLatinOne = false
        for scalar in text.unicodeScalars {
            if scalar.value >= 0x80 {
                marks.look(at: scalar)
                if scalar.value <= 0x2122, !LegacyVietnamese.isSoundAlone(scalar) { hasLatinOne = true }
            }
            marks.last = scalar
        }
        var flaws: [TextFlaw] = []
        if marks.hasByteOrderMark { flaws.append(.byteOrderMark) }
        if marks.hasLetterMarks || marks.hasBareTones { flaws.append(.decomposed) }
        if marks.hasTonesOnWholeLetters { flaws.append(.windows1258) }
        guard hasLatinOne else { return flaws }
        let words = text.split { !$0.isLetter && !$0.unicodeScalars.contains { (0x80...0x2122).contains($0.value) } }
        if words.contains(where: LegacyVietnamese.isDoubleEncoded) {
            flaws.append(.doubleEncoded)
        } else if let font = LegacyVietnamese.font(of: words) {
            flaws.append(font)
        }
        return flaws
    }

    private struct Marks {
        var last: Unicode.Scalar = "a"
        var hasByteOrderMark = false
        /// Circumflex, breve or horn apart from its letter.
        var hasLetterMarks = false
        var hasTonesOnWholeLetters = false
        var hasBareTones = false

        mutating func look(at scalar: Unicode.Scalar) {
            switch scalar.value {
            case 0xFEFF: self.hasByteOrderMark = true
            case 0x302, 0x306, 0x31B: self.hasLetterMarks = true
            case 0x300, 0x301, 0x303, 0x309, 0x323:
                // Without a mark between it and its letter the tone belongs to a whole letter, such as ê, or to a bare one.
                switch self.last {
                case "â", "ê", "ô", "ă", "ơ", "ư", "Â", "Ê", "Ô", "Ă", "Ơ", "Ư": self.hasTonesOnWholeLetters = true
                case _ where [0x302, 0x306, 0x31B].contains(self.last.value): break
                default: self.hasBareTones = true
                }
            default: break
            }
        }
    }
}
