import HubJSON
import HubModel

/// Bounds what one run may make and look at: nested `each` could multiply a large message with itself, and a text in a
/// message could be a document that is larger to hold than to send.
final class MappingBudget {
    /// Values of the result.
    static let maxValues = 100_000
    /// Bytes of the texts in the result, those of inner documents included.
    static let maxBytes = 200 << 20
    /// Pieces of the source that paths lead to.
    static let maxVisits = 10_000_000
    /// Values, elements and attributes of all inner documents together.
    static let maxInnerValues = 1_000_000

    private var values = MappingBudget.maxValues
    private var bytes = MappingBudget.maxBytes
    private var visits: Int
    private(set) var innerValues = MappingBudget.maxInnerValues

    init(visits: Int = MappingBudget.maxVisits) {
        self.visits = visits
    }

    /// - Throws: `mapping.failed` when the result grows beyond the bound.
    func take() throws(HubError) {
        self.values -= 1
        guard self.values >= 0 else { throw Self.exhausted }
    }

    func take(bytes: Int) throws(HubError) {
        self.bytes -= bytes
        guard self.bytes >= 0 else { throw Self.exhausted }
    }

    /// Counts a value and all inside it.
    func take(_ value: JSONValue) throws(HubError) {
        try self.take()
        switch value {
        case .null, .bool: break
        case .number(let number): try self.take(bytes: number.text.utf8.count)
        case .string(let text): try self.take(bytes: text.utf8.count)
        case .array(let items):
            for item in items { try self.take(item) }
        case .object(let object):
            for (key, value) in object.members {
                try self.take(bytes: key.utf8.count)
                try self.take(value)
            }
        }
    }

    func visit(_ count: Int = 1) throws(HubError) {
        self.visits -= count
        guard self.visits >= 0 else { throw Self.exhausted }
    }

    func takeInner(_ count: Int) throws(HubError) {
        self.innerValues -= count
        guard self.innerValues >= 0 else { throw Self.exhausted }
    }

    static var exhausted: HubError {
        .mapping(.tooLarge, "The mapping makes or reads more than is allowed.")
    }
}
