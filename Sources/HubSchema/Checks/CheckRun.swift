import HubModel
import HubXML

/// One look at a message, or at one item of it after the other.
struct CheckRun {
    struct Value {
        let slot: Int
        let text: String
        /// Where it stands, in XML.
        let element: XMLElement?
        /// The position of the next value of this slot.
        fileprivate(set) var next: Int?

        init(slot: Int, text: String, element: XMLElement?) {
            self.slot = slot
            self.text = text
            self.element = element
        }
    }

    private let checks: MessageChecks
    private let day: CivilDate
    /// What the message, or the item, says at the paths that are asked for, in its order.
    private var values: [Value] = []
    /// The positions of the first and the last value of each slot.
    private var ends: [(first: Int, last: Int)?]
    private(set) var warnings: [Warning] = []
    /// Where the item stands.
    private var place = ""
    /// The codes of each thing that has states, so far.
    private var courses: [String: [String]] = [:]

    init(_ checks: MessageChecks, on day: CivilDate) {
        self.checks = checks
        self.day = day
        self.ends = Array(repeating: nil, count: checks.slots.count)
        self.values.reserveCapacity(checks.slots.count + 8)
    }

    mutating func add(_ value: Value) {
        let position = self.values.count
        self.values.append(value)
        if let ends = self.ends[value.slot] {
            self.values[ends.last].next = position
            self.ends[value.slot] = (ends.first, position)
        } else {
            self.ends[value.slot] = (position, position)
        }
    }

    /// Forgets the values of one item, before those of the next.
    mutating func forget() {
        self.values.removeAll(keepingCapacity: true)
        for slot in self.ends.indices { self.ends[slot] = nil }
    }

    mutating func look(below place: String) {
        self.place = place
        for check in self.checks.checks where self.warnings.count < MessageChecks.limit { self.ask(check) }
    }

    private func first(_ slot: Int) -> Value? { self.ends[slot].map { self.values[$0.first] } }

    /// The values of a slot, one after the other.
    private struct Values: Sequence, IteratorProtocol {
        let values: [Value]
        var position: Int?

        mutating func next() -> Value? {
            guard let position = self.position else { return nil }
            self.position = self.values[position].next
            return self.values[position]
        }
    }

    private func all(_ slot: Int) -> Values {
        Values(values: self.values, position: self.ends[slot]?.first)
    }

    private func text(_ slot: Int) -> String { self.first(slot)?.text ?? "" }

    private mutating func warn(_ code: CheckCode, at value: Value, found: String, wanted: String) {
        guard self.warnings.count < MessageChecks.limit else { return }
        let path = value.element?.path ?? self.place + self.checks.slots[value.slot].description
        self.warnings.append(
            code.warning(path: path, name: self.name(value.slot), found: found, wanted: wanted))
    }

    private func name(_ slot: Int) -> String { self.checks.slots[slot].lastStep }

    private mutating func ask(_ check: Check) {
        switch check {
        case .future(let moments): self.askFuture(moments)
        case .order(let code, let earlier, let later): self.askOrder(code, earlier, later)
        case .filler(let check):
            for slot in check.slots {
                for value in self.all(slot) where check.holds(value.text) {
                    self.warn(.filler, at: value, found: value.text, wanted: "")
                }
            }
        case .documentType(let type, let detail, let name, let annex):
            guard let value = self.first(type) else { return }
            let (detail, name) = (self.text(detail), self.text(name))
            guard let wanted = annex.contradiction(type: value.text, detail: detail, name: name) else {
                return
            }
            self.warn(.documentType, at: value, found: "\(value.text)/\(detail) \(name)", wanted: wanted)
        case .code(let slot, let known):
            for value in self.all(slot)
            where !value.text.isEmpty && !known.contains(value.text) && !known.contains(value.text.comparable)
            {
                self.warn(.codeUnknown, at: value, found: value.text, wanted: known.joined(separator: ", "))
            }
        case .documentID(let check): self.ask(check)
        case .length(let slots, let most):
            for slot in slots {
                for value in self.all(slot) where value.text.utf8.count > most {
                    let count = value.text.comparable.unicodeScalars.count
                    if count > most {
                        self.warn(.tooLong, at: value, found: String(count), wanted: String(most))
                    }
                }
            }
        case .missing(let slot, let given, let texts):
            guard let value = self.first(given), texts.contains(value.text), self.text(slot).isEmpty else {
                return
            }
            self.warn(
                .valueMissing, at: self.first(slot) ?? Value(slot: slot, text: "", element: value.element),
                found: "",
                wanted: "\(self.name(given)) = \(value.text)")
        case .contentIDs(let references, let attachments):
            guard !self.isPaired(references, attachments) else { return }
            self.askPairs(of: references, in: attachments)
            self.askPairs(of: attachments, in: references)
        case .transitions(let transitions, let slot, let key):
            guard let key, let value = self.first(slot) else { return }
            let name = self.text(key).comparable
            if let earlier = self.courses[name], let last = earlier.last,
                !transitions.allows(value.text, after: earlier)
            {
                self.warn(
                    .statusTransition, at: value, found: value.text, wanted: "“\(last.prefix(bytes: 20))”")
            }
            self.courses[name, default: []].append(value.text)
        }
    }

