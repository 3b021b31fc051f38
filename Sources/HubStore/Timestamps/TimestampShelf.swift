internal import HubCore
public import HubModel

/// The timestamps over blocks of a journal, each in a file named by the number of its block: `timestamps/N.tsr` with
/// sixteen digits, a token of RFC 3161 in DER.
///
/// They are beside the chain and not in it: a token is proof by itself, and one that is lost takes nothing with it.
public struct TimestampShelf: Sendable {
    private let folder: String
    private let disk: DiskCalls

    /// - Parameter journal: The folder of the journal.
    public init(journal: String) {
        self.folder = journal + "/timestamps"
        self.disk = .system
    }

    /// Keeps the token over a block; one that is there already stays.
    /// - Throws: `journal.unavailable`.
    public func keep(_ token: [UInt8], of block: Int64) throws(HubError) {
        try Folder.make(self.folder, with: self.disk)
        guard try !Folder.exists(self.path(block)) else { return }
        let name = Self.name(block)
        try Folder.write(token, as: name, partial: name + ".part", in: self.folder, with: self.disk)
    }

    /// The first token over this block or a later one, which covers both.
    /// - Throws: `journal.unavailable`.
    public func token(covering block: Int64) throws(HubError) -> (block: Int64, token: [UInt8])? {
        guard let number = try self.blocks().first(where: { $0 >= block }) else { return nil }
        return (number, try self.token(of: number))
    }

    /// The token over exactly this block, which must be there.
    func token(of block: Int64) throws(HubError) -> [UInt8] {
        let file = try OpenFile(self.path(block), .read)
        return try file.read(try file.size(), at: 0)
    }

    /// The number of the last block with a token.
    /// - Throws: `journal.unavailable`.
    public func last() throws(HubError) -> Int64? { try self.blocks().last }

    /// The numbers of the blocks that have one, ascending.
    func blocks() throws(HubError) -> [Int64] {
        guard try Folder.exists(self.folder) else { return [] }
        return try Folder.names(in: self.folder).compactMap { Self.block($0) }.sorted()
    }

    private func path(_ block: Int64) -> String { self.folder + "/" + Self.name(block) }

    /// `0000000000000007.tsr`, in the order of the blocks also when they are sorted by name.
    static func name(_ block: Int64) -> String { Self.digits(block) + ".tsr" }

    /// The number in the name of a token; `nil` for the name of anything else.
    static func block(_ name: String) -> Int64? {
        guard name.hasSuffix(".tsr"), let block = Int64(name.dropLast(4)), block >= 0, Self.name(block) == name else {
            return nil
        }
        return block
    }

    static func digits(_ block: Int64) -> String {
        let digits = String(block)
        return String(repeating: "0", count: max(0, 16 - digits.utf8.count)) + digits
    }
}
