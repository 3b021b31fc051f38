import HubModel

/// Counts the attributes of each start tag before the parser meets them.
///
/// The parser compares each attribute of a tag with every other, and asks nobody until the tag is complete, so a
/// single tag of a few megabytes would keep a core busy for hours. The count follows the document's tokens only
/// while they are well-formed; from the first fault on the parser does no work either.
enum AttributeCount {
    /// Smaller documents cannot hold enough attributes to matter; there the parser's own count is enough.
    static let scanFrom = 16 << 10

    /// - Throws: `intake.too_large` with the line of the tag that has more than `limit`.
    static func check(_ source: XMLSource, limit: Int) throws(HubError) {
        var scan = TokenScan(bytes: source.bytes, offset: source.start)
        while let tag = scan.nextTag() {
            guard let count = scan.attributes(upTo: limit) else { return }
            guard count <= limit else {
                throw HubError(
                    .intakeTooLarge, "An element of the document has more attributes than allowed.",
                    details: [
                        ErrorDetail("line", source.place(at: tag).line), ErrorDetail("allowed", limit),
                    ]
                )
            }
        }
    }
}
