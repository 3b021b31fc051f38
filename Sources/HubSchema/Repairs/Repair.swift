import HubModel

/// What the tolerant reading does to a document that does not fit its schema.
///
/// The bytes stay as they are.
public enum Repair: String, CaseIterable, Sendable {
    /// Elements are in another namespace.
    case namespace = "repair.namespace"
    /// Elements are in no namespace: their prefix, or its declaration, was dropped.
    case namespaceMissing = "repair.namespace_missing"
    /// The signature is in the namespace of the document.
    case signatureNamespace = "repair.signature_namespace"
    /// The outermost element is missing.
    case rootMissing = "repair.root_missing"
    /// An element has another name.
    case name = "repair.name"
    /// The elements in an element stand in another order.
    case order = "repair.order"
    /// A date or a time is written in another form.
    case date = "repair.date"
    /// `cid:` is missing.
    case contentID = "repair.content_id"
    /// A code is written as its name, or as another system's number.
    case code = "repair.code"
    /// An element stands twice, in two spellings, and says the same.
    case repeated = "repair.repeated"
    /// An element that the type does not have was not read.
    case elementDropped = "repair.element_dropped"
    /// An attribute that the element does not have was not read.
    case attributeDropped = "repair.attribute_dropped"
    /// There were further repairs, which are not listed.
    case more = "repair.more"

    private static let longestValue = 60

    /// What was found and what was read instead, in a sentence.
    func warning(found: String, read: String, path: String) -> Warning {
        let (found, read) = (found.prefix(bytes: Self.longestValue), read.prefix(bytes: Self.longestValue))
        return Warning(code: self.rawValue, path: path.prefix(bytes: 512), message: self.message(found, read))
    }

    private func message(_ found: String, _ read: String) -> Bilingual {
        switch self {
        case .namespace:
            Bilingual(
                vi: "Không gian tên “\(found)” được đọc là “\(read)”.",
                en: "Namespace “\(found)” was read as “\(read)”.")
        case .namespaceMissing:
            Bilingual(
                vi:
                    "Phần tử “\(found)” không thuộc không gian tên nào (mất tiền tố); được đọc là thuộc “\(read)”.",
                en:
                    "Element “\(found)” is in no namespace (its prefix was dropped); it was read as one of “\(read)”."
            )
        case .signatureNamespace:
            Bilingual(
                vi: "Chữ ký thuộc không gian tên “\(found)”; được đọc là thuộc “\(read)”.",
                en: "The signature is in namespace “\(found)”; it was read as one of “\(read)”.")
        case .rootMissing:
            Bilingual(
                vi: "Phần tử gốc là “\(found)”; được đọc như nằm trong “\(read)”.",
                en: "The outermost element is “\(found)”; it was read as if inside “\(read)”.")
        case .name:
            Bilingual(
                vi: "Phần tử “\(found)” được đọc là “\(read)”.",
                en: "Element “\(found)” was read as “\(read)”.")
        case .order:
            Bilingual(
                vi:
                    "Các phần tử trong “\(found)” sai thứ tự; “\(read)” là phần tử đầu tiên bị đọc ở chỗ khác.",
                en:
                    "The elements in “\(found)” are out of order; “\(read)” is the first that was read elsewhere."
            )
        case .date:
            Bilingual(vi: "“\(found)” được đọc là “\(read)”.", en: "“\(found)” was read as “\(read)”.")
        case .contentID:
            Bilingual(
                vi: "“\(found)” thiếu “cid:”; được đọc là “\(read)”.",
                en: "“\(found)” lacks “cid:”; it was read as “\(read)”.")
        case .code:
            Bilingual(
                vi: "Mã “\(found)” được đọc là “\(read)”.", en: "Code “\(found)” was read as “\(read)”.")
        case .repeated:
            Bilingual(
                vi: "“\(found)” lặp lại “\(read)” với cùng nội dung; chỉ đọc một lần.",
                en: "“\(found)” repeats “\(read)” and says the same; it was read once.")
        case .elementDropped:
            Bilingual(
                vi: "Không đọc phần tử lạ “\(found)” trong “\(read)”.",
                en: "Unknown element “\(found)” in “\(read)” was not read.")
        case .attributeDropped:
            Bilingual(
                vi: "Không đọc thuộc tính lạ “\(found)” của “\(read)”.",
                en: "Unknown attribute “\(found)” of “\(read)” was not read.")
        case .more:
            Bilingual(vi: "Còn \(found) chỗ đã sửa khác.", en: "There were \(found) further repairs.")
        }
    }
}
