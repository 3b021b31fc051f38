import HubCore
import HubModel
import HubTesting
import Testing

@Suite("A document that deviates")
struct TolerantIntakeTests {
    /// The document system of the department, read by this profile.
    private static func sender(_ bench: IntakeBench, _ profile: ReadingProfile) throws -> Adapter {
        let adapter = try bench.landscape.adapter("qlvb-so-tttt-h44")
        return Adapter(
            system: adapter.system, title: adapter.title, kind: adapter.kind, agencies: adapter.agencies, speaks: adapter.speaks,
            sends: adapter.sends.map { rule in
                SendRule(
                    message: rule.message, signature: .none, identity: rule.identity, orderBy: rule.orderBy, profile: profile, receivers: .all
                )
            }
        )
    }

    /// Old names, a date as it is spoken, and no prefix.
    private static func deviating() -> [UInt8] {
        let text = String(decoding: EdocText.document(), as: UTF8.self)
            .replacing("<edXML:PromulgationDate>2024/03/15<", with: "<edXML:PromulgationDate>15/03/2024<")
            .replacing("Bussiness", with: "Business")
            .replacing("<edXML:", with: "<").replacing("</edXML:", with: "</")
        return Array(text.utf8)
    }

    private static func submission(_ bench: IntakeBench, _ profile: ReadingProfile, _ body: [UInt8]) throws -> Submission {
        Submission(sender: try Self.sender(bench, profile), body: body, contentType: "application/xml", type: "edoc/document/1")
    }

    @Test("is refused by the strict profile, with the places")
    func strict() async throws {
        let bench = try IntakeBench()
        let error = await #expect(throws: HubError.self) {
            try await bench.intake.submit(Self.submission(bench, .strict, Self.deviating()))
        }
        #expect(error?.code == .schemaPayloadInvalid && error?.violations.isEmpty == false)
    }

    @Test("is read by the tolerant one, which says what it mended; receivers get the bytes as they came")
    func tolerant() async throws {
        let bench = try IntakeBench()
        let body = Array(
            String(decoding: Self.deviating(), as: UTF8.self).replacing("000.00.11.H55", with: "000.00.11.H44").utf8)
        let submission = try Self.submission(bench, .tolerant, body)
        guard case .accepted(let id, _, let warnings) = try await bench.intake.submit(submission) else {
            Issue.record("It was taken for a repeat.")
            return
        }
        let codes = Set(warnings.map(\.code))
        #expect(codes.isSuperset(of: ["repair.date", "repair.name"]), "\(codes)")
        let message = try #require(await bench.journal.message(id)?.message)
        // Routed, named and ordered by what was read; stored and delivered as it came.
        #expect(message.orderKey == "000.00.13.H44,2024/03/15,412/STTTT-VP")
        #expect(Set(message.warnings).isSuperset(of: codes))
        let mailbox = try #require(SystemID("qlvb-so-tc-h44").flatMap { bench.outbox.mailbox(of: $0) })
        #expect(try await mailbox.fetch(limit: 5, wait: .zero).map(\.payload.inMemory) == [body])
    }

    @Test("that nobody can mend is refused by the tolerant profile too")
    func hopeless() async throws {
        let bench = try IntakeBench()
        let text = String(decoding: EdocText.document(), as: UTF8.self)
        let body = Array(text.replacing("2024/03/15</edXML:PromulgationDate>", with: "hôm qua</edXML:PromulgationDate>").utf8)
        let error = await #expect(throws: HubError.self) {
            try await bench.intake.submit(Self.submission(bench, .tolerant, body))
        }
        #expect(error?.code == .schemaPayloadInvalid)
    }

    @Test("in how its letters are put together has the same identity")
    func composed() async throws {
        let bench = try IntakeBench()
        let plain = String(decoding: EdocText.document(), as: UTF8.self)
        let (whole, apart) = ("412/STTTT-VỊ", "412/STTTT-VI\u{323}")
        func submission(_ number: String) throws -> Submission {
            try Self.submission(bench, .strict, Array(plain.replacing("412/STTTT-VP", with: number).utf8))
        }
        guard case .accepted = try await bench.intake.submit(submission(whole)) else {
            Issue.record("The first one was not taken.")
            return
        }
        // Other bytes under one identity: a conflict, and not a second document.
        let error = await #expect(throws: HubError.self) { try await bench.intake.submit(submission(apart)) }
        #expect(error?.code == .intakeIdentityConflict)
    }
}
