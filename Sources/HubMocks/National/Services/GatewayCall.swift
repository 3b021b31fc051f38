import HubEnvelope
import HubJSON
import HubModel

/// A call to a service, with all that the service may look at.
struct GatewayCall: Sendable {
    let request: PlatformRequest
    /// The last part of the path, for services that are called so.
    let segment: String
    let registry: NationalRegistry
    /// What services have taken so far.
    let records: GatewayRecords
    let bodies: NationalBodies
    /// What checksums of payments are made with; `nil` when they are not checked.
    let paymentSecret: String?
    let now: Timestamp
    /// The body as JSON; `.null` when it is none.
    let json: JSONValue

    init(
        request: PlatformRequest, segment: String, registry: NationalRegistry, records: GatewayRecords,
        bodies: NationalBodies, paymentSecret: String?, now: Timestamp
    ) {
        self.request = request
        self.segment = segment
        self.registry = registry
        self.records = records
        self.bodies = bodies
        self.paymentSecret = paymentSecret
        self.now = now
        self.json = (try? JSONDocument.parse(request.body))?.value ?? .null
    }

    /// A member that is a text or a number and not blank.
    func text(_ pointer: String) -> String? {
        switch self.json.value(at: pointer) {
        case .string(let text): text.isEmpty ? nil : text
        case .number(let number): number.text
        default: nil
        }
    }

    /// What was taken under a number, with the content it had.
    func content(of record: GatewayRecord) -> JSONValue? {
        guard let digest = record.digest, let bytes = try? self.bodies.body(digest) else { return nil }
        return (try? JSONDocument.parse(bytes))?.value
    }

    /// Today by Viet Nam's clock.
    var today: CivilDate { Self.date(self.now) }

    static func date(_ moment: Timestamp) -> CivilDate {
        CivilTime(moment, offset: CivilTime.vietnamOffset).date
    }

    /// How far what was taken then has come: how many of these times have passed since.
    ///
    /// What takes days takes seconds here, so that nobody has to wait for it.
    func stage(since moment: Timestamp, after limits: [Duration]) -> Int {
        let age = self.now.since(moment)
        return limits.filter { $0 <= age }.count
    }
}

/// What a service answers, and what it writes down before.
struct GatewayAnswer: Sendable {
    var reply: PlatformReply
    /// Whether it had what was asked for.
    var isFound = true
    var entries: [GatewayEntry] = []

    static func json(_ value: JSONValue, isFound: Bool = true, _ entries: [GatewayEntry] = [])
        -> GatewayAnswer
    {
        GatewayAnswer(reply: .json(value), isFound: isFound, entries: entries)
    }
}

extension JSONValue {
    /// An object without the members that have no value.
    static func members(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(JSONObject(members.compactMap { key, value in value.map { (key: key, value: $0) } }))
    }

    static func text(_ text: String?) -> JSONValue? { text.map { .string($0) } }
}

/// Dates as the systems of the field write them.
enum DayText {
    /// `dd/MM/yyyy`.
    static func vietnamese(_ date: CivilDate) -> String {
        "\(digits(date.day, 2))/\(digits(date.month, 2))/\(digits(date.year, 4))"
    }

    /// `dd/MM/yyyy HH:mm:ss`.
    static func vietnamese(_ moment: Timestamp) -> String {
        let time = CivilTime(moment, offset: CivilTime.vietnamOffset)
        return Self.vietnamese(time.date)
            + " \(digits(time.hour, 2)):\(digits(time.minute, 2)):\(digits(time.second, 2))"
    }

    /// `yyyy-MM-ddTHH:mm:ss+07:00`.
    static func iso(_ moment: Timestamp) -> String {
        let time = CivilTime(moment, offset: CivilTime.vietnamOffset)
        return
            "\(time.date)T\(digits(time.hour, 2)):\(digits(time.minute, 2)):\(digits(time.second, 2))+07:00"
    }
}
