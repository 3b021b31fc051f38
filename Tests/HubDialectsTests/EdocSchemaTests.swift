import FoundationEssentials
import HubDialects
import HubXML
import Testing

@Suite struct EdocSchemaTests {
    @Test func `statuses follow the schema of the field`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let folder = root + "/schemas"
        let schema = try XMLSchema(file: folder + "/edoc/status/1/schema.xsd", within: folder)
        for code in EdocStatusCode.allCases {
            for staff in [
                nil,
                EdocStaff(department: "Văn thư", name: "Lý Thị Kiểm", mobile: "09", email: "a@example.vn"),
            ] {
                let status = EdocStatus(
                    from: EdocTests.organisation, responseFor: EdocTests.reference, code: code.rawValue,
                    description: code.title,
                    timestamp: EdocTests.moment, staff: staff
                )
                let violations = schema.violations(in: try XMLDocument.parse(status.encoded()), limit: 10)
                #expect(violations.isEmpty, "\(violations)")
            }
        }
    }
}
