public import HubJSON
public import HubModel

/// A request to one of the national portal's services: `{session, madonvi, service, isUpdating, data}`.
///
/// The JSON is kept as it came. What is set here replaces single members, so numbers keep their digits and unknown
/// members stay.
public struct DossierPacket: Hashable, Sendable {
    /// The packet as JSON.
    public private(set) var json: JSONObject

    /// A packet made from a system's signed document, which has no session yet.
    ///
    /// - Throws: `api.request_malformed` when it is not an object that names a service as a text.
    public init(_ json: JSONValue) throws(HubError) {
        guard let object = json.object, object["service"]?.string != nil else {
            throw HubError(.apiRequestMalformed, "The packet is not an object with 'service'.")
        }
        self.json = object
    }

    /// Reads the body of a request.
    ///
    /// - Throws: as `init(_:)`, and what is wrong with it as JSON.
    public static func parse(_ bytes: [UInt8]) throws(HubError) -> DossierPacket {
        try DossierPacket(JSONDocument.parse(bytes).value)
    }

    /// A packet from its parts, without a session.
    public init(_ service: DossierService, unit: String, isUpdating: Bool = false, data: JSONValue) {
        self.json = [
            "session": "", "madonvi": .string(unit), "service": .string(service.rawValue),
            "isUpdating": .string(Self.text(isUpdating)), "data": data,
        ]
    }

    /// The question whether the portal knows a dossier.
    public static func lookup(_ dossier: String, unit: String) -> DossierPacket {
        DossierPacket(.lookup, unit: unit, data: [["MaHoSo": .string(dossier)]])
    }

    /// The packet as the portal wants it, ready to be sent.
    ///
    /// - Parameter isUpdating: `nil` leaves what the document says.
    public func prepared(session: String, isUpdating: Bool? = nil) -> DossierPacket {
        var packet = self
        packet.json["session"] = .string(session)
        if let isUpdating { packet.json["isUpdating"] = .string(Self.text(isUpdating)) }
        return packet
    }

    public func encoded() -> [UInt8] { JSONValue.object(self.json).serialised() }

    /// `nil` for a service that is not in use here.
    public var service: DossierService? {
        self.json["service"]?.string.flatMap(DossierService.init(rawValue:))
    }
    public var session: String? { self.json["session"]?.string }
    /// The agency that sends (`madonvi`).
    public var unit: String? { self.json["madonvi"]?.string }
    /// The text "True" or "False", in any case, or a truth value.
    public var isUpdating: Bool {
        self.json["isUpdating"]?.bool ?? (self.json["isUpdating"]?.string?.lowercased() == "true")
    }
    /// The records of the packet; empty when there are none.
    public var records: [JSONValue] { self.json["data"]?.array ?? [] }
    /// The dossiers the packet speaks of, in its order.
    public var dossiers: [String] {
        let listed = self.records.compactMap { $0["MaHoSo"]?.string }
        return listed.isEmpty ? [self.json["MaHoSo"]?.string].compactMap { $0 } : listed
    }

    private static func text(_ isUpdating: Bool) -> String { isUpdating ? "True" : "False" }
}
