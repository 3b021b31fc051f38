import HubModel

/// What may be odd about a message that fits its schema.
///
/// It is told and recorded; the message goes on.
public enum CheckCode: String, CaseIterable, Sendable {
    /// A day lies after the day on which the message is looked at.
    case dateInFuture = "check.date_in_future"
    /// Something ends before it begins.
    case dateOrder = "check.date_order"
    /// A status is older than its document.
    case statusBeforeDocument = "check.status_before_document"
    /// A field is filled with a text that says nothing.
    case filler = "check.filler"
    /// Type, number and name of a document's type contradict the annex, or are not in it.
    case documentType = "check.document_type"
    /// A code is none of those known.
    case codeUnknown = "check.code_unknown"
    /// The id of a document does not say what the document says.
    case documentID = "check.document_id"
    /// A text is longer than some receivers can keep.
    case tooLong = "check.too_long"
    /// A value is missing that goes with another one.
    case valueMissing = "check.value_missing"
    /// A reference has no attachment, or an attachment no reference.
    case contentID = "check.content_id"
    /// A status or state does not follow on those before it.
    case statusTransition = "check.status_transition"

    /// - Parameters:
    ///   - name: The field, by the last step of its path.
    ///   - found: A short value that it has.
    ///   - wanted: What it was held against.
    func warning(path: String, name: String, found: String, wanted: String) -> Warning {
        let (found, wanted) = (found.prefix(bytes: 60), wanted.prefix(bytes: 160))
        return Warning(
            code: self.rawValue, path: path.prefix(bytes: 512), message: self.message(name, found, wanted))
    }

    private func message(_ name: String, _ found: String, _ wanted: String) -> Bilingual {
        switch self {
        case .dateInFuture:
            Bilingual(
                vi: "\(name) “\(found)” ở tương lai (sau \(wanted)).",
                en: "\(name) “\(found)” lies in the future (after \(wanted)).")
        case .dateOrder:
            Bilingual(
                vi: "\(name) “\(found)” sớm hơn \(wanted).", en: "\(name) “\(found)” is before \(wanted).")
        case .statusBeforeDocument:
            Bilingual(
                vi: "Trạng thái có \(name) “\(found)”, sớm hơn văn bản (\(wanted)).",
                en: "The status has \(name) “\(found)”, which is before its document (\(wanted)).")
        case .filler:
            Bilingual(
                vi: "\(name) chỉ ghi “\(found)”, không có thông tin.",
                en: "\(name) says only “\(found)”, which is nothing.")
        case .documentType:
            Bilingual(
                vi: "\(name): “\(found)” không khớp phụ lục loại văn bản; \(wanted).",
                en: "\(name): “\(found)” does not fit the annex of document types; \(wanted).")
        case .codeUnknown:
            Bilingual(
                vi: "\(name) “\(found)” không nằm trong danh sách: \(wanted).",
                en: "\(name) “\(found)” is none of: \(wanted).")
        case .documentID:
            Bilingual(
                vi: "\(name) “\(found)” không khớp văn bản; theo nội dung là “\(wanted)”.",
                en: "\(name) “\(found)” does not fit the document, which says “\(wanted)”.")
        case .tooLong:
            Bilingual(
                vi: "\(name) dài \(found) ký tự; có bên nhận chỉ lưu \(wanted).",
                en: "\(name) has \(found) characters; some receivers keep \(wanted).")
        case .valueMissing:
            Bilingual(vi: "\(name) còn trống khi \(wanted).", en: "\(name) is empty although \(wanted).")
        case .contentID:
            Bilingual(
                vi: "\(name) “\(found)” không có ở \(wanted).",
                en: "\(name) “\(found)” has no counterpart in \(wanted).")
        case .statusTransition:
            Bilingual(
                vi: "\(name) “\(found)” không thể theo sau \(wanted).",
                en: "\(name) “\(found)” cannot follow on \(wanted).")
        }
    }
}
