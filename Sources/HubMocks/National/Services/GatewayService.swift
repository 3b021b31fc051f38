import HubModel

/// One service behind the gateway: where it is called, and what answers.
struct GatewayService: Sendable {
    typealias Answer = @Sendable (GatewayCall) throws(HubError) -> GatewayAnswer

    let method: String
    /// A path; one that ends in `/` is followed by one more part, which the call knows as `segment`.
    let path: String
    let answer: Answer

    init(_ method: String, _ path: String, _ answer: @escaping Answer) {
        self.method = method
        self.path = path
        self.answer = answer
    }

    /// Everything there is behind the gateway; each system has a file of its own.
    static let all: [GatewayService] =
        PopulationServices.all + EnterpriseServices.all + CivilStatusServices.all + BirthServices.all
        + CriminalRecordServices.all + SocialInsuranceServices.all + HealthCardServices.all
        + ResidenceServices.all
        + SharedCatalogueServices.all + PostServices.all + PaymentServices.all + BudgetUnitServices.all
        + OfficialsServices.all + LandServices.all + ReportingServices.all

    private static let byAddress = Dictionary(
        Self.all.map { ("\($0.method) \($0.path)", $0) }, uniquingKeysWith: { first, _ in first })

    /// The service at an address, and the part of the path that is its own.
    static func at(_ method: String, _ path: String) -> (service: GatewayService, segment: String)? {
        if let service = Self.byAddress["\(method) \(path)"] { return (service, "") }
        guard let slash = path.lastIndex(of: "/") else { return nil }
        let start = path.index(after: slash)
        guard start < path.endIndex, let service = Self.byAddress["\(method) \(path[..<start])"] else {
            return nil
        }
        return (service, String(path[start...]))
    }

    /// Whether a path leads to the gateway at all.
    static func isGateway(_ path: String) -> Bool { path.hasPrefix("/api") || path.hasPrefix("/dmdc/") }
}
