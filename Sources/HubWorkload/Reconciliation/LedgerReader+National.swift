import HubJSON
import HubModel

extension LedgerReader {
    /// Reads the ledger of the national platform, of its portal and of its simulated ministries.
    ///
    /// What the platform passes on between two hubs arrives in the ledger of a system; of it only what still lies in
    /// an inbox is of interest here.
    public mutating func addNational(ndjson: [UInt8]) {
        let name = Ledgers.national
        var digests: [String: String] = [:]
        var waiting: Set<[String]> = []
        var dossiers: [String: String] = [:]
        for (number, line) in Self.lines(ndjson) {
            guard let value = self.parsed(line, of: name, number: number) else { continue }
            guard let kind = value["kind"]?.string, let at = value["at"]?.int else {
                self.fault(name, number, "no kind or no moment")
                continue
            }
            let moment = Timestamp(nanoseconds: Int64(at))
            let docID = value["docId"]?.string ?? ""
            let digest = value["digest"]?.string
            switch kind {
            case "axis.accepted":
                digests[docID] = digest
            case "axis.queued":
                waiting.insert([docID, value["system"]?.string ?? ""])
            case "axis.done", "axis.failed":
                waiting.remove([docID, value["system"]?.string ?? ""])
            case "ministry.received", "ministry.repeated":
                guard let digest = digest ?? digests[docID] else {
                    self.fault(name, number, "an arrival without digest")
                    continue
                }
                self.ledgers.arrivals.append(
                    Arrival(
                        receiver: name, to: value["system"]?.string, type: Self.type(value), digest: digest,
                        from: value["from"]?.string, about: value["documentId"]?.string,
                        status: value["statusCode"]?.string, isRepeat: kind == "ministry.repeated", at: moment
                    )
                )
            case "ministry.answered":
                // Without a digest there was nobody to tell any more, so nothing was sent.
                guard let digest else { continue }
                let ministry = value["system"]?.string ?? ""
                let key = "\(value["answers"]?.string ?? "") \(value["step"]?.int ?? 0)"
                self.ledgers.submissions.append(
                    Submission(
                        sender: ministry, key: key, label: "status \(value["statusCode"]?.string ?? "")",
                        type: "edoc/status/1", digest: digest, order: value["documentId"]?.string ?? "",
                        recipients: value["to"]?.array?.compactMap(\.string) ?? [], at: moment,
                        answer: .init(at: moment, accepted: true)
                    )
                )
            case "dossier.created", "dossier.updated", "dossier.progressed", "dossier.progress_repeated":
                guard let digest else {
                    self.fault(name, number, "a dossier without digest")
                    continue
                }
                let isStep = kind.hasPrefix("dossier.progress")
                // An update with what the portal has already changes nothing: it came again after a lost reply.
                let dossier = value["dossier"]?.string ?? ""
                let isSame = kind == "dossier.updated" && dossiers[dossier] == digest
                if !isStep { dossiers[dossier] = digest }
                self.ledgers.arrivals.append(
                    Arrival(
                        receiver: name, type: isStep ? "dossier/progress/1" : "dossier/sync/1",
                        digest: digest,
                        from: value["from"]?.string, about: value["dossier"]?.string,
                        isRepeat: isSame || kind == "dossier.progress_repeated", at: moment
                    )
                )
            default:
                // Sessions, look-ups, outages: nothing that a sender waits to see arrive.
                continue
            }
        }
        self.ledgers.heldByNational = Set(waiting.compactMap { digests[$0[0]] })
    }

    private static func type(_ value: JSONValue) -> String {
        value["messageType"]?.string == "status" ? "edoc/status/1" : "edoc/document/1"
    }
}
