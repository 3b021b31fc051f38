/// How large and how entangled a document may be before it is refused unread.
///
/// The defaults fit the largest messages the platform carries and keep the cost of the worst document near that
/// of an ordinary one of its size.
public struct XMLLimits: Sendable {
    /// Nested elements, the root being 1.
    ///
    /// Values above 256 count as 256.
    public var maxDepth = 64
    /// Bytes of the document as it arrives.
    public var maxBytes = 200 << 20
    /// Elements, attributes and processing instructions together.
    public var maxNodes = 1_000_000
    /// Processing instructions.
    ///
    /// Each one splits the text around it, and the schema validator goes through a text anew for every piece of it.
    public var maxInstructions = 64
    /// Attributes and namespace declarations of one element.
    public var maxAttributes = 256
    /// Namespace declarations in scope at any one place.
    public var maxNamespaces = 128

    /// The defaults.
    public init() {}
}
