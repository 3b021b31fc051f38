internal import HubCore
internal import HubModel

extension DestinationConformance {
    static let handover: [Check] = [
        Check("hands over what it says it delivered: every byte, both ids, type, content type and signature") { subject in
            let parcel = subject.parcel(1)
            try await subject.deliver(parcel)
            try await subject.expectArrived([parcel])
        },
        Check("hands over no signature where there is none") { subject in
            let parcel = subject.parcel(1, signature: "")
            try await subject.deliver(parcel)
            try await subject.expectArrived([parcel])
        },
        Check("hands over a signature that is longer than a line of most protocols") { subject in
            let parcel = subject.parcel(1, signature: ParcelSamples.signature + String(repeating: "Ab3_-", count: 1000))
            try await subject.deliver(parcel)
            try await subject.expectArrived([parcel])
        },
        Check("changes no payload, however large or strange") { subject in
            var parcels: [Parcel] = []
            for (number, payload) in ParcelSamples.payloads.enumerated() {
                let parcel = subject.parcel(number, payload: payload.bytes)
                do {
                    try await subject.deliver(parcel)
                    parcels.append(parcel)
                    try await subject.expectArrived(parcels)
                } catch let failure as Failure {
                    throw Failure(description: "\(payload.name): \(failure)")
                }
            }
        },
        Check("hands over every content type that the hub delivers") { subject in
            let types = ["application/xml; charset=utf-8", "application/json", "application/pkcs7-mime", "text/plain"]
            let parcels = types.enumerated().map { subject.parcel($0.offset, contentType: $0.element) }
            for parcel in parcels { try await subject.deliver(parcel) }
            try await subject.expectArrived(parcels)
        },
        Check("takes recipients as messages name them: in Vietnamese, long, or with what protocols have a use for") { subject in
            let names = [
                "UBND phường Mẫu, tỉnh Phú Thọ", "Sở Khoa học và Công nghệ \"Mẫu\" <so@example.gov.vn>", "../../etc/mau", "",
                "một hai\r\nba: bốn\n\nnăm", String(repeating: "Trung tâm Phục vụ hành chính công ", count: 20),
            ]
            let parcels = names.enumerated().map {
                subject.parcel($0.offset, recipient: $0.element, correlation: "luồng \($0.offset)")
            }
            for parcel in parcels { try await subject.deliver(parcel) }
            try await subject.expectArrived(parcels)
        },
        Check("brings every type that it has a road for") { subject in
            let parcels = subject.types.indices.map { subject.parcel($0) }
            for parcel in parcels { try await subject.deliver(parcel) }
            try await subject.expectArrived(parcels)
        },
        Check("refuses a type that it has no road for, with route.missing, and hands nothing over") { subject in
            let stranger = ParcelSamples.parcel(1, to: subject.destination.id, type: ParcelSamples.unknownType)
            let outcome = try await subject.attempt(stranger)
            guard case .refused(.routeMissing, _) = outcome else {
                throw Failure(description: "a type without a road is refused with route.missing, and was: \(outcome)")
            }
            try await subject.expectArrived([])
            let parcel = subject.parcel(2)
            try await subject.deliver(parcel)
            try await subject.expectArrived([parcel])
        },
        Check("brings many at once, all of them intact") { subject in
            let parcels = (0..<32).map { number in
                subject.parcel(number, payload: JournalSamples.payload(number, count: 1 + number * 997))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for parcel in parcels { group.addTask { try await subject.deliver(parcel) } }
                try await group.waitForAll()
            }
            try await subject.expectArrived(parcels)
        },
        Check("answers in few words, and with nothing of the payload") { subject in
            let known = subject.parcel(1, payload: Array(Self.secret.utf8))
            let unknown = ParcelSamples.parcel(
                2, to: subject.destination.id, type: ParcelSamples.unknownType, payload: Array(Self.secret.utf8)
            )
            for parcel in [known, unknown] { try Self.expectDiscreet(try await subject.attempt(parcel)) }
        },
    ]

    static let repetition: [Check] = [
        Check("brings the same delivery again under the same ids, and spoils nothing") { subject in
            let parcels = (0..<3).map { subject.parcel($0) }
            for parcel in parcels + parcels.reversed() + parcels { try await subject.deliver(parcel) }
            try await subject.expectArrived(parcels)
        },
        Check("keeps several deliveries of one message apart") { subject in
            let parcels = (0..<3).map { number in
                subject.parcel(
                    7, ordinal: UInt16(number), recipient: "000.00.0\(number).H00", payload: Array("bản \(number)".utf8)
                )
            }
            for parcel in parcels { try await subject.deliver(parcel) }
            try await subject.expectArrived(parcels)
        },
    ]

    static let secret = "<mat>CCCD-001099000001-bi-mat</mat>"

    /// Answers are kept in the journal for ever and shown to operators.
    static func expectDiscreet(_ outcome: DeliveryOutcome) throws {
        let words = outcome.words
        try Self.expect(words.count <= 200, "an answer has at most 200 characters, and this has \(words.count)")
        try Self.expect(!words.contains("bi-mat"), "an answer repeats the payload")
    }
}
