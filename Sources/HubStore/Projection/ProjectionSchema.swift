internal import GRDB

/// The tables of the projection; documented in `docs/journal-format.md`.
///
/// Whatever outsiders chose (identities, names, answers) is kept as bytes: SQLite would end a text at its first NUL,
/// and two identities that differ behind one would become the same.
enum ProjectionSchema {
    /// Stands in `PRAGMA user_version`.
    ///
    /// A database with another number is made anew from the segments.
    static let version = 3
    /// The same tables, without the rows of months that were dropped: sense can be made of them beside a base only.
    ///
    /// A program that does not know what a base is takes it for another version, and makes nothing of it.
    static let basedVersion = 103

    static func isKnown(_ version: Int) -> Bool { version == Self.version || version == Self.basedVersion }

    static func create(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE state (
                    id INTEGER PRIMARY KEY CHECK (id = 0),
                    number INTEGER NOT NULL, digest BLOB NOT NULL, next_sequence INTEGER NOT NULL,
                    segment INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL
                );
                CREATE TABLE blocks (
                    first_sequence INTEGER PRIMARY KEY,
                    segment INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL
                );
                CREATE TABLE messages (
                    sequence INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, record BLOB NOT NULL
                );
                CREATE TABLE courses (
                    matter BLOB NOT NULL, sequence INTEGER NOT NULL, is_opening INTEGER NOT NULL,
                    PRIMARY KEY (matter, sequence)
                ) WITHOUT ROWID;
                CREATE INDEX courses_openings ON courses (sequence) WHERE is_opening = 1;
                CREATE TABLE identities (identity BLOB PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
                CREATE TABLE destinations (
                    id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, pending INTEGER NOT NULL
                );
                CREATE TABLE deliveries (
                    position INTEGER PRIMARY KEY, destination INTEGER NOT NULL, state INTEGER NOT NULL,
                    attempts INTEGER NOT NULL, event BLOB, since INTEGER
                );
                CREATE INDEX deliveries_pending ON deliveries (destination) WHERE state = 0;
                CREATE INDEX deliveries_dead ON deliveries (state) WHERE state = 3;
                CREATE TABLE holds (name BLOB PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
                CREATE TABLE attempts (
                    position INTEGER NOT NULL, sequence INTEGER NOT NULL, record BLOB NOT NULL,
                    PRIMARY KEY (position, sequence)
                ) WITHOUT ROWID;
                CREATE TABLE refusals (sequence INTEGER PRIMARY KEY, record BLOB NOT NULL);
                CREATE TABLE lookups (sequence INTEGER PRIMARY KEY, record BLOB NOT NULL);
                CREATE TABLE operations (sequence INTEGER PRIMARY KEY, record BLOB NOT NULL);
                CREATE TABLE removals (sequence INTEGER PRIMARY KEY, record BLOB NOT NULL);
                CREATE TABLE spooled (sequence INTEGER PRIMARY KEY, digest BLOB NOT NULL);
                CREATE INDEX spooled_digest ON spooled (digest);
                CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
                PRAGMA user_version = \(Self.version);
                """
        )
    }
}
