/// The two ways of W3C to write a document so that equal content is equal bytes. Both leave comments out.
public enum Canonicalisation: Sendable {
    /// Exclusive XML Canonicalization 1.0: only namespaces that are used.
    case exclusive
    /// Canonical XML 1.0: every namespace in scope, and the `xml:` attributes of ancestors.
    case inclusive
}
