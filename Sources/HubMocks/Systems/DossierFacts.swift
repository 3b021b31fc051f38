import HubDialects
import HubEnvelope
import HubJSON
import HubModel

/// What a one-stop system registers about a dossier packet it sends.
struct DossierFacts: Sendable, Hashable {
    /// The dossier; of several, the first.
    var name: String
    var unit: String
    /// Digests of the records, each with its keys sorted: so the portal's ledger names what it got, since the packet
    /// around them changes on the way.
    var records: [Digest]
    /// Where packets of this service go.
    var recipients: [String] { ["national:dossier"] }

    /// `nil` for anything but a packet that the portal registers.
    init?(_ bytes: [UInt8]) {
        guard let packet = try? DossierPacket.parse(bytes), let name = packet.dossiers.first,
            packet.service == .sync || packet.service == .progress
        else { return nil }
        self.name = name
        self.unit = packet.unit ?? ""
        self.records = packet.records.map { SHA256.hash($0.serialised(sortedKeys: true)) }
    }
}
