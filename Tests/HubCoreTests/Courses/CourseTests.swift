import HubCore
import HubModel
import HubTesting
import Testing

@Suite("The course of a document")
struct CourseTests {
    private static let matter = "000.00.13.H44,2024/03/15,412/STTTT-VP"

    /// Sends statuses of the receiver as it would, through the intake of its own province.
    private struct Bench {
        let intake: IntakeBench
        var desk: CourseDesk { CourseDesk(journal: self.intake.journal) }

        init() throws {
            self.intake = try IntakeBench()
        }

        func status(_ code: String, at: String, from: String = "000.00.11.H44") async throws -> [Warning] {
            let text = EdocText.status(from: from, code: code, at: at)
            guard case .accepted(_, _, let warnings) = try await self.intake.intake.submit(
                try self.intake.xml(text, as: "qlvb-so-tc-h44", signer: "qlvb-so-tc-h44")
            ) else {
                Issue.record("A status was taken for a repeat.")
                return []
            }
            return warnings.filter { $0.code.hasPrefix("course.") || $0.code == "check.status_transition" }
        }
    }

    @Test("is followed for each receiver, and what comes in order is not remarked on")
    func order() async throws {
        let bench = try Bench()
        let to = ["000.00.11.H44", "000.00.11.H55"]
        _ = try await bench.intake.accepted(try bench.intake.xml(EdocText.document(to: to)))
        for (code, at) in [("01", "2024/03/15 09:20:00"), ("03", "2024/03/15 10:00:00"), ("04", "2024/03/15 11:00:00")] {
            #expect(try await bench.status(code, at: at).isEmpty)
        }
        let matter = try await bench.desk.matter(Self.matter)
        #expect(matter.messages.count == 1)
        #expect(matter.receivers.map(\.recipient) == to)
        #expect(matter.receivers.map { $0.course.status?.note.status } == ["04", nil])
        #expect(matter.receivers[0].course.entries.map(\.step.note.status) == ["01", "03", "04"])
        #expect(matter.others.isEmpty)
    }

    @Test("is put right when statuses come late or twice; each is told, recorded, and none dropped")
    func disorder() async throws {
        let bench = try Bench()
        _ = try await bench.intake.accepted(try bench.intake.xml(EdocText.document(to: ["000.00.11.H44"])))
        #expect(try await bench.status("03", at: "2024/03/15 10:00:00").map(\.code) == ["check.status_transition"])
        // Now that it is there, 03 follows on it.
        #expect(try await bench.status("01", at: "2024/03/15 09:20:00").map(\.code) == ["course.status_late"])
        #expect(try await bench.status("06", at: "2024/03/15 12:00:00").isEmpty)
        #expect(try await bench.status("04", at: "2024/03/15 13:00:00").map(\.code) == ["check.status_transition"])
        let course = try await bench.desk.matter(Self.matter).receivers[0].course
        #expect(course.entries.map(\.step.note.status) == ["01", "03", "06", "04"])
        #expect(course.entries.map(\.isLate) == [true, false, false, false])
        #expect(course.entries.map { !$0.step.warnings.isEmpty } == [true, true, false, true])
    }

    @Test("goes on with what an agency tells that is not among the receivers")
    func others() async throws {
        let bench = try Bench()
        _ = try await bench.intake.accepted(try bench.intake.xml(EdocText.document(to: ["000.00.11.H55"])))
        _ = try await bench.status("01", at: "2024/03/15 09:20:00")
        let matter = try await bench.desk.matter(Self.matter)
        #expect(matter.receivers.map { $0.course.entries.count } == [0])
        #expect(matter.others.map(\.agency) == ["H44.11"])
    }

    @Test("that nobody began is nobody's")
    func unknown() async throws {
        let bench = try Bench()
        let error = await #expect(throws: HubError.self) { try await bench.desk.matter("không có") }
        #expect(error?.code == .messageNotFound)
    }

    @Test("that a receiver is silent about is reported, until it tells something")
    func silence() async throws {
        let bench = try Bench()
        let to = ["000.00.11.H44", "000.00.11.H55"]
        let (message, _) = try await bench.intake.accepted(try bench.intake.xml(EdocText.document(to: to)))
        func silent(from: Duration, until: Duration) async throws -> [String] {
            try await bench.desk.silences(
                from: message.receivedAt.advanced(by: from), until: message.receivedAt.advanced(by: until), limit: 10
            ).silences.map(\.recipient)
        }
        #expect(try await silent(from: .seconds(-60), until: .seconds(60)) == to)
        #expect(try await silent(from: .seconds(-60), until: .seconds(-1)).isEmpty)
        #expect(try await silent(from: .seconds(1), until: .seconds(60)).isEmpty)
        _ = try await bench.status("02", at: "2024/03/15 09:20:00")
        #expect(try await silent(from: .seconds(-60), until: .seconds(60)) == ["000.00.11.H55"])
    }

    @Test("report of silence goes on where a page ended")
    func pages() async throws {
        let bench = try Bench()
        var at = Timestamp(seconds: 0)
        for number in 1...5 {
            let submission = try bench.intake.xml(EdocText.document(to: ["000.00.11.H44"], number: number))
            at = try await bench.intake.accepted(submission).message.receivedAt
        }
        var found: [String] = []
        var next: Int64?
        repeat {
            let report = try await bench.desk.silences(from: Timestamp(seconds: 0), until: at, before: next, limit: 2)
            found += report.silences.map(\.matter)
            next = report.next
        } while next != nil
        #expect(found == (1...5).reversed().map { "000.00.13.H44,2024/03/15,\($0)/STTTT-VP" })
    }
}
