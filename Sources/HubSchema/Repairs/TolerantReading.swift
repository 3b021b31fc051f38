public import HubModel
import HubXML

/// A document as a peer with the tolerant profile is read.
public struct TolerantReading: Sendable {
    /// What to read: the document itself, or one that says the same in the form of the schema.
    ///
    /// The bytes that go on, and that signatures are about, are always those that came.
    public let document: Document
    /// What was found and what was read instead, in the order of the document.
    public let repairs: [Warning]
    /// What nobody can read, at its places in the document as it came; empty exactly when `document` fits.
    public let violations: [Violation]
}

extension Schema {
    /// Reads a document that need not fit to the letter.
    ///
    /// One that fits is read as it is. One that does not is read by the repair rules of the type, if there are any; what
    /// they do not mend stays a violation, and then nothing counts as mended.
    ///
    /// - Parameter limit: Further violations are not looked for.
    public func tolerantReading(of document: Document, limit: Int) -> TolerantReading {
        guard case .xml(let schema) = self.rules, case .xml(let original) = document else {
            return TolerantReading(
                document: document, repairs: [], violations: self.violations(in: document, limit: limit))
        }
        let strict = schema.findings(in: original, limit: limit)
        guard !strict.isEmpty, let (repaired, run) = self.repaired(original) else {
            return TolerantReading(document: document, repairs: [], violations: original.placed(strict))
        }
        let remaining = schema.findings(in: repaired, limit: limit)
        guard remaining.isEmpty, run.refusals.isEmpty else {
            let violations = original.placed(run.refusals + remaining.map { Self.moved($0, by: run.text) })
            return TolerantReading(
                document: document, repairs: run.notes.all, violations: violations.prefix(max(1, limit)) + [])
        }
        return TolerantReading(document: .xml(repaired), repairs: run.notes.all, violations: [])
    }

    /// The document written anew by the repair rules, whether or not it fits then; `nil` where that leads to nothing.
    func repaired(_ document: XMLDocument) -> (document: XMLDocument, run: RepairRun)? {
        guard let rules = self.repairs else { return nil }
        var run = RepairRun(rules)
        guard run.read(document.root) else { return nil }
        // Attributes and namespaces that the original had under other names are counted anew.
        guard let repaired = try? XMLDocument.parse(run.text.bytes, keepingText: false) else { return nil }
        return (repaired, run)
    }

    /// What does not fit in the text that was written anew, as said of the original.
    private static func moved(_ finding: XMLFinding, by text: RepairedText) -> XMLFinding {
        guard let origin = (finding.element?.line).flatMap(text.origin(ofLine:)) else { return finding }
        return finding.moved(to: origin)
    }
}
