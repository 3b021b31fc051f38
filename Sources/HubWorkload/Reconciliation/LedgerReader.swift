import HubJSON
public import HubModel

/// Reads the three kinds of ledgers, one JSON object a line.
///
/// A line that cannot be read is a fault with its number: a checker that skips what it does not understand proves
/// nothing. The last line alone may be cut off, as a process that was killed leaves it.
public struct LedgerReader: Sendable {
    public internal(set) var ledgers = Ledgers()
    /// `LEDGER:LINE: what is wrong`, in the order of reading.
    public private(set) var faults: [String] = []

    public init() {}

    /// Reads the ledger of a simulated system.
    ///
    /// - Parameter agencies: Whose messages arrive here.
    public mutating func addSystem(_ name: String, agencies: [AgencyCode], ndjson: [UInt8]) {
        self.ledgers.agencies[name] = agencies
        self.addLines(name, ndjson)
    }

    /// Reads the ledger of a hub.
    public mutating func addHub(_ name: String, ndjson: [UInt8]) {
        for (number, line) in Self.lines(ndjson) {
            guard let value = self.parsed(line, of: name, number: number) else { continue }
            if let code = value["code"]?.string, value["refused_at"] != nil {
                self.ledgers.refusals.append(
                    HubRefusal(
                        hub: name, sender: value["sender"]?.string ?? "", code: code,
                        digest: value["digest"]?.string
                    )
                )
                continue
            }
            guard let id = value["id"]?.string, let digest = value["digest"]?.string else {
                self.fault(name, number, "neither a message nor a refusal")
                continue
            }
            var deliveries: [HubMessage.Delivery] = []
            for item in value["deliveries"]?.array ?? [] {
                guard let destination = item["destination"]?.string,
                    let phase = item["phase"]?.string.flatMap(HubMessage.Phase.init(rawValue:))
                else {
                    self.fault(name, number, "a delivery without a destination or a known phase")
                    continue
                }
                deliveries.append(
                    HubMessage.Delivery(
                        ordinal: item["ordinal"]?.int ?? 0, destination: destination,
                        recipient: item["recipient"]?.string ?? "", type: item["type"]?.string ?? "",
                        phase: phase,
                        code: item["code"]?.string
                    )
                )
            }
            self.ledgers.messages.append(
                HubMessage(
                    hub: name, id: id, sender: value["sender"]?.string ?? "",
                    type: value["type"]?.string ?? "",
                    identity: value["identity"]?.string ?? "", digest: digest, deliveries: deliveries
                )
            )
        }
    }

    private mutating func addLines(_ name: String, _ ndjson: [UInt8]) {
        var places: [String: Int] = [:]
        for (number, line) in Self.lines(ndjson) {
            guard let value = self.parsed(line, of: name, number: number) else { continue }
            guard let at = value["at"]?.string.flatMap(Timestamp.init(rfc3339:)) else {
                self.fault(name, number, "no moment in 'at'")
                continue
            }
            switch value["event"]?.string {
            case "submit":
                guard let key = value["key"]?.string, let digest = value["digest"]?.string else {
                    self.fault(name, number, "a submission without key or digest")
                    continue
                }
                places[key] = self.ledgers.submissions.count
                self.ledgers.submissions.append(
                    Submission(
                        sender: name, key: key, label: value["label"]?.string ?? "",
                        type: value["type"]?.string ?? "", digest: digest,
                        records: value["records"]?.array?.compactMap(\.string) ?? [],
                        order: value["order"]?.string ?? "",
                        recipients: value["recipients"]?.array?.compactMap(\.string) ?? [], at: at
                    )
                )
            case "answered":
                guard let place = value["key"]?.string.flatMap({ places[$0] }) else {
                    self.fault(name, number, "an answer to nothing")
                    continue
                }
                self.ledgers.submissions[place].answer = Submission.Answer(
                    at: at, accepted: value["accepted"]?.bool ?? false, id: value["id"]?.string,
                    code: value["code"]?.string
                )
            case "received", "repeat":
                guard let digest = value["digest"]?.string else {
                    self.fault(name, number, "an arrival without digest")
                    continue
                }
                self.ledgers.arrivals.append(
                    Arrival(
                        receiver: name, to: value["to"]?.string, message: value["message"]?.string,
                        delivery: value["delivery"]?.string, type: value["type"]?.string ?? "",
                        digest: digest,
                        from: value["from"]?.string, about: value["order"]?.string,
                        status: value["status"]?.string,
                        isRepeat: value["event"]?.string == "repeat", at: at
                    )
                )
            case "lookup":
                self.ledgers.lookupsAsked += 1
                if value["accepted"]?.bool == true { self.ledgers.lookupsAnswered += 1 }
                if let digest = value["digest"]?.string { self.ledgers.lookupDigests.insert(digest) }
            default:
                // Pauses, starts and whatever else a process notes about itself says nothing about messages.
                continue
            }
        }
    }

    mutating func parsed(_ line: ArraySlice<UInt8>, of name: String, number: Int) -> JSONValue? {
        do throws(HubError) {
            return try JSONDocument.parse(Array(line)).value
        } catch {
            self.fault(name, number, "not a JSON object")
            return nil
        }
    }

    mutating func fault(_ name: String, _ number: Int, _ what: String) {
        self.faults.append("\(name):\(number): \(what)")
    }

    /// The complete lines with their numbers.
    ///
    /// What stands after the last line end was being written.
    static func lines(_ bytes: [UInt8]) -> [(Int, ArraySlice<UInt8>)] {
        guard let end = bytes.lastIndex(of: 0x0A) else { return [] }
        return bytes[..<end].split(separator: 0x0A, omittingEmptySubsequences: false).enumerated().compactMap
        {
            $0.element.isEmpty ? nil : ($0.offset + 1, $0.element)
        }
    }
}
