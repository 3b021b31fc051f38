import Foundation
import GRDB
import HubSQLite
import Testing

@Suite("A statement that runs directly")
struct DirectStatementTests {
    private let queue: DatabaseQueue

    init() throws {
        self.queue = try DatabaseQueue()
        try self.queue.write { try $0.execute(sql: "CREATE TABLE t (n INTEGER PRIMARY KEY, b BLOB NOT NULL, m INTEGER)") }
    }

    @Test("writes numbers, bytes and nothing as they are")
    func values() throws {
        try self.queue.write { database in
            let insert = try DirectStatement(database, "INSERT INTO t (n, b, m) VALUES (?, ?, ?)")
            for (number, bytes) in [(Int64.min, [0, 1, 255]), (0, []), (.max, Array(repeating: 7, count: 10_000))] as [(Int64, [UInt8])] {
                insert.bind(1, number)
                insert.bind(2, bytes)
                insert.bind(3, bytes.isEmpty ? nil : Int64(bytes.count))
                try insert.execute()
            }
        }
        let rows = try self.queue.read { try Row.fetchAll($0, sql: "SELECT n, b, m, typeof(b) FROM t ORDER BY n") }
        #expect(rows.map { $0[0] as Int64 } == [.min, 0, .max])
        #expect(rows.map { Array($0[1] as Data) } == [[0, 1, 255], [], Array(repeating: 7, count: 10_000)])
        #expect(rows.map { $0[2] as Int64? } == [3, nil, 10_000])
        #expect(rows.map { $0[3] as String } == ["blob", "blob", "blob"])
    }

    @Test("gives the first row, and none where there is none, again and again")
    func rows() throws {
        try self.queue.write { database in
            try database.execute(sql: "INSERT INTO t VALUES (1, x'00', 5), (2, x'01', 6)")
            let select = try DirectStatement(database, "SELECT n, m FROM t WHERE n >= ? ORDER BY n")
            for (from, wanted) in [(1, [1, 5]), (2, [2, 6]), (3, nil), (0, [1, 5])] as [(Int64, [Int64]?)] {
                select.bind(1, from)
                #expect(try select.firstRow() == wanted)
            }
        }
    }

    @Test("throws what SQLite says, and can be run again")
    func errors() throws {
        try self.queue.write { database in
            let insert = try DirectStatement(database, "INSERT INTO t (n, b) VALUES (?, ?)")
            insert.bind(1, 1)
            insert.bind(2, [1])
            try insert.execute()
            let error = #expect(throws: DatabaseError.self) { try insert.execute() }
            #expect(error?.resultCode == .SQLITE_CONSTRAINT)
            #expect(error?.message?.contains("UNIQUE") == true)
            insert.bind(1, 2)
            try insert.execute()
            #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM t") == 2)
        }
    }
}
