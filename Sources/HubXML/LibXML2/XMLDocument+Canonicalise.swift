import CLibXML2
public import HubModel

extension XMLDocument {
    /// Writes canonical bytes of the whole document, or of the subtree `of`, without the subtree `excluding`.
    ///
    /// Costs time in proportion to what is written, not to the document around it, and hardly any memory. The bytes
    /// come in pieces of some kilobytes, long texts from where they lie, and are valid only during the call of `sink`.
    ///
    /// - Parameters:
    ///   - method: How namespaces are written.
    ///   - subtree: The top of what is written; `nil` for the whole document.
    ///   - excluded: Left out with all that is in it.
    ///   - inclusivePrefixes: Prefixes (`#default` for none) whose namespaces exclusive canonicalisation treats as
    ///     the inclusive one does.
    ///   - sink: Takes the bytes in order.
    /// - Throws: `xml.malformed` if a namespace of the document is a relative URI, for which there is no canonical
    ///   form; what reading a long value throws. Part of the bytes may have been written by then.
    public func canonicalise(
        _ method: Canonicalisation,
        of subtree: XMLElement? = nil,
        excluding excluded: XMLElement? = nil,
        inclusivePrefixes: [String] = [],
        into sink: (UnsafeRawBufferPointer) -> Void
    ) throws(HubError) {
        let longText = self.hasLongTexts ? CanonicalRun.longText : nil
        guard let longValues = self.longValues else {
            return try unsafe self.canonicalise(
                method, of: subtree, excluding: excluded, inclusivePrefixes: inclusivePrefixes,
                longTextsFrom: longText, into: sink)
        }
        var fill = LongValueFill(longValues)
        try unsafe self.canonicalise(
            method, of: subtree, excluding: excluded, inclusivePrefixes: inclusivePrefixes, longTextsFrom: longText
        ) { unsafe fill.take($0, into: sink) }
        unsafe fill.finish(into: sink)
        if let fault = fill.fault { throw fault }
    }

    /// - Parameter longText: Texts of this many bytes are not copied; `nil` if there are none.
    func canonicalise(
        _ method: Canonicalisation, of subtree: XMLElement?, excluding excluded: XMLElement?,
        inclusivePrefixes: [String], longTextsFrom longText: Int?, into sink: (UnsafeRawBufferPointer) -> Void
    ) throws(HubError) {
        precondition(subtree == nil || subtree?.document === self, "The subtree is one of another document.")
        precondition(
            excluded == nil || excluded?.document === self, "The excluded subtree is one of another document."
        )
        LibXML2.prepare()
        let isDone = unsafe withoutActuallyEscaping(sink) { sink in
            let run = unsafe CanonicalRun(
                method, subtree: subtree?.pointer, excluded: excluded?.pointer, prefixes: inclusivePrefixes,
                longText: longText, sink: sink
            )
            return unsafe self.withPointer { document in unsafe run.write(document) }
        }
        guard isDone else {
            throw HubError(
                .xmlMalformed, "The document has no canonical form, because a namespace is a relative URI.")
        }
    }
}
