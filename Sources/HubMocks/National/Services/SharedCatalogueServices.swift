import HubDialects
import HubJSON
import HubModel

/// The shared catalogues: their entries, their structure, and what is added to that of agencies.
enum SharedCatalogueServices {
    static let all = [
        GatewayService("GET", GatewayPath.category, Self.entries),
        GatewayService("POST", GatewayPath.category, Self.add),
        GatewayService("GET", GatewayPath.metadata, Self.structure),
        GatewayService("GET", GatewayPath.categories, Self.categories),
    ]

    static let ethnicities = [
        ("01", "Kinh"), ("02", "Tày"), ("03", "Thái"), ("04", "Hoa"), ("05", "Khơ-me"), ("06", "Mường"),
        ("07", "Nùng"),
        ("08", "Mông"), ("09", "Dao"),
    ]

    /// The catalogue that has members of its own and can be added to.
    private static let agencies = "qlvanbandieuhanhcap1"

    /// All catalogues that have been seen (DOMAIN 4.2), with names of our own.
    private static let names: KeyValuePairs<String, String> = [
        "qlvanbandieuhanhcap1": "Cơ quan cấp 1", "qlvanbandieuhanhcap2": "Cơ quan cấp 2",
        "qlvanbandieuhanhcap3": "Cơ quan cấp 3", "qlvanbandieuhanhcap4": "Cơ quan cấp 4",
        "donvihanhchinhcap1": "Đơn vị hành chính cấp tỉnh",
        "donvihanhchinhcap2": "Đơn vị hành chính cấp huyện",
        "donvihanhchinhcap3": "Đơn vị hành chính cấp xã",
        "mabuuchinhvungkhuvuc": "Mã bưu chính vùng, khu vực",
        "mabuuchinhcap1": "Mã bưu chính cấp 1", "mabuuchinhcap2": "Mã bưu chính cấp 2",
        "mabuuchinhcap3": "Mã bưu chính cấp 3", "madantoc": "Dân tộc", "madantockhac": "Dân tộc, tên khác",
        "matongiao": "Tôn giáo", "magioitinh": "Giới tính", "manhommau": "Nhóm máu",
        "maynghianhommau": "Ý nghĩa nhóm máu", "maquocgia": "Quốc gia",
        "matinhtranghonnhan": "Tình trạng hôn nhân",
        "giaoducdaotaovncap1": "Giáo dục, đào tạo cấp 1", "giaoducdaotaovncap2": "Giáo dục, đào tạo cấp 2",
        "giaoducdaotaovncap3": "Giáo dục, đào tạo cấp 3", "giaoducdaotaovncap4": "Giáo dục, đào tạo cấp 4",
        "giaoducdaotaovncap5": "Giáo dục, đào tạo cấp 5", "machucdanhcqdcsvn": "Chức danh cơ quan Đảng",
        "mabacluong": "Bậc lương", "mabangluong": "Bảng lương", "machucdanh": "Chức danh",
        "manhomluong": "Nhóm lương",
        "mahesoluong": "Hệ số lương", "mahesoluongvung": "Hệ số lương vùng",
        "mathiduakhenthuong": "Thi đua, khen thưởng",
        "maloaivanbantheoqdpl": "Loại văn bản theo quy định",
        "matenvanbantheoqdpl": "Tên văn bản theo quy định",
        "matenvanbanhanhchinh": "Tên văn bản hành chính", "dokhanvanban": "Độ khẩn văn bản",
    ]

    private static let agencyMembers: KeyValuePairs<String, String> = [
        "MaDinhDanhCap1": "Mã định danh cấp 1", "TenDonVi": "Tên đơn vị", "DiaChi": "Địa chỉ",
        "Email": "Email",
        "SoDienThoai": "Số điện thoại", "Fax": "Fax", "Website": "Website",
        "QdBanHanhQdSuaDoi": "Quyết định ban hành, sửa đổi", "NgayBanHanhQd": "Ngày ban hành quyết định",
        "CoQuanBanHanhQd": "Cơ quan ban hành quyết định",
    ]

    private static let firstAgencies = [
        ("G01", "Bộ Công an"), ("G12", "Bộ Tài chính"), ("G15", "Bộ Tư pháp"), ("G22", "Văn phòng Chính phủ"),
        ("H44", "Ủy ban nhân dân tỉnh Phú Thọ"), ("H55", "Ủy ban nhân dân tỉnh Thái Nguyên"),
    ]

