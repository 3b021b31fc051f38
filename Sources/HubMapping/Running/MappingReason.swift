import HubModel

/// Why a mapping failed, as the detail `reason` of `mapping.failed` says it.
///
/// Listed in docs/mapping.md.
enum MappingReason: String, CaseIterable {
    case absent
    case notText = "not-text"
    case notNumber = "not-number"
    case notBoolean = "not-boolean"
    case notDate = "not-date"
    case notExact = "not-exact"
    case notInTable = "not-in-table"
    case notBase64 = "not-base64"
    case notXML = "not-xml"
    case notJSON = "not-json"
    case notXMLText = "not-xml-text"
    case contextAbsent = "context-absent"
    case targetTaken = "target-taken"
    case tooLarge = "too-large"
    case wrongTarget = "wrong-target"
}

extension HubError {
    /// `mapping.failed` for one reason; never with a value of the document.
    static func mapping(
        _ reason: MappingReason, _ summary: StaticString, _ details: ErrorDetail..., cause: (any Error)? = nil
    ) -> HubError {
        HubError(
            .mappingFailed, summary, details: [ErrorDetail("reason", reason.rawValue)] + details, cause: cause
        )
    }
}
