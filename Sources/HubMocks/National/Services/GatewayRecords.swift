import HubEnvelope
import HubModel

/// Where a service behind the gateway writes what it takes.
enum GatewayRegister: String, Sendable {
    case civilStatus = "ho-tich"
    case criminalRecords = "ly-lich-tu-phap"
    case healthCards = "the-bhyt"
    case residence = "cu-tru"
    case agencies = "dmdc"
    case post = "vnpost"
    case payments = "paygov"
    case reports = "bao-cao"
}

/// One thing that a service has taken.
struct GatewayRecord: Hashable, Sendable {
    let at: Timestamp
    /// Of the content, which is kept; `nil` for what was cancelled before it came.
    let digest: Digest?
    /// What the service makes of it, never who it is about.
    let note: String?
    var isCancelled: Bool
}

/// What a service writes down.
struct GatewayEntry: Sendable {
    enum Action: Sendable {
        /// The content is kept.
        case take([UInt8])
        case cancel
    }

    let register: GatewayRegister
    /// A number of a dossier, an order or the like.
    let key: String
    let action: Action
    /// Another number under which it is found again. One of a person is given as a digest.
    var reference: String?
    var note: String?

    /// What stands in the ledger instead of a personal number.
    static func digest(ofNumber number: String) -> String { SHA256.hash(Array(number.utf8)).description }
}

/// What the services have taken, by register and number.
struct GatewayRecords: Sendable {
    private struct Key: Hashable {
        let register: GatewayRegister
        let text: String
    }

    private var records: [Key: GatewayRecord] = [:]
    private var references: [Key: String] = [:]
    private var keys: [GatewayRegister: [String]] = [:]

    subscript(register: GatewayRegister, key: String) -> GatewayRecord? {
        self.records[Key(register: register, text: key)]
    }

    /// The key of what was taken last under a reference.
    func key(in register: GatewayRegister, of reference: String) -> String? {
        self.references[Key(register: register, text: reference)]
    }

    /// All keys of a register, in the order in which they came.
    func keys(of register: GatewayRegister) -> [String] { self.keys[register] ?? [] }

    /// Takes an event of the ledger in.
    mutating func apply(_ event: NationalEvent) {
        guard let register = event.detail.flatMap(GatewayRegister.init(rawValue:)), let text = event.dossier
        else { return }
        let key = Key(register: register, text: text)
        if self.records[key] == nil { self.keys[register, default: []].append(text) }
        switch event.kind {
        case .gatewayTaken:
            self.records[key] = GatewayRecord(
                at: event.at, digest: event.digest, note: event.statusCode, isCancelled: false)
            if let reference = event.documentID {
                self.references[Key(register: register, text: reference)] = text
            }
        case .gatewayCancelled:
            // Who cancels what has not come yet must not get it afterwards.
            let empty = GatewayRecord(at: event.at, digest: nil, note: nil, isCancelled: true)
            self.records[key, default: empty].isCancelled = true
        default:
            break
        }
    }
}