    private static func isKnown(_ code: String) -> Bool { Self.names.contains { $0.key == code } }

    /// The service behind the gateway has a sentence for this and no code.
    private static let unknown = GatewayAnswer.json(
        ["MSG": "Category not found", "Count": 0], isFound: false)

    @Sendable private static func entries(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard Self.isKnown(call.segment) else { return Self.unknown }
        guard call.segment != Self.agencies else {
            let first = Self.firstAgencies.map { code, name -> JSONValue in
                ["MaDinhDanhCap1": .string(code), "TenDonVi": .string(name), "DiaChi": "", "Email": nil]
            }
            let added = call.records.keys(of: .agencies).compactMap { key in
                call.records[.agencies, key].flatMap { call.content(of: $0) }
            }
            return .json(.array(first + added))
        }
        let entries =
            switch call.segment {
            case "madantoc": Self.ethnicities
            case "matongiao": [("00", "Không"), ("01", "Phật giáo"), ("02", "Công giáo")]
            case "magioitinh": [("1", "Nam"), ("2", "Nữ"), ("3", "Khác")]
            case "manhommau": [("00", "Chưa rõ"), ("01", "A"), ("02", "B"), ("03", "AB"), ("04", "O")]
            case "matinhtranghonnhan":
                [("1", "Chưa kết hôn"), ("2", "Đang có vợ, chồng"), ("3", "Đã ly hôn")]
            case "donvihanhchinhcap1": [("25", "Tỉnh Phú Thọ"), ("19", "Tỉnh Thái Nguyên")]
            case "dokhanvanban":
                [
                    ("0", "Thường"), ("1", "Khẩn"), ("2", "Thượng khẩn"), ("3", "Hỏa tốc"),
                    ("4", "Hỏa tốc hẹn giờ"),
                ]
            default: (1...3).map { (String($0), "Mục mẫu \($0)") }
            }
        return .json(.array(entries.map { ["Ma": .string($0.0), "Ten": .string($0.1)] }))
    }

    /// Takes one agency or a list of them, whole or not at all.
    @Sendable private static func add(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard call.segment == Self.agencies else { return Self.unknown }
        let records = call.json.array ?? [call.json]
        var entries: [GatewayEntry] = []
        for (index, record) in records.enumerated() {
            guard let code = record["MaDinhDanhCap1"]?.string, !code.isEmpty,
                record["TenDonVi"]?.string != nil
            else {
                return Self.refused("Record \(index + 1): missing MaDinhDanhCap1 or TenDonVi")
            }
            let isThere =
                Self.firstAgencies.contains { $0.0 == code } || call.records[.agencies, code] != nil
                || entries.contains { $0.key == code }
            guard !isThere else { return Self.refused("Record \(index + 1): \(code) is duplicate") }
            entries.append(GatewayEntry(register: .agencies, key: code, action: .take(record.serialised())))
        }
        return .json(["MSG": "Done", "Count": .number(JSONNumber(entries.count))], entries)
    }

    private static func refused(_ reason: String) -> GatewayAnswer {
        .json(["MSG": .string("Data not insert: \(reason)"), "Count": 0], isFound: false)
    }

    @Sendable private static func structure(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        guard Self.isKnown(call.segment) else { return Self.unknown }
        let members: KeyValuePairs<String, String> =
            call.segment == Self.agencies ? Self.agencyMembers : ["Ma": "Mã", "Ten": "Tên"]
        return .json(
            .array(
                members.map { code, name in
                    [
                        "PropertyCode": .string(code), "PropertyName": .string(name),
                        "PropertyType": code == "NgayBanHanhQd" ? "date" : "string",
                    ]
                }))
    }

    /// All catalogues, or those with a text in their names.
    @Sendable private static func categories(_ call: GatewayCall) throws(HubError) -> GatewayAnswer {
        let filter = (call.request.query("filter") ?? "").lowercased()
        let found = Self.names.filter { filter.isEmpty || $0.value.lowercased().contains(filter) }
        return .json(
            .array(found.map { ["CategoryCode": .string($0.key), "CategoryName": .string($0.value)] }),
            isFound: !found.isEmpty
        )
    }
}
