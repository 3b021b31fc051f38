import HubCore
import HubModel
import HubTesting
import Synchronization
import Testing

/// The suite for destinations finds what is wrong with one: a promise that nothing can break is not checked.
@Suite(.timeLimit(.minutes(2))) struct ConformanceFaultTests {
    @Test(
        arguments: DestinationConformance.checks + DestinationConformance.absence + DestinationConformance.silence
    )
    func `a destination without faults passes`(_ check: DestinationConformance.Check) async throws {
        try await check.run(FaultyDestination(nil).subject)
    }

    @Test(arguments: FaultyDestination.Fault.allCases)
    func `a destination with one fault is found out`(_ fault: FaultyDestination.Fault) async throws {
        let all = DestinationConformance.checks + DestinationConformance.absence + DestinationConformance.silence
        var complaints: [String] = []
        for check in all {
            do {
                try await check.run(FaultyDestination(fault).subject)
            } catch let failure as DestinationConformance.Failure {
                complaints.append("\(check): \(failure)")
            }
        }
        #expect(complaints.contains { $0.contains(fault.rawValue) }, "what was found: \(complaints)")
    }

    @Test func `a check that needs more than the receiver offers fails and says so`() async throws {
        let destination = FaultyDestination(nil)
        let subject = DestinationConformance.Subject(
            destination: destination, types: [.edocDocument],
            receiver: DestinationConformance.Receiver { destination.arrivals }
        )
        for check in DestinationConformance.absence + DestinationConformance.silence {
            await #expect(throws: DestinationConformance.Failure.self) { try await check.run(subject) }
        }
    }
}

/// A destination into memory, with a receiver that can be away or silent, and with at most one fault.
final class FaultyDestination: Destination {
    /// Each with words that the complaint about it must have.
    enum Fault: String, CaseIterable, Sendable {
        case losesEverything = "has not arrived"
        case spoilsOneByte = "of which the one at"
        case cutsLargePayloads = "a mebibyte of noise"
        case trimsLineEnds = "every byte there is"
        case forgetsSignatures = "the signature"
        case namesTheWrongMessage = "the id of the message"
        case mixesUpTypes = "the type"
        case assumesXML = "the content type"
        case foldsNames = "the recipient"
        case takesAnything = "a type without a road is refused with route.missing"
        case givesRepeatsNewNames = "nobody sent"
        case keepsOnePerMessage = "keeps several deliveries of one message apart"
        case chatters = "at most 200 characters"
        case quotes = "an answer repeats the payload"
        case refusesWhenAway = "is to be tried later, and was"
        case blamesTheMessage = "does not say that the same may succeed later"
        case hangs = "has not ended after"
        case refusesWhenCalledOff = "called off was refused for good"
    }

    let id = DestinationID(unchecked: "push:qlvb-mau-2")
    private let fault: Fault?
    private enum Mood { case present, away, silent }
    private let state = Mutex((mood: Mood.present, arrivals: [DestinationConformance.Arrival]()))

    init(_ fault: Fault?) {
        self.fault = fault
    }

    var arrivals: [DestinationConformance.Arrival] { self.state.withLock(\.arrivals) }

    var subject: DestinationConformance.Subject {
        DestinationConformance.Subject(
            destination: self, types: [.edocDocument, .dossierSync],
            receiver: DestinationConformance.Receiver(
                leave: { self.feel(.away) }, comeBack: { self.feel(.present) }, fallSilent: { self.feel(.silent) },
                arrivals: { self.arrivals }
            ),
            // Only the one that hangs waits for it.
            patience: self.fault == .hangs ? .milliseconds(100) : .seconds(30)
        )
    }

    private func feel(_ mood: Mood) { self.state.withLock { $0.mood = mood } }

    func deliver(_ parcel: Parcel) async -> DeliveryOutcome {
        let isKnown = [.edocDocument, .dossierSync].contains(parcel.delivery.plan.type)
        guard isKnown || self.fault == .takesAnything else {
            return .refused(.routeMissing, answer: "no road for \(parcel.delivery.plan.type)")
        }
        let mood = self.state.withLock(\.mood)
        switch mood {
        case .present: break
        case .away:
            return self.fault == .refusesWhenAway
                ? .refused(.deliveryRefused, answer: "away")
                : .tryLater(self.fault == .blamesTheMessage ? .deliveryRefused : .deliveryUnavailable, answer: "", after: nil)
        case .silent:
            if self.fault == .hangs { await Self.forever() }
            return .tryLater(.deliveryTimeout, answer: "", after: nil)
        }
        if Task.isCancelled {
            return self.fault == .refusesWhenCalledOff
                ? .refused(.deliveryRefused, answer: "") : .tryLater(.deliveryUnavailable, answer: "", after: nil)
        }
        self.state.withLock { state in
            state.arrivals = self.adding(self.arrival(of: parcel, after: state.arrivals), to: state.arrivals)
        }
        let words = self.fault == .quotes ? String(decoding: (parcel.payload.inMemory ?? []).prefix(100), as: UTF8.self) : "có"
        return .delivered(answer: self.fault == .chatters ? String(repeating: "vâng ", count: 50) : words)
    }

    /// Waits for nothing and hears of no cancellation.
    private static func forever() async {
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    }

    private func adding(
        _ arrival: DestinationConformance.Arrival, to arrivals: [DestinationConformance.Arrival]
    ) -> [DestinationConformance.Arrival] {
        switch self.fault {
        case .losesEverything: []
        case .keepsOnePerMessage: arrivals.filter { $0.message != arrival.message } + [arrival]
        default: arrivals + [arrival]
        }
    }

    private func arrival(
        of parcel: Parcel, after arrivals: [DestinationConformance.Arrival]
    ) -> DestinationConformance.Arrival {
        let delivery = parcel.delivery
        let id = delivery.id.description
        func unless<Value>(_ fault: Fault, _ value: Value, _ other: @autoclosure () -> Value) -> Value {
            self.fault == fault ? other() : value
        }
        var payload = parcel.payload.inMemory ?? []
        switch self.fault {
        case .spoilsOneByte where !payload.isEmpty: payload[payload.count / 2] ^= 1
        case .cutsLargePayloads: payload = Array(payload.prefix(1 << 19))
        case .trimsLineEnds: payload.removeAll { $0 == 0x0D }
        default: break
        }
        return DestinationConformance.Arrival(
            message: unless(.namesTheWrongMessage, delivery.id.message.description, "1"),
            delivery: unless(.givesRepeatsNewNames, id, arrivals.contains { $0.delivery == id } ? id + "-again" : id),
            type: unless(.mixesUpTypes, delivery.plan.type.description, "edoc/document/2"),
            contentType: unless(.assumesXML, parcel.contentType, "application/xml"),
            signature: unless(.forgetsSignatures, parcel.signature, ""),
            recipient: unless(.foldsNames, delivery.plan.recipient, delivery.plan.recipient.lowercased()),
            payload: payload
        )
    }
}
