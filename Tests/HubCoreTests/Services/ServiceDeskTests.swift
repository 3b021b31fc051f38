import HubAdapters
import HubEnvelope
import HubJSON
import HubModel
import HubSchema
import HubTesting
import Synchronization
import Testing

@testable import HubCore

/// A provider that answers as a test says.
private final class FakeProvider: ServiceProvider {
    private let reply: Result<ServiceReply, HubError>
    private let seen = Mutex<[ServiceCall]>([])

    init(_ reply: Result<ServiceReply, HubError>) {
        self.reply = reply
    }

    var calls: [ServiceCall] { self.seen.withLock { $0 } }

    func call(_ call: ServiceCall, request: ServiceRequest) async throws(HubError) -> ServiceReply {
        self.seen.withLock { $0.append(call) }
        return try self.reply.get()
    }
}

@Suite("A look-up")
struct ServiceDeskTests {
    private static let answer = ServiceReply(body: Array(#"{"KetQua": "1"}"#.utf8), contentType: "application/json")

    private func desk(_ bench: IntakeBench, _ provider: FakeProvider?) throws -> ServiceDesk {
        let landscape = bench.landscape
        let home = try #require(AgencyCode("H44"))
        let directory = try #require(landscape.directories["H44"])
        return ServiceDesk(
            contracts: ContractRing(
                Contracts(
                    schemas: landscape.schemas,
                    forms: Dictionary(uniqueKeysWithValues: landscape.adapters.forms.all.map { ($0.type, $0) }),
                    router: Router(
                        directory: directory, home: home, adapters: landscape.adapters.adapters, isConnected: true
                    ),
                    adapters: landscape.adapters.adapters
                )
            ),
            keys: KeyRing(KeyRing.Keys(own: try landscape.key("stranger"), registry: try landscape.registry())),
            caller: ServiceCaller(national: provider), journal: bench.journal,
            clock: bench.clock, ids: MessageIDSource(clock: bench.clock, random: SeededRandom(seed: 2)),
            metrics: HubMetrics(clock: bench.clock)
        )
    }

    private func refusal(
        _ desk: ServiceDesk, _ service: String, _ submission: Submission
    ) async -> ErrorCode? {
        do throws(HubError) {
            _ = try await desk.call(service, submission)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("goes to its provider, and the pair is in the journal before the answer is out")
    func answered() async throws {
        let bench = try IntakeBench()
        let provider = FakeProvider(.success(Self.answer))
        let submission = try bench.json(DossierText.citizen())
        let answer = try await self.desk(bench, provider).call("dan-cu/xac-thuc/1", submission)
        #expect(answer.reply.body == Self.answer.body)
        #expect(provider.calls == [.gateway(path: "/apiDanCu/1.0/xacThucThongTinCongDan", method: .post, query: [])])
        #expect(await bench.journal.totals().lookups == 1)
    }

    @Test("is not answered when the pair cannot be recorded")
    func unrecorded() async throws {
        let bench = try IntakeBench()
        await bench.journal.fail(with: HubError(.journalUnavailable, "The disk is full."))
        let desk = try self.desk(bench, FakeProvider(.success(Self.answer)))
        #expect(
            await self.refusal(desk, "dan-cu/xac-thuc/1", try bench.json(DossierText.citizen())) == .journalUnavailable)
    }

    @Test("that fails is recorded with its code", arguments: [ErrorCode.serviceUnavailable, .serviceFailed, .deliveryRefused])
    func failed(code: ErrorCode) async throws {
        let bench = try IntakeBench()
        let desk = try self.desk(bench, FakeProvider(.failure(HubError(code, "It did not work."))))
        #expect(await self.refusal(desk, "dan-cu/xac-thuc/1", try bench.json(DossierText.citizen())) == code)
        #expect(await bench.journal.totals().lookups == 1)
    }

    @Test("is refused before anybody is asked when something is wrong with it")
    func refused() async throws {
        let bench = try IntakeBench()
        let provider = FakeProvider(.success(Self.answer))
        let desk = try self.desk(bench, provider)
        let service = "dan-cu/xac-thuc/1"
        let good = DossierText.citizen()
        #expect(await self.refusal(desk, "dan-cu/khac/1", try bench.json(good)) == .serviceUnknown)
        #expect(
            await self.refusal(desk, service, try bench.json(good, as: "ioc-h44", signer: "ioc-h44")) == .accessDenied)
        #expect(await self.refusal(desk, service, try bench.json(good, signer: nil)) == .envelopeSignatureMissing)
        #expect(
            await self.refusal(desk, service, try bench.json(DossierText.citizen(card: "12"))) == .schemaPayloadInvalid)
        #expect(
            await self.refusal(desk, service, try bench.json(DossierText.citizen(agency: "000.00.11.H44")))
                == .accessAgencyNotOwn)
        // Whatever the sender calls it, the place says what it must be.
        #expect(await self.refusal(desk, service, try bench.json(DossierText.sync(), type: "dossier/sync/1")) == .schemaPayloadInvalid)
        #expect(provider.calls.isEmpty)
        #expect(await self.refusal(try self.desk(bench, nil), service, try bench.json(good)) == .serviceUnavailable)
    }
}
