import HubJSON

/// One place where two JSON values differ.
struct JSONDifference: Equatable {
    /// A JSON Pointer into the expected value; into the other one for what was not expected.
    let pointer: String
    let message: String

    /// The differences between what was expected and what came, in the order of what was expected.
    static func all(expected: JSONValue, actual: JSONValue, at pointer: String = "") -> [JSONDifference] {
        switch (expected, actual) {
        case (.object(let expected), .object(let actual)):
            let missing = expected.members.flatMap { key, value in
                let inner = "\(pointer)/\(JSONPointer.escaped(key))"
                return actual[key].map { self.all(expected: value, actual: $0, at: inner) }
                    ?? [JSONDifference(pointer: inner, message: "\(inner) is missing.")]
            }
            let surplus = actual.members.filter { expected[$0.key] == nil }.map { key, value in
                let inner = "\(pointer)/\(JSONPointer.escaped(key))"
                return JSONDifference(
                    pointer: inner, message: "\(inner) was not expected: \(Self.short(value)).")
            }
            return missing + surplus
        case (.array(let expected), .array(let actual)) where expected.count == actual.count:
            return zip(expected, actual).enumerated().flatMap { index, pair in
                self.all(expected: pair.0, actual: pair.1, at: "\(pointer)/\(index)")
            }
        default:
            if expected == actual { return [] }
            let place = pointer.isEmpty ? "The result" : pointer
            return [
                JSONDifference(
                    pointer: pointer,
                    message: "\(place) is \(Self.short(actual)) and not \(Self.short(expected))."
                )
            ]
        }
    }

    private static func short(_ value: JSONValue) -> String {
        let text = value.text
        return text.count <= 80 ? text : text.prefix(80) + "…"
    }
}
