public import HubModel

/// How the mock national platform runs and whom it knows (`national.yaml`).
public struct NationalPlatformConfiguration: Sendable {
    /// A connection centre: the hub of a province.
    public struct System: Hashable, Sendable {
        /// Such as `00.44.W00`.
        public var id: String
        /// The key of the HMAC over its headers.
        public var secret: String
        /// The level-1 codes whose packets go to its inbox: its province and those merged into it.
        public var codes: [AgencyCode]

        public init(id: String, secret: String, codes: [AgencyCode]) {
            self.id = id
            self.secret = secret
            self.codes = codes
        }
    }

    /// An account of the dossier portal.
    public struct DossierAccount: Hashable, Sendable {
        public var username: String
        public var password: String

        public init(username: String, password: String) {
            self.username = username
            self.password = password
        }
    }

    /// A client of the gateway.
    public struct GatewayClient: Hashable, Sendable {
        public var key: String
        public var secret: String

        public init(key: String, secret: String) {
            self.key = key
            self.secret = secret
        }
    }

    /// A ministry that takes what is sent to it and answers with statuses.
    public struct Ministry: Hashable, Sendable {
        public struct Step: Hashable, Sendable {
            /// Two digits.
            public var code: String
            /// After the step before.
            public var after: Duration

            public init(code: String, after: Duration) {
                self.code = code
                self.after = after
            }
        }

        public var code: AgencyCode
        public var name: String
        /// What follows a new document or a replacement.
        public var statuses: [Step]
        /// What follows a recall, an update or a request to have a document back.
        public var changeStatuses: [Step]

        public init(
            code: AgencyCode, name: String, statuses: [Step] = Ministry.usualStatuses,
            changeStatuses: [Step] = Ministry.usualChangeStatuses
        ) {
            self.code = code
            self.name = name
            self.statuses = statuses
            self.changeStatuses = changeStatuses
        }

        public static let usualStatuses = ["01", "03", "06"].map { Step(code: $0, after: .milliseconds(50)) }
        public static let usualChangeStatuses = [Step(code: "15", after: .milliseconds(50))]
    }

    /// Where the ledger, the bodies and `ports.json` are kept.
    public var folder: String
    public var host: String
    /// 0 for a free one, the same again after a restart if it can be had.
    public var port: Int
    /// Of the second server, for testers.
    public var controlPort: Int
    /// From which the invented citizens and enterprises follow.
    public var seed: Int
    /// Of sessions and tokens.
    public var tokenLifetime: Duration
    /// How far a client's clock may be off.
    public var clockSkew: Duration
    /// How far the clock of the timestamp authority is behind: a fault to order.
    public var timestampsBehind = Duration.zero
    /// What the checksums of payments are made with; `nil` when they are not checked.
    public var paymentSecret: String?
    /// The largest body that is read.
    public var maxBody: Int
    public var systems: [System]
    public var dossierAccounts: [DossierAccount]
    public var gatewayClients: [GatewayClient]
    public var ministries: [Ministry]

    public init(
        folder: String, host: String = "127.0.0.1", port: Int = 0, controlPort: Int = 0, seed: Int = 1,
        tokenLifetime: Duration = .seconds(3600), clockSkew: Duration = .seconds(300),
        maxBody: Int = 200 << 20,
        systems: [System] = [], dossierAccounts: [DossierAccount] = [], gatewayClients: [GatewayClient] = [],
        ministries: [Ministry] = []
    ) {
        self.folder = folder
        self.host = host
        self.port = port
        self.controlPort = controlPort
        self.seed = seed
        self.tokenLifetime = tokenLifetime
        self.clockSkew = clockSkew
        self.maxBody = maxBody
        self.systems = systems
        self.dossierAccounts = dossierAccounts
        self.gatewayClients = gatewayClients
        self.ministries = ministries
    }
}
