/// The outermost structure (RFC 5652, 3): a type and a content of it.
struct CMSContentInfo {
    let type: ObjectIdentifier
    let content: DERElement

    /// Looks over the whole encoding, then opens its first layer.
    ///
    /// - Throws: a fault if the envelope is too large, not DER to its last byte, or no ContentInfo.
    static func read(_ envelope: [UInt8]) throws(CMSFault) -> CMSContentInfo {
        try CMSLimits.check(envelope)
        var reader = DERReader(envelope[...])
        guard var outer = reader.next(DERTag.sequence)?.reader, let type = outer.next()?.objectIdentifier
        else { throw .part("contentType") }
        guard var wrapper = outer.next(DERTag.context(0))?.reader, outer.isAtEnd,
            let content = wrapper.next(), wrapper.isAtEnd
        else { throw .part("content") }
        return CMSContentInfo(type: type, content: content)
    }
}

/// What a CMS envelope is, before anything in it is believed.
public enum CMSKind: Sendable {
    case signed
    case encrypted

    /// - Returns: `nil` for bytes that are no DER to their end, or neither SignedData nor AuthEnvelopedData.
    public static func of(_ envelope: [UInt8]) -> CMSKind? {
        do throws(CMSFault) {
            switch try CMSContentInfo.read(envelope).type {
            case CMSName.signedData: return .signed
            case CMSName.authEnvelopedData: return .encrypted
            default: return nil
            }
        } catch {
            return nil
        }
    }
}
