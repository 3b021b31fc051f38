import Foundation
import HubCore
import HubModel
import HubTesting
import HubTransports
import Testing

@Suite(.timeLimit(.minutes(2))) struct MaildirTests {
    @Test(arguments: DestinationConformance.checks + DestinationConformance.absence)
    func `a Maildir keeps what every destination promises`(_ check: DestinationConformance.Check) async throws {
        let bench = try MaildirBench()
        try await check.run(bench.subject)
    }

    @Test func `a delivery is one mail in new, and nothing is left in tmp`() async throws {
        let bench = try MaildirBench()
        let parcel = ParcelSamples.parcel(1, to: bench.destination.id, recipient: "Sở Mẫu", correlation: "luồng 7")
        let name = "1750000000.\(parcel.delivery.id).lgsp.invalid"
        #expect(await bench.destination.deliver(parcel) == .delivered(answer: name))
        #expect(try MaildirReader.names(in: bench.maildir) == [name])
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.maildir + "/tmp").isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.maildir).sorted() == ["cur", "new", "tmp"])
        let mail = try #require(try MaildirReader.mails(in: bench.maildir).first)
        #expect(mail.text("Date") == "Sun, 15 Jun 2025 15:06:40 +0000")
        #expect(mail.text("From") == "lgsp-hub@lgsp.invalid" && mail.text("To") == #""qlvb-mau-2"@lgsp.invalid"#)
        #expect(mail.text("Message-ID") == "<\(parcel.delivery.id)@lgsp.invalid>")
        #expect(mail.text("Content-Type") == "application/xml" && mail.text("Lgsp-To") == "Sở Mẫu")
        #expect(mail.text("Lgsp-Correlation-Id") == "luồng 7" && mail.body == parcel.payload.inMemory)
    }

    @Test(
        arguments: [
            "x\nBcc: ai@example.gov.vn", "x\r\n\r\n<html>", "=?utf-8?B?eA==?=", " x ", "\u{0}", "\u{2028}",
            String(repeating: "ữ", count: 500), String(repeating: "x", count: 5000),
        ]
    )
    func `what a sender writes stays in its field`(words: String) async throws {
        let bench = try MaildirBench()
        let parcel = ParcelSamples.parcel(
            1, to: bench.destination.id, recipient: words, contentType: words, signature: words, correlation: words
        )
        _ = await bench.destination.deliver(parcel)
        let mail = try #require(try MaildirReader.mails(in: bench.maildir).first)
        for field in ["Lgsp-To", "Lgsp-Content-Type", "Lgsp-Signature", "Lgsp-Correlation-Id"] {
            #expect(mail.fields[field] == [words])
        }
        #expect(mail.fields["Content-Type"] == ["application/octet-stream"] && mail.fields.count == 17)
        #expect(mail.body == parcel.payload.inMemory)
        let file = try #require(try MaildirReader.names(in: bench.maildir).first)
        let bytes = try #require(FileManager.default.contents(atPath: bench.maildir + "/new/" + file))
        #expect(bytes.split(separator: 0x0A).allSatisfy { $0.count < 998 }, "no line is longer than a mail may have")
    }

    @Test func `a repeat replaces the unread mail, and comes once more when that was read`() async throws {
        let bench = try MaildirBench()
        let parcel = ParcelSamples.parcel(1, to: bench.destination.id)
        for _ in 1...2 { _ = await bench.destination.deliver(parcel) }
        let names = try MaildirReader.names(in: bench.maildir)
        #expect(names.count == 1)
        for name in names {
            try FileManager.default.moveItem(
                atPath: "\(bench.maildir)/new/\(name)", toPath: "\(bench.maildir)/cur/\(name):2,S"
            )
        }
        _ = await bench.destination.deliver(parcel)
        let mail = try #require(try MaildirReader.mails(in: bench.maildir).first)
        #expect(mail.text("Message-ID") == "<\(parcel.delivery.id)@lgsp.invalid>")
    }

    @Test func `what a crash left half written is overwritten`() async throws {
        let bench = try MaildirBench()
        let parcel = ParcelSamples.parcel(1, to: bench.destination.id)
        let name = "1750000000.\(parcel.delivery.id).lgsp.invalid"
        try FileManager.default.createDirectory(atPath: bench.maildir + "/tmp", withIntermediateDirectories: true)
        try Data(repeating: 0x78, count: 100_000).write(to: URL(filePath: bench.maildir + "/tmp/" + name))
        _ = await bench.destination.deliver(parcel)
        #expect(try MaildirReader.mails(in: bench.maildir).map(\.body) == [parcel.payload.inMemory ?? []])
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.maildir + "/tmp").isEmpty)
    }

    @Test func `a reader never sees half a mail`() async throws {
        let bench = try MaildirBench()
        let parcels = (0..<16).map {
            ParcelSamples.parcel($0, to: bench.destination.id, payload: JournalSamples.payload($0, count: 300_000 + $0))
        }
        let wanted = Dictionary(uniqueKeysWithValues: parcels.map { ($0.delivery.id.description, $0.payload.inMemory) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for parcel in parcels + parcels { _ = await bench.destination.deliver(parcel) } }
            group.addTask {
                var seen = 0
                while seen < parcels.count {
                    try Task.checkCancellation()
                    let arrivals = try MaildirReader.arrivals(in: bench.maildir)
                    for arrival in arrivals { #expect(wanted[arrival.delivery] == arrival.payload) }
                    seen = arrivals.count
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(arguments: [("inbox", "/a"), ("", "/a"), ("http://127.0.0.1:1", "/a"), ("/x", "/../a"), ("/x/../y", "/a"), ("/x", "a")])
    func `an address or a path that leads elsewhere is refused`(address: String, path: String) throws {
        let error = try #require(throws: HubError.self) {
            try MaildirBench.destination([TransportRoad(type: .edocDocument, address: address, path: path)])
        }
        #expect(error.code == .configurationInvalid)
    }
}
