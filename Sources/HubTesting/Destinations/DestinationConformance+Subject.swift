internal import HubCore
internal import HubModel

extension DestinationConformance.Subject {
    private typealias Failure = DestinationConformance.Failure

    /// A parcel of a type that the destination has a road for.
    func parcel(
        _ number: Int, ordinal: UInt16 = 0, recipient: String = "000.00.02.H00", payload: [UInt8]? = nil,
        contentType: String = "application/xml", signature: String = ParcelSamples.signature, correlation: String = ""
    ) -> Parcel {
        ParcelSamples.parcel(
            number, ordinal: ordinal, to: self.destination.id, type: self.types[number % self.types.count],
            recipient: recipient, payload: payload, contentType: contentType, signature: signature,
            correlation: correlation
        )
    }

    /// One attempt, which must end in time.
    ///
    /// - Parameter yields: How often other tasks get their turn before the attempt is cancelled; with 0 it is cancelled
    ///   before it begins, with `nil` never.
    func attempt(_ parcel: Parcel, cancelledAfter yields: Int? = nil) async throws -> DeliveryOutcome {
        let (ends, end) = AsyncStream.makeStream(of: DeliveryOutcome?.self)
        // No child tasks: those are waited for, and a destination that hangs would hang its test instead of failing it.
        let attempt = Task { [destination = self.destination] in
            // From outside it could only be cancelled some time, and a quick destination would never notice.
            if yields == 0 { withUnsafeCurrentTask { $0?.cancel() } }
            end.yield(await destination.deliver(parcel))
        }
        let alarm = Task { [patience = self.patience] in
            try await ContinuousClock().sleep(for: patience)
            end.yield(nil)
        }
        if let yields {
            for _ in 0..<yields { await Task.yield() }
            attempt.cancel()
        }
        defer {
            attempt.cancel()
            alarm.cancel()
        }
        for await outcome in ends {
            guard let outcome else { break }
            return outcome
        }
        throw Failure(description: "an attempt has not ended after \(self.patience)")
    }

    /// One attempt that must say that the receiver has the parcel.
    func deliver(_ parcel: Parcel) async throws {
        let outcome = try await self.attempt(parcel)
        guard case .delivered = outcome else { throw Failure(description: "a parcel was not delivered: \(outcome)") }
    }

    /// One attempt that must say that it is worth another one.
    func postpone(_ parcel: Parcel, cancelledAfter yields: Int? = nil) async throws {
        let outcome = try await self.attempt(parcel, cancelledAfter: yields)
        guard case .tryLater(let code, _, let after) = outcome else {
            throw Failure(description: "an attempt that cannot succeed now is to be tried later, and was: \(outcome)")
        }
        try DestinationConformance.expect(
            code.advice == .sameAgainLater, "\(code.rawValue) does not say that the same may succeed later"
        )
        try DestinationConformance.expect(after.map { $0 >= .zero } ?? true, "nobody can wait for \(String(describing: after))")
    }

    /// The receiver has these parcels as they were handed over, each at least once, and nothing else.
    func expectArrived(_ parcels: [Parcel]) async throws {
        var arrivals = Dictionary(grouping: try await self.receiver.arrivals(), by: \.delivery)
        for parcel in parcels {
            let name = parcel.delivery.id.description
            guard let found = arrivals.removeValue(forKey: name) else {
                throw Failure(description: "delivery \(name) has not arrived; \(arrivals.keys.sorted()) have")
            }
            for arrival in found { try self.expect(arrival, toBe: parcel) }
        }
        try DestinationConformance.expect(arrivals.isEmpty, "nobody sent \(arrivals.keys.sorted())")
    }

    private func expect(_ arrival: DestinationConformance.Arrival, toBe parcel: Parcel) throws {
        let delivery = parcel.delivery
        try DestinationConformance.expectEqual(arrival.message, delivery.id.message.description, "the id of the message")
        try DestinationConformance.expectEqual(arrival.type, delivery.plan.type.description, "the type")
        try DestinationConformance.expectEqual(arrival.contentType, parcel.contentType, "the content type")
        try DestinationConformance.expectEqual(arrival.signature, parcel.signature, "the signature")
        if let recipient = arrival.recipient {
            try DestinationConformance.expectEqual(recipient, delivery.plan.recipient, "the recipient")
        }
        let sent = parcel.payload.inMemory ?? []
        guard arrival.payload != sent else { return }
        // Not the bytes themselves: a payload may be large.
        let differs = zip(arrival.payload, sent).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        throw Failure(
            description: "the payload: wanted \(sent.count) bytes, found \(arrival.payload.count)"
                + (differs.map { ", of which the one at \($0) is another" } ?? "")
        )
    }
}

extension DeliveryOutcome {
    /// The words for operators.
    var words: String {
        switch self {
        case .delivered(let answer), .refused(_, let answer), .tryLater(_, let answer, _): answer
        }
    }
}
