extension NationalRegistry {
    /// Turns numbers into others of the same length and back, so that nobody has to remember which belongs to which.
    struct Scramble: Sendable {
        let modulus: Int
        /// Has no factor in common with `modulus`.
        let factor: Int
        let offset: Int

        func apply(_ number: Int) -> Int {
            (Self.product(number, self.factor, self.modulus) + self.offset) % self.modulus
        }

        func undo(_ number: Int) -> Int {
            Self.product((number - self.offset + self.modulus) % self.modulus, self.inverse, self.modulus)
        }

        /// Euclid's algorithm.
        private var inverse: Int {
            var (old, new) = (self.factor, self.modulus)
            var (first, second) = (1, 0)
            while new != 0 {
                let quotient = old / new
                (old, new) = (new, old - quotient * new)
                (first, second) = (second, first - quotient * second)
            }
            return (first % self.modulus + self.modulus) % self.modulus
        }

        private static func product(_ left: Int, _ right: Int, _ modulus: Int) -> Int {
            let wide = left.multipliedFullWidth(by: right)
            return modulus.dividingFullWidth(wide).remainder
        }
    }

    private func scramble(_ kind: String, modulus: Int, factor: Int) -> Scramble {
        var draw = self.draw("scramble", kind)
        return Scramble(modulus: modulus, factor: factor, offset: draw.next(modulus))
    }

    // MARK: Social insurance

    private var insured: Scramble { self.scramble("insurance", modulus: 100_000_000, factor: 61_803_399) }

    /// The ten digits by which the social insurance knows a person; `nil` for the few whose number would end in 999.
    func insuranceNumber(of person: Person) -> String? {
        let number = "25" + digits(self.insured.apply(person.index), 8)
        return Self.isNumber(number, lengths: [10]) ? number : nil
    }

    /// Whose number this is.
    func insured(_ number: String) -> Person? {
        guard Self.isNumber(number, lengths: [10]), number.hasPrefix("25"),
            let rest = Int(number.dropFirst(2))
        else {
            return nil
        }
        let index = self.insured.undo(rest)
        return index < Person.count ? Person(index: index) : nil
    }

    // MARK: Numbers that stand for a citizen's

    /// Of what a personal number is hidden in.
    enum Alias: String {
        case parcel
        case staff
    }

    /// Twelve other digits for a personal number.
    func alias(_ kind: Alias, of number: String) -> String? {
        guard number.utf8.count == 12, let value = Int(number) else { return nil }
        return digits(self.aliases(kind).apply(value), 12)
    }

    /// The personal number behind twelve digits.
    func number(behind alias: String, _ kind: Alias) -> String? {
        guard alias.utf8.count == 12, alias.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let value = Int(alias)
        else { return nil }
        return digits(self.aliases(kind).undo(value), 12)
    }

    private func aliases(_ kind: Alias) -> Scramble {
        self.scramble(kind.rawValue, modulus: 1_000_000_000_000, factor: 618_033_988_749)
    }
}
