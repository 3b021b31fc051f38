internal import HubCore
internal import HubModel

extension DestinationConformance {
    static let ending: [Check] = [
        Check("ends with an outcome when it is called off, and can be asked for the same again") { subject in
            var parcels: [Parcel] = []
            for (number, yields) in [0, 1, 3, 10, 100].enumerated() {
                let parcel = subject.parcel(number, payload: JournalSamples.payload(number, count: 1 << 18))
                switch try await subject.attempt(parcel, cancelledAfter: yields) {
                // The receiver may have it; whoever says so must be right.
                case .delivered: try await subject.expectArrived(parcels + [parcel])
                case .tryLater(let code, _, _):
                    try Self.expect(
                        code.advice == .sameAgainLater, "\(code.rawValue) does not say that the same may succeed later"
                    )
                case .refused(let code, _):
                    throw Failure(description: "a delivery that was called off was refused for good: \(code.rawValue)")
                }
                try await subject.deliver(parcel)
                parcels.append(parcel)
                try await subject.expectArrived(parcels)
            }
        }
    ]

    /// What holds when the receiver is away; needs `leave` and `comeBack` of the receiver.
    public static let absence: [Check] = [
        Check("is to be tried later while the receiver is away, and brings the same parcel when it is back") { subject in
            let before = subject.parcel(1)
            let parcel = subject.parcel(2, payload: JournalSamples.payload(2, count: 1 << 16))
            try await subject.deliver(before)
            try await subject.whileAway {
                for _ in 0..<2 { try await subject.postpone(parcel) }
            }
            try await subject.deliver(parcel)
            try await subject.expectArrived([before, parcel])
        },
        Check("is not stopped by many attempts at once while the receiver is away") { subject in
            let parcels = (0..<16).map { subject.parcel($0) }
            try await subject.whileAway {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for parcel in parcels { group.addTask { try await subject.postpone(parcel) } }
                    try await group.waitForAll()
                }
            }
            for parcel in parcels { try await subject.deliver(parcel) }
            try await subject.expectArrived(parcels)
        },
        Check("refuses a type that it has no road for, whether the receiver is there or not") { subject in
            let stranger = ParcelSamples.parcel(1, to: subject.destination.id, type: ParcelSamples.unknownType)
            try await subject.whileAway {
                guard case .refused(.routeMissing, _) = try await subject.attempt(stranger) else {
                    throw Failure(description: "a type without a road must not wait for the receiver")
                }
            }
        },
        Check("says in few words that the receiver is away, and with nothing of the payload") { subject in
            let parcel = subject.parcel(1, payload: Array(Self.secret.utf8))
            try await subject.whileAway { try Self.expectDiscreet(try await subject.attempt(parcel)) }
        },
    ]

    /// What holds when the receiver takes messages and never answers; needs `fallSilent` of the receiver.
    public static let silence: [Check] = [
        Check("gives up on a receiver that never answers") { subject in
            guard let fallSilent = subject.receiver.fallSilent else { throw Self.noHold }
            try await fallSilent()
            try await subject.postpone(subject.parcel(1))
        },
        Check("ends when it is called off while the receiver is silent") { subject in
            guard let fallSilent = subject.receiver.fallSilent else { throw Self.noHold }
            try await fallSilent()
            try await subject.postpone(subject.parcel(1), cancelledAfter: 100)
        },
    ]

    static let noHold = Failure(description: "The subject's receiver lacks the closure that this check needs.")
}

extension DestinationConformance.Subject {
    /// Makes the receiver unavailable for as long as `body` takes.
    func whileAway(_ body: () async throws -> Void) async throws {
        guard let leave = self.receiver.leave, let comeBack = self.receiver.comeBack else {
            throw DestinationConformance.noHold
        }
        try await leave()
        do {
            try await body()
        } catch {
            try await comeBack()
            throw error
        }
        try await comeBack()
    }
}
