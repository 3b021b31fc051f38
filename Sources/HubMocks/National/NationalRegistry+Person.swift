extension NationalRegistry {
    /// Who somebody is, without a number: name, sex, birthday, and where people of that name and birthday live.
    ///
    /// There is only so much to choose from, so a person is also a number below `count`; from it follows the number by
    /// which the social insurance knows them, which asks for names and birthdays only.
    struct Person: Hashable, Sendable {
        let index: Int
        let family: String
        let middle: String
        let given: String
        let isFemale: Bool
        let year: Int
        let month: Int
        let day: Int

        static let families = ["NGUYỄN", "TRẦN", "LÊ", "PHẠM", "HOÀNG", "NÔNG", "LÝ", "ĐẶNG"]
        static let givenNames = ["MẪU", "THỬ", "KIỂM", "NGHIỆM", "GIẢ", "ĐỊNH", "MINH", "HỌA"]
        private static let women = ["THỊ", "NGỌC", "THU"]
        private static let men = ["VĂN", "ĐỨC", "QUANG"]
        private static let firstYear = 1950
        private static let years = 55

        /// How many different persons there are.
        static let count = 2 * 3 * Self.families.count * Self.givenNames.count * Self.years * 12 * 28

        /// Those who stand in the examples of the schemas, whatever the seed.
        static let ofExamples = [
            "001000000001": Person(name: "TRẦN THỊ MẪU", birthday: "19900101", isFemale: true),
            "001000000002": Person(name: "NGUYỄN VĂN THỬ", birthday: "19930720", isFemale: false),
            "010000001": Person(name: "LÊ VĂN THỬ", birthday: "19550101", isFemale: false),
        ].compactMapValues { $0 }

        /// - Parameter index: 0 ..< `count`.
        init(index: Int) {
            var rest = index
            func next(_ bound: Int) -> Int {
                defer { rest /= bound }
                return rest % bound
            }
            self.index = index
            self.isFemale = next(2) == 1
            self.middle = (self.isFemale ? Self.women : Self.men)[next(3)]
            self.family = Self.families[next(Self.families.count)]
            self.given = Self.givenNames[next(Self.givenNames.count)]
            self.year = Self.firstYear + next(Self.years)
            self.month = 1 + next(12)
            self.day = 1 + next(28)
        }

        /// The person of a name in capitals and a birthday; `nil` when nobody invented is called so.
        ///
        /// - Parameter birthday: `yyyyMMdd`.
        init?(name: String, birthday: String, isFemale: Bool) {
            let words = name.split(separator: " ").map(String.init)
            guard words.count == 3, birthday.utf8.count == 8, let date = Int(birthday),
                let family = Self.families.firstIndex(of: words[0]),
                let middle = (isFemale ? Self.women : Self.men).firstIndex(of: words[1]),
                let given = Self.givenNames.firstIndex(of: words[2]),
                (0..<Self.years).contains(date / 10_000 - Self.firstYear),
                (1...12).contains(date / 100 % 100),
                (1...28).contains(date % 100)
            else { return nil }
            var index = date % 100 - 1
            index = index * 12 + date / 100 % 100 - 1
            index = index * Self.years + date / 10_000 - Self.firstYear
            index = index * Self.givenNames.count + given
            index = index * Self.families.count + family
            index = index * 3 + middle
            self.init(index: index * 2 + (isFemale ? 1 : 0))
        }

        var name: String { "\(self.family) \(self.middle) \(self.given)" }

        /// `yyyyMMdd`.
        var birthday: String { self.isoBirthday.filter { $0 != "-" } }

        var isoBirthday: String { "\(self.year)-\(digits(self.month, 2))-\(digits(self.day, 2))" }

        /// The other one of the two who live together: brother or sister, born the same day.
        var sibling: Person { Person(index: self.index ^ 1) }

        /// 1 ... 300; the same for both of a household.
        var ward: Int { 1 + self.index / 2 % 300 }

        /// Of the household, in the residence database and at the social insurance.
        var household: String { "25-\(self.commune)-\(digits(self.index / 600, 5))" }

        /// Five digits.
        var commune: String { digits(7000 + self.ward, 5) }

        /// As in an address.
        var detail: String { "Khu \(self.ward)" }
    }
}

/// A number with zeros in front.
func digits(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}
