import HubCore
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("A database that is closed while it is read")
struct ReadDoorTests {
    @Test("answers those who are in, and refuses the others with journal.closed")
    func closing() async throws {
        for _ in 0..<20 {
            let folder = TestFolder()
            let journal = try await Fixture.open(folder)
            try await Fixture.fill(journal, 0..<3)
            #expect(try await journal.totals().messages == 3)
            let projection = journal.projection
            let codes = await withTaskGroup(of: ErrorCode?.self) { group -> Set<ErrorCode?> in
                for _ in 0..<8 {
                    group.addTask {
                        do throws(HubError) {
                            while try projection.state() != nil { await Task.yield() }
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                await journal.close()
                return await group.reduce(into: []) { $0.insert($1) }
            }
            #expect(codes == [.journalClosed])
        }
    }
}
