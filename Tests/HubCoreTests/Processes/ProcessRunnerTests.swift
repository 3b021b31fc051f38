import Foundation
import HubAdapters
import HubCore
import HubEnvelope
import HubJSON
import HubModel
import HubSchema
import HubTesting
import Synchronization
import Testing

/// The three agencies of a birth, as a test wants them.
private final class Agencies: ServiceProvider {
    enum Answer: Sendable {
        case json(String)
        case fails(ErrorCode)
    }

    private let answers: Mutex<[String: [Answer]]>
    private let seen = Mutex<[String]>([])

    /// - Parameter answers: By path, used up one after the other; the last stays.
    init(_ answers: [String: [Answer]] = [:]) {
        self.answers = Mutex(Self.usual.merging(answers) { $1 })
    }

    private static let usual: [String: [Answer]] = [
        "/apiHoTichTuPhap/khaiSinhLienThong": [
            .json(#"{"errorCode":"0","maHoSoLT":"H44.101-261005-0007","soGiayKhaiSinh":"12","quyenSo":"1/2026","ngayDangKy":"05/10/2026","nksSoDinhDanh":"025326000012"}"#)
        ],
        "/apiBHXH/capTheTreEm": [
            .json(#"{"maHoSo":"H44.101-261005-0007","maThe":"TE1252500000012","maSoBhxh":"2500000012","hanTu":"2026-10-05","hanDen":"2032-10-01"}"#)
        ],
        "/apiCuTru/dangKy": [
            .json(#"{"maHoSo":"H44.101-261005-0007","soXacNhan":"CT07-12","maHo":"H25-1","ngayDangKy":"2026-10-05"}"#)
        ],
    ]

    /// The paths that were called, in order.
    var calls: [String] { self.seen.withLock { $0 } }

    func call(_ call: ServiceCall, request: ServiceRequest) async throws(HubError) -> ServiceReply {
        guard case .gateway(let path, _, _) = call else { throw HubError(.serviceFailed, "Another call.") }
        self.seen.withLock { $0.append(path) }
        let answer = self.answers.withLock { answers -> Answer? in
            guard let list = answers[path], let first = list.first else { return nil }
            if list.count > 1 { answers[path] = Array(list.dropFirst()) }
            return first
        }
        switch answer {
        case .json(let text): return ServiceReply(body: Array(text.utf8), contentType: "application/json")
        case .fails(let code):
            throw HubError(code, "As the test wants.", details: [ErrorDetail("status", 422)])
        case nil: throw HubError(.deliveryRefused, "Nothing is known of this.")
        }
    }
}

@Suite("A process over three agencies")
struct ProcessRunnerTests {
    private struct Bench {
        let clock = ManualClock()
        let journal: InMemoryJournal
        let agencies: Agencies
        let contracts: ContractRing
        let parcel: Parcel
        private let system = SystemID("lien-thong-khai-sinh") ?? .national

        init(_ answers: [String: [Agencies.Answer]] = [:]) throws {
            let landscape = try Landscape.shared.get()
            self.journal = InMemoryJournal(clock: self.clock)
            self.agencies = Agencies(answers)
            let adapters = landscape.adapters
            let home = try #require(AgencyCode("H44"))
            self.contracts = ContractRing(
                Contracts(
                    schemas: landscape.schemas,
                    forms: Dictionary(uniqueKeysWithValues: adapters.forms.all.map { ($0.type, $0) }),
                    router: Router(
                        directory: try #require(landscape.directories["H44"]), home: home, adapters: adapters.adapters,
                        isConnected: true
                    ),
                    adapters: adapters.adapters,
                    mappings: Dictionary(
                        uniqueKeysWithValues: adapters.mappings.flatMap { system, files in
                            files.map { ("\(system)/\($0)", $1) }
                        }
                    ),
                    processes: adapters.processes
                )
            )
            let type = try #require(MessageType("birth/registration/1"))
            let folder = try #require(landscape.schemas.folder(of: type))
            let payload = Array(try Data(contentsOf: URL(filePath: folder + "/examples/valid-both-parents.json")))
            self.parcel = Parcel(
                delivery: PendingDelivery(
                    id: DeliveryID(message: JournalSamples.id(1), ordinal: 0), position: .start,
                    plan: PlannedDelivery(
                        destination: .process(self.system), recipient: "", type: type
                    ),
                    sender: try #require(SystemID("mot-cua-h44")), agency: "H44.101",
                    type: type, digest: SHA256.hash(payload), size: payload.count,
                    contentType: "application/json", orderKey: "H44.101-261005-0007", priority: 0, correlation: "",
                    detachedSignature: "", acceptedAt: self.clock.now, attempts: 0, notBefore: nil
                ),
                payload: payload, contentType: "application/json", signature: ""
            )
        }

        /// One attempt, by a runner that knows nothing of the one before.
        func run() async -> DeliveryOutcome {
            await ProcessRunner(
                system: self.system, contracts: self.contracts, caller: ServiceCaller(national: self.agencies),
                journal: self.journal, outbox: Outbox(), clock: self.clock,
                ids: MessageIDSource(clock: self.clock, random: SeededRandom(seed: UInt64(self.agencies.calls.count + 7)))
            ).deliver(self.parcel)
        }

        /// What became of each step, as it is journaled.
        func events() async throws -> [String] {
            let plan = try #require(self.contracts.current.processes[self.system]?[self.parcel.delivery.type])
            return try await ProcessLog(journal: self.journal)
                .state(of: self.parcel.delivery.id.message, system: self.system, plan)
                .events.map { "\($0.step) \($0.outcome.rawValue)" }
        }

        /// Why each step came to what it did.
        func reasons() async throws -> [String] {
            let plan = try #require(self.contracts.current.processes[self.system]?[self.parcel.delivery.type])
            return try await ProcessLog(journal: self.journal)
                .state(of: self.parcel.delivery.id.message, system: self.system, plan).events.map(\.reason)
        }

        /// The message that tells the sender, with where it goes.
        func result() async throws -> (json: JSONValue, destinations: [String]) {
            let all = await self.journal.messages(before: nil, limit: 100)
            let stored = try #require(all.first { $0.message.type.description == "birth/result/1" })
            let payload = try await self.journal.payload(of: stored.message.id)
            return (try JSONDocument.parse(payload).value, stored.deliveries.map(\.plan.destination.description))
        }
    }

    @Test("ends with all that was given out, in the sender's mailbox")
    func done() async throws {
        let bench = try Bench()
        #expect(await bench.run() == .delivered(answer: "3 steps done"))
        #expect(try await bench.events() == ["khai-sinh done", "the-bhyt done", "cu-tru done"])
        let (json, destinations) = try await bench.result()
        #expect(json["ketQua"]?.string == "hoan-thanh")
        #expect(json["khaiSinh"]?["soDinhDanh"]?.string == "025326000012")
        #expect(json["theBhyt"]?["maThe"]?.string == "TE1252500000012")
        #expect(destinations == ["mailbox:mot-cua-h44"])
    }

    @Test("takes back what was done when a later step is refused, the last first")
    func takenBack() async throws {
        let bench = try Bench([
            "/apiCuTru/dangKy": [.json(#"{"errorCode":"7","message":"Không đủ điều kiện"}"#)],
            "/apiBHXH/huyThe": [.json(#"{"maHoSo":"H44.101-261005-0007","trangThai":"da-huy"}"#)],
            "/apiHoTichTuPhap/huyKhaiSinhLienThong": [.fails(.deliveryRefused)],
        ])
        guard case .refused(.processFailed, let answer) = await bench.run() else {
            Issue.record("The process did not fail.")
            return
        }
        #expect(answer.contains("cu-tru") && answer.contains("khai-sinh"))
        let reasons = try await bench.reasons()
        #expect(reasons.prefix(2) == ["", ""] && reasons.contains("As the test wants. HTTP 422"), "\(reasons)")
        // What does not fit, and where.
        #expect(reasons[2].hasSuffix("contract. The member “maHoSo” is missing.") && answer.contains(reasons[2]), "\(reasons) \(answer)")
        #expect(bench.agencies.calls.suffix(2) == ["/apiBHXH/huyThe", "/apiHoTichTuPhap/huyKhaiSinhLienThong"])
        let (json, _) = try await bench.result()
        #expect(json["ketQua"]?.string == "khong-thanh")
        #expect(json["loi"]?["buoc"]?.string == "cu-tru/dang-ky/1")
        #expect(json["loi"]?["ma"]?.string == "service.reply_unfit")
        #expect(json["chuaHuy"]?.array == [.string("khai-sinh/dang-ky/1")])
    }

    @Test("goes on where it was after a service was away, and calls nothing twice that is recorded")
    func resumed() async throws {
        let bench = try Bench([
            "/apiBHXH/capTheTreEm": [
                .fails(.serviceUnavailable),
                .json(#"{"maHoSo":"H44.101-261005-0007","maThe":"TE1252500000012","maSoBhxh":"2500000012","hanTu":"2026-10-05","hanDen":"2032-10-01"}"#),
            ]
        ])
        guard case .tryLater(.serviceUnavailable, _, _) = await bench.run() else {
            Issue.record("It was not postponed.")
            return
        }
        #expect(try await bench.events() == ["khai-sinh done"])
        #expect(await bench.run() == .delivered(answer: "3 steps done"))
        #expect(bench.agencies.calls.filter { $0 == "/apiHoTichTuPhap/khaiSinhLienThong" }.count == 1)
        #expect(bench.agencies.calls.filter { $0 == "/apiBHXH/capTheTreEm" }.count == 2)
        // And once more, as after a crash before the outcome was recorded: nothing is called, the result stands.
        let before = bench.agencies.calls.count
        #expect(await bench.run() == .delivered(answer: "3 steps done"))
        #expect(bench.agencies.calls.count == before)
        let results = await bench.journal.messages(before: nil, limit: 100).filter { $0.message.type.description == "birth/result/1" }
        #expect(results.count == 1)
    }

    @Test("is taken back when it is not through in its time")
    func late() async throws {
        let bench = try Bench([
            "/apiBHXH/capTheTreEm": [.fails(.serviceUnavailable)],
            "/apiBHXH/huyThe": [.json(#"{"maHoSo":"H44.101-261005-0007","trangThai":"da-huy"}"#)],
            "/apiHoTichTuPhap/huyKhaiSinhLienThong": [.fails(.serviceUnavailable), .fails(.deliveryRefused)],
        ])
        _ = await bench.run()
        bench.clock.advance(by: .seconds(86_400))
        // Taking back is tried again too.
        guard case .tryLater = await bench.run() else {
            Issue.record("Taking back was not postponed.")
            return
        }
        // The insurance was asked and did not answer: a card may be out, so it is taken back as well, by the dossier's code.
        #expect(try await bench.events() == ["khai-sinh done", "the-bhyt unanswered", "the-bhyt undone"])
        guard case .refused(.processFailed, let answer) = await bench.run() else {
            Issue.record("The process did not fail.")
            return
        }
        #expect(
            answer == "step the-bhyt: delivery.expired; not taken back: khai-sinh: The process was not through within 86400 s."
        )
        #expect(bench.agencies.calls.filter { $0 == "/apiBHXH/huyThe" }.count == 1)
        let (json, _) = try await bench.result()
        #expect(json["daHuy"]?.array == [.string("bhxh/cap-the-tre-em/1")])
        #expect(json["chuaHuy"]?.array == [.string("khai-sinh/dang-ky/1")])
    }

    @Test("is not said to have called what it never called when its time was over before")
    func neverBegun() async throws {
        let bench = try Bench()
        bench.clock.advance(by: .seconds(86_400))
        guard case .refused(.processFailed, let answer) = await bench.run() else {
            Issue.record("The process did not fail.")
            return
        }
        #expect(answer == "step khai-sinh: delivery.expired: The process was not through within 86400 s.")
        #expect(try await bench.events() == ["khai-sinh refused"])
        #expect(bench.agencies.calls.isEmpty)
    }

    @Test("waits when a service is not offered at present")
    func absent() async throws {
        let bench = try Bench()
        let contracts = bench.contracts.current
        bench.contracts.replace(
            with: Contracts(
                schemas: contracts.schemas, forms: contracts.forms, router: contracts.router,
                adapters: contracts.adapters.values.filter { $0.system.description != "bhxh" },
                mappings: contracts.mappings, processes: contracts.processes
            )
        )
        guard case .tryLater(.serviceUnavailable, _, _) = await bench.run() else {
            Issue.record("It was not postponed.")
            return
        }
        bench.contracts.replace(with: contracts)
        #expect(await bench.run() == .delivered(answer: "3 steps done"))
    }
}
