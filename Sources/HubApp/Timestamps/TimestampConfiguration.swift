/// Where timestamps over the newest block come from, and how often.
public struct TimestampConfiguration: Sendable {
    /// Takes requests of RFC 3161 by POST.
    public var url: String
    /// Between two timestamps; none is asked for while no block is new.
    public var every = Duration.seconds(60)
    /// A trust store for timestamping (docs/trust.md): `anchors/`, and what else it has.
    public var trustFolder: String
    /// The policy that a token must follow, as dotted decimals; any when it is `nil`.
    public var policy: String?
    /// How long the authority may be away before `/readyz` says so.
    public var grace = Duration.seconds(600)
    /// For one request.
    public var timeout = Duration.seconds(15)
    /// How far the clocks of the authority and of the hub may be apart; a token from further ahead is refused, and
    /// `/readyz` says when they are.
    public var clockSkew = Duration.seconds(60)
    /// Whether an authority for tests will do, as it does on loopback.
    public var allowsTestAuthority = false

    public init(url: String, trustFolder: String) {
        self.url = url
        self.trustFolder = trustFolder
    }
}
