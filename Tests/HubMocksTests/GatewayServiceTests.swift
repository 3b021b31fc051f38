import FoundationEssentials
import HubDialects
import HubJSON
import HubMocks
import HubModel
import HubYAML
import Testing

/// Each service of the adapters is there, and says no in the words of its own system.
@Suite(.timeLimit(.minutes(1))) struct GatewayServiceTests {
    /// A service behind the gateway, as an adapter describes it.
    struct Address: Hashable {
        let method: String
        let path: String
    }

    private static func addresses() throws -> Set<Address> {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/adapters"
        var addresses: Set<Address> = []
        for system in try FileManager.default.contentsOfDirectory(atPath: root) {
            let file = "\(root)/\(system)/adapter.yaml"
            let adapter = SettingsReader(try YAMLReader.read(file: file).get(), file: file)
            for service in adapter.list("provides").map(adapter.reader(of:)) {
                guard let call = service.map("call"), let path = call.string("gateway"),
                    let method = call.string("method")
                else { continue }
                addresses.insert(
                    Address(
                        method: method,
                        path: path.replacing("{ma}", with: "madantoc")
                    ))
            }
        }
        return addresses
    }

    @Test func `every service of the adapters is behind the gateway`() async throws {
        let addresses = try Self.addresses()
        #expect(addresses.count > 30)
        try await withFolder { folder in
            try await GatewayBench.run(in: folder) { gateway in
                for address in addresses {
                    let reply = try await gateway.raw(address.method, address.path, [])
                    #expect(GatewayFault.parse(reply.body) == nil, "\(address.method) \(address.path)")
                    #expect(!reply.body.isEmpty)
                }
                let nothing = try await gateway.raw("POST", "/apiHoTichTuPhap/khongCo", [])
                #expect(nothing.status == 404 && GatewayFault.parse(nothing.body)?.code == "404")
                let wrongMethod = try await gateway.raw("POST", GatewayPath.enterprise, [])
                #expect(wrongMethod.status == 404)
                let bare = try await gateway.raw("GET", GatewayPath.category, [])
                #expect(bare.status == 200, "no catalogue is an answer of the catalogues")
            }
        }
    }

    /// A request that a system refuses, and where it says so.
    struct Refusal: CustomTestStringConvertible, Sendable {
        let path: String
        let body: JSONValue
        let pointer: String
        let text: JSONValue

        var testDescription: String { "\(self.path) \(self.text.text)" }
    }

    static let refusals = [
        Refusal(path: GatewayPath.citizen, body: [:], pointer: "/error_code", text: "2"),
        Refusal(path: GatewayPath.civilRegistration, body: [], pointer: "/errorCode", text: "302"),
        Refusal(
            path: GatewayPath.civilRegistration, body: ["maDonVi": 0], pointer: "/errorDesc",
            text: "AGENCY_ID_INCORRECT"),
        Refusal(
            path: GatewayPath.civilRegistration, body: ["maDonVi": 1], pointer: "/errorDesc",
            text: "DATA_INCORRECT"),
        Refusal(
            path: GatewayPath.civilRegistration,
            body: ["maDonVi": 1, "module": "KH", "maHoSo": "A", "ngayTiepNhan": "05/10/2026", "data": "<x"],
            pointer: "/errorDesc", text: "DATA_TYPE_INVALID"),
        Refusal(
            path: GatewayPath.civilState, body: ["maHoSo": "A"], pointer: "/errorDesc",
            text: "RECORD_NOT_FOUND"),
        Refusal(
            path: GatewayPath.civilCatalogue, body: ["loaiDanhMuc": "6"], pointer: "/errorCode", text: "500"),
        Refusal(
            path: GatewayPath.birth, body: ["maHoSoLT": "A"], pointer: "/errorDesc", text: "DATA_INCORRECT"),
        Refusal(path: GatewayPath.recordApplication, body: [:], pointer: "/STATUS", text: "0"),
        Refusal(
            path: GatewayPath.recordApplication,
            body: [
                "idReceivedDec": "A", "dateReceivedDec": "2026-10-05",
                "declarationWSForm": ["fullName": "A", "identifyNo": "001000000001"],
            ], pointer: "/DESCRIPTION", text: "Ngày tiếp nhận không đúng định dạng dd/MM/yyyy"),
        Refusal(
            path: GatewayPath.recordCatalogue, body: ["catalogueType": "X"], pointer: "/DESCRIPTION",
            text: "Danh mục không tồn tại"),
        Refusal(path: GatewayPath.insuranceNumber, body: ["hoTen": "A"], pointer: "/errorCode", text: "2"),
        Refusal(
            path: GatewayPath.insuranceNumber,
            body: [
                "hoTen": "NGUYỄN VĂN KHÔNG", "ngaySinh": "19900101", "loaiNgaySinh": "0", "gioiTinh": "1",
            ],
            pointer: "/errorCode", text: "1"),
        Refusal(path: GatewayPath.childCard, body: ["maHoSo": "A"], pointer: "/errorCode", text: "BH100"),
        Refusal(path: GatewayPath.residenceRegistration, body: [:], pointer: "/errorCode", text: "CT00"),
        Refusal(
            path: GatewayPath.category + "qlvanbandieuhanhcap1", body: [:], pointer: "/MSG",
            text: "Data not insert: Record 1: missing MaDinhDanhCap1 or TenDonVi"),
        Refusal(path: GatewayPath.postalOrder, body: [:], pointer: "/Message", text: "Thiếu OrderNumber"),
        Refusal(path: GatewayPath.payment, body: [:], pointer: "/errorCode", text: "PG01"),
        Refusal(path: GatewayPath.report, body: [:], pointer: "/ketQua", text: "tu-choi"),
    ]

    @Test(arguments: Self.refusals)
    func `a system says no in its own words, under HTTP 200`(refusal: Refusal) async throws {
        try await withFolder { folder in
            try await GatewayBench.run(in: folder) { gateway in
                let reply = try await gateway.post(refusal.path, refusal.body)
                #expect(reply.value(at: refusal.pointer) == refusal.text)
                let kinds = try await gateway.bench.ledger().compactMap { $0["kind"]?.string }
                #expect(!kinds.contains("gateway.taken"))
            }
        }
    }
}
