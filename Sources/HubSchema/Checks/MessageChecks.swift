import HubJSON
public import HubModel
import HubXML

/// What is asked of messages of one type beyond their schema, as the `checks.yaml` beside it says.
///
/// A message that fits its schema may still be odd: dated in the future, filled with "N/A", named against the annex. None of
/// that is a reason to refuse it.
public struct MessageChecks: Sendable {
    let checks: [Check]
    /// Where the values stand, by their numbers, below the item that the checks are about.
    let slots: [FieldPath]
    /// Where `checks.yaml` names them.
    let places: [SourcePlace]
    /// The list whose items are looked at one by one; `nil` for the message as a whole.
    let items: FieldPath?
    /// The slots of an XML type, to be found in one walk.
    let paths: XMLPathSet?

    /// Further warnings are not looked for.
    static let limit = 100

    /// Which status may follow on which; `nil` for a type without such a thing.
    public var transitions: StatusTransitions? {
        for case .transitions(let transitions, _, _) in self.checks { return transitions }
        return nil
    }

    /// What is odd about a document that fits its schema.
    ///
    /// - Parameter day: Today, on the clock of Viet Nam.
    public func warnings(in document: Document, on day: CivilDate) -> [Warning] {
        var run = CheckRun(self, on: day)
        switch document {
        case .xml(let document):
            guard let paths = self.paths else { return [] }
            paths.visit(below: document.root) { slot, element in
                run.add(
                    CheckRun.Value(slot: slot, text: XMLText.trimmed(element.text), element: element))
            }
            run.look(below: "")
        case .json(let document):
            guard let items = self.items else {
                self.take(document.value, into: &run)
                run.look(below: "")
                break
            }
            for (path, item) in Document.places(in: document.value, items)
            where run.warnings.count < Self.limit {
                self.take(item, into: &run)
                run.look(below: path)
            }
        }
        return run.warnings
    }

    private func take(_ value: JSONValue, into run: inout CheckRun) {
        run.forget()
        for (slot, path) in self.slots.enumerated() {
            for text in Document.texts(in: value, path) {
                run.add(CheckRun.Value(slot: slot, text: text, element: nil))
            }
        }
    }
}
