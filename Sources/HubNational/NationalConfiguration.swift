/// How the hub reaches the national platform.
public struct NationalConfiguration: Sendable {
    /// The document axis (DOMAIN 1.6).
    public struct Axis: Sendable {
        /// Scheme, host and port.
        public var url: String
        /// The connection centre of the province, such as `00.44.W00`.
        public var systemID: String
        /// Of the HMAC over the headers.
        public var secret: [UInt8]
        /// How often the inbox is looked at.
        public var poll: Duration

        public init(url: String, systemID: String, secret: [UInt8], poll: Duration) {
            self.url = url
            self.systemID = systemID
            self.secret = secret
            self.poll = poll
        }
    }

    /// The dossier portal (DOMAIN 3.1).
    public struct DossierPortal: Sendable {
        public var url: String
        public var username: String
        public var password: String

        public init(url: String, username: String, password: String) {
            self.url = url
            self.username = username
            self.password = password
        }
    }

    /// The API gateway (DOMAIN 4.1).
    public struct Gateway: Sendable {
        public var url: String
        public var key: String
        public var secret: String

        public init(url: String, key: String, secret: String) {
            self.url = url
            self.key = key
            self.secret = secret
        }
    }

    public var axis: Axis
    public var dossier: DossierPortal
    public var gateway: Gateway
    /// Of one request.
    public var timeout = Duration.seconds(30)
    /// The longest packet that is fetched.
    public var replyLimit = 256 << 20

    public init(axis: Axis, dossier: DossierPortal, gateway: Gateway) {
        self.axis = axis
        self.dossier = dossier
        self.gateway = gateway
    }
}
