import HubModel

/// How documents of one type may deviate from their schema and still be read, as the `repairs.yaml` beside it says.
///
/// The names and the order of elements stand in that file, and so does everything that is taken for something else.
public struct RepairRules: Sendable {
    /// What is written where the schema has an element.
    enum Content: Hashable, Sendable {
        case text
        /// The schema's form of a date, and what else is read as one.
        case date
        case stamp
        /// `cid:` and a name.
        case contentID
        case base64
        /// One of a list of codes, by name or by another system's number.
        case code(String)
        /// Elements of a type.
        case elements(String)
        /// An element of another namespace with whatever is in it.
        case foreign(namespace: String)
    }

    /// One element of a type.
    struct Part: Sendable {
        let name: String
        let content: Content
        /// Whether it may stand several times.
        let isMany: Bool
        /// Whether it may also stand before all others.
        let mayLead: Bool
        let attributes: [String]
    }

    /// The elements in an element, in order.
    struct Shape: Sendable {
        let parts: [Part]
        /// Whether their order matters.
        let isOrdered: Bool
        /// The parts by every name they are known under.
        let byName: [String: Int]
    }

    /// A text that is read as another one.
    struct Synonym: Hashable, Sendable {
        let found: String
        let read: String
    }

    let namespace: String
    /// Further namespaces of the same elements; an empty text for none.
    let namespaces: Set<String>
    let dates: [DateForm]
    let stamps: [DateForm]
    /// What codes are read for other texts, by list and then by the text in `comparable` lower case.
    let codes: [String: [String: String]]
    let types: [String: Shape]
    let root: Part
    /// Other names of the root.
    let rootNames: Set<String>
    /// The part of the root that may stand without it.
    let loneRoot: String?
    /// Every name an element has somewhere.
    ///
    /// What has one of these in it is never left out.
    let names: Set<String>
}
