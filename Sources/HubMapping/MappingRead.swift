package import HubModel

/// A path that a mapping reads in its source, where its file says so.
package struct MappingRead: Sendable {
    /// As it is written.
    package let path: String
    /// The names on the way from the root of the source, without items of arrays; inside `each` also those that led there.
    package let names: [String]
    /// How many of them, at the end, are of the path itself.
    package let own: Int
    package let place: SourcePlace
}
