/// One agency as the directory knows it.
public struct Agency: Hashable, Sendable {
    public let code: AgencyCode
    public let name: Bilingual
    /// The first day on which the code is no longer in force, after a merger.
    public let closedOn: CivilDate?
    /// Who took over. A closed code without one can receive nothing.
    public let successor: AgencyCode?

    public init(code: AgencyCode, name: Bilingual, closedOn: CivilDate? = nil, successor: AgencyCode? = nil) {
        self.code = code
        self.name = name
        self.closedOn = closedOn
        self.successor = successor
    }
}

/// Another text for an agency, during a time.
public struct AgencyAlias: Hashable, Sendable {
    public let text: String
    public let code: AgencyCode
    public let from: CivilDate?
    /// The first day on which the alias no longer holds.
    public let until: CivilDate?

    public init(text: String, code: AgencyCode, from: CivilDate? = nil, until: CivilDate? = nil) {
        self.text = text
        self.code = code
        self.from = from
        self.until = until
    }
}

/// What a code stands for on a given day.
public enum AgencyResolution: Hashable, Sendable {
    /// The agency in force; for a closed code, its successor at the end of the chain.
    case found(AgencyCode)
    /// The code was closed and nobody took over.
    case closed(AgencyCode, since: CivilDate)
    case unknown
}

/// The agencies of the country, with both code formats, aliases and the codes that mergers closed.
public struct AgencyDirectory: Sendable {
    private let agencies: [AgencyCode: Agency]
    private let aliases: [String: [AgencyAlias]]
    /// The roots below which every agency is listed, so a code that is not listed does not exist.
    public let complete: Set<AgencyCode>

    /// - Parameters:
    ///   - complete: Level-1 codes whose lower levels are all in `agencies`: the hub's own province. Elsewhere a
    ///     code below a known level 1 counts as existing, since nobody holds all 111,339 of them (DOMAIN 1.6).
    /// - Throws: `directory.invalid` when a successor does not exist, successors run in a circle, or a code
    ///   stands twice.
    public init(agencies: [Agency], aliases: [AgencyAlias] = [], complete: Set<AgencyCode> = []) throws(HubError) {
        var byCode: [AgencyCode: Agency] = [:]
        for agency in agencies {
            guard byCode.updateValue(agency, forKey: agency.code) == nil else {
                throw HubError(
                    .directoryInvalid, "An agency code stands twice in the directory.",
                    details: [ErrorDetail("agency", agency.code)]
                )
            }
        }
        for agency in agencies {
            var seen: Set<AgencyCode> = [agency.code]
            var next = agency.successor
            while let code = next {
                guard let successor = byCode[code] else {
                    throw HubError(
                        .directoryInvalid, "The successor of an agency is not in the directory.",
                        details: [ErrorDetail("agency", agency.code), ErrorDetail("successor", code)]
                    )
                }
                guard seen.insert(code).inserted else {
                    throw HubError(
                        .directoryInvalid, "The successors of an agency run in a circle.",
                        details: [ErrorDetail("agency", agency.code)]
                    )
                }
                next = successor.successor
            }
        }
        self.agencies = byCode
        self.aliases = Dictionary(grouping: aliases, by: \.text)
        self.complete = complete
    }

    public subscript(code: AgencyCode) -> Agency? { self.agencies[code] }

    /// The agencies in order of their codes.
    public var all: [Agency] { self.agencies.values.sorted { $0.code < $1.code } }

    /// Finds who is meant by `text` on `day`.
    ///
    /// An alias in force wins; then either code format; then, below a level-1 code that is not listed in full, the
    /// code itself, moved below the successor's root when the root was closed.
    public func resolve(_ text: String, on day: CivilDate) -> AgencyResolution {
        if let alias = self.aliases[text]?.first(where: {
            ($0.from.map { $0 <= day } ?? true) && ($0.until.map { day < $0 } ?? true)
        }) {
            return self.resolve(alias.code, on: day)
        }
        guard let code = AgencyCode(text) else { return .unknown }
        return self.resolve(code, on: day)
    }

    private func resolve(_ code: AgencyCode, on day: CivilDate) -> AgencyResolution {
        if let agency = self.agencies[code] {
            guard let closedOn = agency.closedOn, closedOn <= day else { return .found(code) }
            guard let successor = agency.successor else { return .closed(code, since: closedOn) }
            return self.resolve(successor, on: day)
        }
        let root = code.root
        guard root != code, !self.complete.contains(root), let owner = self.agencies[root] else { return .unknown }
        guard let closedOn = owner.closedOn, closedOn <= day else { return .found(code) }
        // The agency below a closed root is not listed: the platform that took the root over knows where it went.
        guard owner.successor != nil else { return .closed(code, since: closedOn) }
        return .found(code)
    }

    /// The level-1 code whose platform carries messages for `code` on `day`: the root, or who took it over.
    public func platform(of code: AgencyCode, on day: CivilDate) -> AgencyCode? {
        guard case .found(let root) = self.resolve(code.root, on: day) else { return nil }
        return root.root
    }
}
