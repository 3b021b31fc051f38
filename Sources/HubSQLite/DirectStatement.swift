package import GRDB
private import GRDBSQLite

/// A prepared statement whose values go to SQLite as they are.
///
/// GRDB makes a value of its own of every argument, and a list of them, for every run; where a statement runs for each
/// record of a journal that costs more than SQLite does. What is bound stays bound until it is bound anew.
///
/// It belongs to the access in which it was made: it must not be used outside the closure that was given its database.
package struct DirectStatement {
    private let statement: Statement

    /// Prepares it, or takes it from the cache of the connection.
    /// - Throws: `DatabaseError`.
    package init(_ database: Database, _ sql: String) throws {
        self.statement = try database.cachedStatement(sql: sql)
        unsafe sqlite3_reset(self.statement.sqliteStatement)
    }

    /// Binds a number.
    /// - Parameter index: Counted from 1.
    package func bind(_ index: Int32, _ value: Int64?) {
        if let value {
            unsafe sqlite3_bind_int64(self.statement.sqliteStatement, index, value)
        } else {
            unsafe sqlite3_bind_null(self.statement.sqliteStatement, index)
        }
    }

    /// Binds a blob, of which SQLite keeps a copy.
    /// - Parameter index: Counted from 1.
    package func bind(_ index: Int32, _ bytes: [UInt8]) {
        // The copy is what makes it safe to let go of the bytes before the statement is run.
        let copies = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        unsafe bytes.withUnsafeBytes { bytes in
            // An empty array may have no address, which SQLite would take for NULL.
            if let start = bytes.baseAddress, unsafe !bytes.isEmpty {
                _ = unsafe sqlite3_bind_blob64(
                    self.statement.sqliteStatement, index, start, UInt64(bytes.count), copies)
            } else {
                _ = unsafe sqlite3_bind_zeroblob(self.statement.sqliteStatement, index, 0)
            }
        }
    }

    /// Runs it to its end.
    /// - Throws: `DatabaseError`.
    package func execute() throws {
        while try self.step() {}
        unsafe sqlite3_reset(self.statement.sqliteStatement)
    }

    /// Runs it as far as its first row, and gives the numbers in it; `nil` when there is no row.
    /// - Throws: `DatabaseError`.
    package func firstRow() throws -> [Int64]? {
        let isFound = try self.step()
        defer { unsafe sqlite3_reset(self.statement.sqliteStatement) }
        guard isFound else { return nil }
        let columns = unsafe sqlite3_column_count(self.statement.sqliteStatement)
        return (0..<columns).map {
            unsafe sqlite3_column_int64(self.statement.sqliteStatement, $0)
        }
    }

    /// - Returns: Whether there is a row.
    private func step() throws -> Bool {
        let code = unsafe sqlite3_step(self.statement.sqliteStatement)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let message = unsafe sqlite3_errmsg(sqlite3_db_handle(self.statement.sqliteStatement)).map {
                unsafe String(cString: $0)
            }
            unsafe sqlite3_reset(self.statement.sqliteStatement)
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
    }
}