    /// Whether two slots say the same in the same order, as they do in nearly all documents.
    private func isPaired(_ one: Int, _ other: Int) -> Bool {
        var (one, other) = (self.all(one), self.all(other))
        while true {
            switch (one.next(), other.next()) {
            case (let one?, let other?) where one.text == other.text: continue
            case (nil, nil): return true
            default: return false
            }
        }
    }

    private mutating func askPairs(of slot: Int, in other: Int) {
        let known = Set(self.all(other).map(\.text))
        for value in self.all(slot) where !known.contains(value.text) {
            self.warn(
                .contentID, at: value, found: value.text, wanted: self.checks.slots[other].description)
        }
    }

    private mutating func askFuture(_ moments: [Check.Moment]) {
        for moment in moments {
            for value in self.all(moment.slot) {
                guard let time = moment.form.read(value.text), time.date > self.day else { continue }
                self.warn(.dateInFuture, at: value, found: value.text, wanted: self.day.description)
            }
        }
    }

    /// By days where one of the two has no time.
    private mutating func askOrder(_ code: CheckCode, _ earlier: Check.Moment, _ later: Check.Moment) {
        guard let begin = self.first(earlier.slot), let end = self.first(later.slot),
            let from = earlier.form.read(begin.text), let to = later.form.read(end.text)
        else { return }
        let isBefore =
            to.date != from.date
            ? to.date < from.date
            : earlier.form.hasTime && later.form.hasTime
                && (to.hour, to.minute, to.second) < (from.hour, from.minute, from.second)
        guard isBefore else { return }
        self.warn(code, at: end, found: end.text, wanted: "\(self.name(earlier.slot)) “\(begin.text)”")
    }

    /// `{agency},{date},{number}/{symbol}`; agencies are compared as codes, as both forms are in use.
    private mutating func ask(_ check: DocumentIDCheck) {
        guard let id = self.first(check.id), !id.text.isEmpty else { return }
        // By bytes, as going from character to character takes longer than all the rest.
        let bytes = id.text.utf8
        let comma = UInt8(ascii: ",")
        guard let first = bytes.firstIndex(of: comma),
            let second = bytes[bytes.index(after: first)...].firstIndex(of: comma)
        else { return }
        let parts = [
            Substring(bytes[..<first]), Substring(bytes[bytes.index(after: first)..<second]),
            Substring(bytes[bytes.index(after: second)...]),
        ]
        let (agency, date) = (self.text(check.agency), self.text(check.date))
        let code = check.code.map { self.text($0) }.joined(separator: "/")
        let isAgency = parts[0] == agency || Self.isSameAgency(String(parts[0]), agency)
        let isCode = parts[2] == code || String(parts[2]).comparable == code.comparable
        guard isAgency, date.isEmpty || parts[1] == date, isCode else {
            let wanted = "\(agency),\(date.isEmpty ? parts[1][...] : date[...]),\(code)"
            self.warn(.documentID, at: id, found: id.text, wanted: wanted)
            return
        }
    }

    private static func isSameAgency(_ one: String, _ other: String) -> Bool {
        guard let one = AgencyCode(one), let other = AgencyCode(other) else { return false }
        return one == other
    }
}
