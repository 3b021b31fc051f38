import Foundation
import HubCore
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Synchronization
import Testing

@testable import HubApp
@testable import HubStore

@Suite("A month that is dropped on the command line", .timeLimit(.minutes(5)))
struct JournalDropTests {
    private final class Calendar: HubClock {
        private let time = Mutex(Timestamp(seconds: 0))
        var now: Timestamp { self.time.withLock { $0 } }
        var uptime: Duration { .zero }
        func set(_ text: String) { self.time.withLock { $0 = Timestamp(rfc3339: text) ?? $0 } }
        func sleep(for duration: Duration) async throws {}
    }

    /// Three messages of January 2025 and two of February, in the journal of a hub that was never started.
    ///
    /// - Returns: The receipt of the first.
    private static func fill(_ hub: RunningHub) async throws -> Receipt {
        let configuration = try HubConfiguration.load(file: hub.config)
        let keys = KeyRing(try HubKeys(configuration).load())
        let clock = Calendar()
        let journal = try await SegmentJournal.open(configuration.journal(signedWith: keys, clock: clock))
        for (number, day) in ["2025-01-03", "2025-01-20", "2025-01-31", "2025-02-02", "2025-02-03"]
            .enumerated()
        {
            clock.set("\(day)T05:00:00Z")
            let payload = JournalSamples.payload(number, count: 200)
            let sample = JournalSamples.message(number, payload: payload, destinations: ["mailbox:a"])
            let message = AcceptedMessage(
                id: sample.id, receivedAt: clock.now, sender: sample.sender, agency: sample.agency,
                type: sample.type, identity: sample.identity, digest: sample.digest, size: sample.size,
                contentType: sample.contentType, orderKey: "", priority: 0, correlation: "",
                signature: sample.signature, warnings: [], deliveries: sample.deliveries
            )
            _ = try await journal.append(.accepted(message), payload: payload)
            if number != 1 { try await journal.record([JournalSamples.event(number, .delivered)]) }
        }
        let receipt = try await journal.receipt(of: JournalSamples.id(0))
        await journal.close()
        return receipt
    }

    @Test("goes when an archive holds it and nothing of it is needed, and the hub goes on behind it")
    func commands() async throws {
        let hub = try RunningHub()
        let receipt = try await Self.fill(hub)
        let (out, key) = (hub.folder.path + "/kept", hub.folder.path + "/hub/keys/hub.pub.pem")
        let place = ["--config", hub.config]
        let file = out + "/\(receipt.hubName)-2025-01.tar"
        let proof = hub.folder.path + "/receipt.json"
        try Data(receipt.json.serialised()).write(to: URL(filePath: proof))
        func drop(_ month: String = "2025-01", archive: String? = nil) throws -> Program.Result {
            let words = [
                "journal", "drop", "--month", month, "--archive", archive ?? file, "--reason", "thử",
                "--json",
            ]
            return try Program.run(words + place)
        }
        #expect(try drop().json["reason"]?.string == "archive-not-sound")
        for month in ["2025-01", "2025-02"] {
            let archived = try Program.run(
                ["journal", "archive", "--month", month, "--out", out, "--json"] + place)
            #expect(archived.code == (month == "2025-01" ? 0 : 1), "\(archived.output)\(archived.complaint)")
        }
        let early = try drop("2025-02")
        #expect(early.code == 1 && early.json["reason"]?.string == "other-month", "\(early.output)")
        let kept = try drop()
        #expect(kept.code == 1 && kept.json["reason"]?.string == "identities-kept", "\(kept.output)")
        let config = URL(filePath: hub.config)
        try (try String(contentsOf: config, encoding: .utf8) + "\njournal: { keep-identities: 60d }\n")
            .write(to: config, atomically: true, encoding: .utf8)

        let dropped = try drop()
        #expect(
            dropped.code == 0 && dropped.json["messages"]?.int == 2 && dropped.json["carried"]?.int == 1,
            "\(dropped.output)\(dropped.complaint)")
        #expect(try drop().json["repeated"]?.bool == true)
        let check = try Program.run(["journal", "check"] + place)
        #expect(
            check.code == 0 && check.output.contains("behind dropped months : block 4"), "\(check.output)")
        let audit = try Program.run(["evidence", "audit", "--receipt", proof] + place)
        #expect(audit.code == 1 && audit.output.contains("is in the archive of 2025-01"), "\(audit.output)")
        let both = try Program.run(
            ["evidence", "audit", "--receipt", proof, "--archive", file, "--json"] + place)
        #expect(both.code == 0 && both.json["whole"]?.bool == true, "\(both.output)\(both.complaint)")
        #expect(both.json["archives"]?.array?.first?["receipts"]?.int == 1)
        #expect(both.json["dropped"]?.array?.first?["month"]?.string == "2025-01")
        let folder = hub.folder.path + "/hub/data/journal"
        let elsewhere = try Program.run(
            "evidence", "audit", "--journal", folder, "--key", key, "--archive", file, "--receipt", proof)
        #expect(
            elsewhere.code == 0 && elsewhere.output.contains("The journal is whole"), "\(elsewhere.output)")
        #expect(try Program.run(["journal", "rebuild"] + place).code == 0)

        try await hub.start()
        #expect(try drop().code == 3)
        let gone = try await hub.operate("messages/\(JournalSamples.id(0))")
        #expect(gone.status == 404 && gone.code == "message.not_found", "\(gone.text)")
        #expect(try await hub.operate("messages/\(JournalSamples.id(3))").status == 200)
        // One that has not ended outlives its month; only its receipt is in the archive.
        #expect(try await hub.operate("messages/\(JournalSamples.id(1))").status == 200)
        let proof1 = try await hub.operate("messages/\(JournalSamples.id(1))/receipt")
        #expect(proof1.status == 404 && proof1.text.contains("archive"), "\(proof1.text)")
        let answer = try await hub.send(try hub.signed(try RunningHub.document(1)))
        #expect(answer.json["DocId"]?.string != nil, "\(answer.text)")
        #expect(hub.stop() == 0)
        #expect(try Program.run(["evidence", "audit", "--archive", file] + place).code == 0)

        #expect(try drop("2025").code == 2)
        let blank = ["journal", "drop", "--month", "2025-02", "--archive", file, "--reason", " "]
        #expect(try Program.run(blank + place).code == 2)
        #expect(
            try Program.run(["journal", "drop", "--month", "2025-02", "--reason", "x"] + place).code == 2)
    }
}

extension Receipt {
    /// As it stands in the name of an archive.
    fileprivate var hubName: String { (try? BlockHeader(bytes: self.header).hub) ?? "?" }
}
