internal import HubCore
internal import HubEnvelope
public import HubJSON
public import HubModel
internal import HubStore

extension KeysDesk {
    /// What became of a change of keys.
    public struct Change: Sendable {
        /// What the hub answered, or what was done to a stopped one.
        public let json: JSONValue
        /// Whether a running hub has taken it up.
        public let isRunning: Bool
    }

    /// Gives a hub another key to sign with: a running one at once, a stopped one in its files.
    ///
    /// - Parameters:
    ///   - kind: Of a new key; as the present one when it is `nil`.
    ///   - key: The URI of a key in a token, to be used instead of a new one.
    /// - Throws: `configuration.invalid`, `journal.…`, what a running hub refuses.
    public func rotate(
        _ configuration: HubConfiguration, to kind: String?, key: String? = nil, reason: String
    ) async throws(HubError) -> Change {
        // Read here too, so that a PIN in it does not get as far as the hub.
        let uri: TokenURI?
        if let key { uri = try TokenURI(key) } else { uri = nil }
        do throws(HubError) {
            return try await Self.change(
                "rotate", configuration, kind: kind, key: uri?.description, reason: reason)
        } catch {
            guard error.code == .serviceUnavailable else { throw error }
            let successor: KeyKeeper.Successor
            if let uri { successor = .inToken(uri) } else { successor = .new(try kind.map(Self.kind)) }
            return try await Self.rotateStopped(configuration, to: successor, reason: reason)
        }
    }

    /// Has a running hub read the keys of systems and agencies, and the stores of trust, again.
    ///
    /// - Returns: `nil` when no hub is running: it reads them when it starts.
    /// - Throws: What a running hub refuses; it goes on with the keys that it has.
    public func reload(_ configuration: HubConfiguration, reason: String) async throws(HubError) -> Change? {
        do throws(HubError) {
            return try await Self.change("reload", configuration, kind: nil, reason: reason)
        } catch {
            guard error.code == .serviceUnavailable else { throw error }
            return nil
        }
    }

    private static func change(
        _ path: String, _ configuration: HubConfiguration, kind: String?, key: String? = nil, reason: String
    ) async throws(HubError) -> Change {
        let answer = try await HubClient(configuration).changeKeys(path, kind: kind, key: key, reason: reason)
        guard answer.status == 200 else {
            var details = [ErrorDetail("reason", answer.body["detail"]?.string ?? "HTTP \(answer.status)")]
            let fixed = ["type", "title", "title_vi", "status", "code", "detail", "advice"]
            for (name, value) in answer.body.object?.members ?? [] where !fixed.contains(name) {
                if let text = value.string { details.append(ErrorDetail(name, text)) }
            }
            throw HubError(
                answer.code.flatMap(ErrorCode.init(rawValue:)) ?? .configurationInvalid,
                "The hub did not change its keys.", details: details
            )
        }
        return Change(json: answer.body, isRunning: true)
    }

    private static func rotateStopped(
        _ configuration: HubConfiguration, to successor: KeyKeeper.Successor, reason: String
    ) async throws(HubError) -> Change {
        let keys = KeyRing(try HubKeys(configuration).load())
        let clock = SystemClock()
        let journal = try await SegmentJournal.open(configuration.journal(signedWith: keys, clock: clock))
        let keeper = KeyKeeper(configuration, ring: keys, journal: journal, clock: clock)
        let rotation: Result<KeyRotation, HubError>
        do throws(HubError) {
            rotation = .success(try await keeper.rotate(to: successor, actor: "command line", reason: reason))
        } catch {
            rotation = .failure(error)
        }
        await journal.close()
        return Change(json: try rotation.get().json, isRunning: false)
    }
}
