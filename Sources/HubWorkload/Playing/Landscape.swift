import FoundationEssentials
import HubJSON
public import HubModel

/// The running processes that a suite is played through, as `landscape.json` lists them.
///
/// ```json
/// {"hubs": [{"id": "H44", "url": "http://127.0.0.1:8001", "admin": "http://127.0.0.1:8002", "admin_token": "…"}],
///  "national": {"url": "http://127.0.0.1:8003", "control": "http://127.0.0.1:8004"},
///  "systems": [{"province": "H44", "control": "http://127.0.0.1:8005", "systems": ["qlvb-so-tttt-h44"]}]}
/// ```
public struct Landscape: Sendable {
    /// A hub with its admin API.
    public struct Hub: Sendable {
        public var id: String
        public var url: String
        public var admin: String
        public var adminToken: String

        public init(id: String, url: String, admin: String, adminToken: String) {
            self.id = id
            self.url = url
            self.admin = admin
            self.adminToken = adminToken
        }
    }

    /// The mock national platform.
    public struct National: Sendable {
        public var url: String
        public var control: String

        public init(url: String, control: String) {
            self.url = url
            self.control = control
        }
    }

    /// The simulated systems of one province, which share a process.
    public struct Systems: Sendable {
        public var province: String
        public var control: String
        public var systems: [String]

        public init(province: String, control: String, systems: [String]) {
            self.province = province
            self.control = control
            self.systems = systems
        }
    }

    public var hubs: [Hub]
    /// `nil` where a suite needs none.
    public var national: National?
    public var systems: [Systems]

    public init(hubs: [Hub], national: National?, systems: [Systems]) {
        self.hubs = hubs
        self.national = national
        self.systems = systems
    }

    /// Reads `landscape.json`.
    ///
    /// - Throws: `configuration.invalid` when the file cannot be read or lacks something.
    public static func load(file: String) throws(HubError) -> Landscape {
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
        } catch {
            throw Self.invalid("The file of the landscape cannot be read.", file, cause: error)
        }
        do throws(HubError) {
            return try Landscape(JSONDocument.parse(bytes).value)
        } catch {
            throw error.adding(ErrorDetail("file", file))
        }
    }

    init(_ value: JSONValue) throws(HubError) {
        func text(_ value: JSONValue, _ key: String) throws(HubError) -> String {
            guard let text = value[key]?.string, !text.isEmpty else {
                throw Self.invalid("The landscape lacks an address or a name.", key)
            }
            return text.hasSuffix("/") ? String(text.dropLast()) : text
        }
        self.hubs = []
        for hub in value["hubs"]?.array ?? [] {
            self.hubs.append(
                Hub(
                    id: try text(hub, "id"), url: try text(hub, "url"), admin: try text(hub, "admin"),
                    adminToken: hub["admin_token"]?.string ?? ""
                )
            )
        }
        if let national = value["national"], !national.isNull {
            self.national = National(url: try text(national, "url"), control: try text(national, "control"))
        }
        self.systems = []
        for group in value["systems"]?.array ?? [] {
            self.systems.append(
                Systems(
                    province: group["province"]?.string ?? "", control: try text(group, "control"),
                    systems: (group["systems"]?.array ?? []).compactMap { $0.string ?? $0["id"]?.string }
                )
            )
        }
        guard !self.hubs.isEmpty, !self.systems.isEmpty else {
            throw Self.invalid(
                "A landscape needs at least one hub and one group of systems.", "hubs, systems")
        }
    }

    private static func invalid(_ summary: StaticString, _ subject: String, cause: (any Error)? = nil)
        -> HubError
    {
        HubError(.configurationInvalid, summary, details: [ErrorDetail("what", subject)], cause: cause)
    }
}
