import HubJSON
public import HubModel
import HubXML

/// The schema of one message type, compiled, to be asked from any thread.
public struct Schema: Sendable {
    enum Rules: Sendable {
        case xml(XMLSchema)
        case json(JSONSchema)
    }

    public let type: MessageType
    let rules: Rules
    /// How documents that do not fit are read all the same; `nil` where nothing is known.
    public let repairs: RepairRules?

    /// What else is asked of messages of this type; `nil` where nothing is.
    public let checks: MessageChecks?

    init(type: MessageType, rules: Rules, repairs: RepairRules? = nil, checks: MessageChecks? = nil) {
        self.type = type
        self.rules = rules
        self.repairs = repairs
        self.checks = checks
    }

    /// Whether some text may have, or must have, more than `length` characters or bytes and a bound all the same.
    package func bounds(above length: Int) -> Bool {
        switch self.rules {
        case .xml(let schema): schema.longestBound > length
        case .json(let schema): schema.longestBound > length
        }
    }

    public var mediaType: MediaType {
        switch self.rules {
        case .xml: .xml
        case .json: .json
        }
    }

    /// Where `document` does not fit, at most `limit` places, in the order of the document; empty when it fits.
    ///
    /// A document of the other form has one violation: that it is of the other form.
    public func violations(in document: Document, limit: Int) -> [Violation] {
        switch (self.rules, document) {
        case (.xml(let schema), .xml(let document)):
            schema.violations(in: document, limit: limit)
        case (.json(let schema), .json(let document)):
            schema.violations(in: document, limit: limit)
        default:
            [
                Violation(
                    line: 1, column: 1, path: "", rule: "media-type",
                    message: Bilingual(
                        vi: "Loại thông điệp này có dạng \(self.mediaType.rawValue).",
                        en: "Messages of this type are \(self.mediaType.rawValue)."
                    )
                )
            ]
        }
    }
}
