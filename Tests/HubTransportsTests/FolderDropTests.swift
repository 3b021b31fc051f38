import Foundation
import HubCore
import HubModel
import HubTesting
import HubTransports
import Testing

/// What a system that takes files finds in its folder, and never finds there.
@Suite(.timeLimit(.minutes(1))) struct FolderDropTests {
    private let folder: TemporaryFolder
    private let destination: any Destination

    init() throws {
        self.folder = try TemporaryFolder()
        self.destination = try Self.destination(self.folder.path, "/đến")
    }

    private static func destination(_ address: String, _ path: String) throws -> any Destination {
        let system = try #require(SystemID("qlvb-mau-2"))
        let road = TransportRoad(type: .edocDocument, address: address, path: path)
        return try FolderTransport().destination(for: system, roads: [road])
    }

    private var inbox: String { self.folder.path + "/đến" }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.inbox).sorted()
    }

    private func parcel(_ number: Int = 1, _ payload: [UInt8]? = nil, contentType: String = "application/xml") -> Parcel {
        ParcelSamples.parcel(number, to: self.destination.id, payload: payload, contentType: contentType)
    }

    @Test func `a delivery is a payload and a note, and a folder that is missing is made`() async throws {
        #expect(!FileManager.default.fileExists(atPath: self.inbox))
        let parcel = self.parcel()
        let id = parcel.delivery.id
        #expect(await self.destination.deliver(parcel) == .delivered(answer: "\(id).xml"))
        #expect(try self.files() == ["\(id).json", "\(id).xml"])
        #expect(FileManager.default.contents(atPath: self.inbox + "/\(id).xml") == Data(try parcel.payload.whole()))
    }

    @Test(
        arguments: [
            ("application/xml; charset=utf-8", ".xml"), ("application/json", ".payload.json"),
            ("application/pkcs7-mime; smime-type=enveloped-data", ".p7m"), ("text/plain", ".bin"), ("", ".bin"),
            ("../../../tmp/x", ".bin"),
        ]
    )
    func `the ending of a file says what is in it`(contentType: String, ending: String) async throws {
        let parcel = self.parcel(contentType: contentType)
        #expect(await self.destination.deliver(parcel) == .delivered(answer: "\(parcel.delivery.id)\(ending)"))
        let arrivals = try FolderReader.arrivals(in: self.inbox)
        #expect(arrivals.map(\.payload) == [try parcel.payload.whole()] && arrivals.map(\.contentType) == [contentType])
    }

    @Test func `a repeat writes the same names again`() async throws {
        let parcel = self.parcel()
        for _ in 1...3 { _ = await self.destination.deliver(parcel) }
        #expect(try self.files().count == 2)
        #expect(try FolderReader.arrivals(in: self.inbox).map(\.payload) == [try parcel.payload.whole()])
    }

    @Test func `what a crash left half written is overwritten, however long it was`() async throws {
        let parcel = self.parcel()
        let id = parcel.delivery.id
        try FileManager.default.createDirectory(atPath: self.inbox, withIntermediateDirectories: true)
        for name in ["\(id).xml.part", "\(id).json.part"] {
            try Data(repeating: 0x78, count: 100_000).write(to: URL(filePath: self.inbox + "/" + name))
        }
        #expect(await self.destination.deliver(parcel) == .delivered(answer: "\(id).xml"))
        #expect(try self.files() == ["\(id).json", "\(id).xml"])
        #expect(try FolderReader.arrivals(in: self.inbox).map(\.payload) == [try parcel.payload.whole()])
    }

    @Test func `a payload without its note, left by a crash, gets one when the delivery is repeated`() async throws {
        let parcel = self.parcel()
        _ = await self.destination.deliver(parcel)
        try FileManager.default.removeItem(atPath: self.inbox + "/\(parcel.delivery.id).json")
        #expect(try FolderReader.arrivals(in: self.inbox).isEmpty, "without its note a payload is not there yet")
        _ = await self.destination.deliver(parcel)
        #expect(try FolderReader.arrivals(in: self.inbox).map(\.payload) == [try parcel.payload.whole()])
    }

    @Test func `a reader never sees half a file, nor a note before its payload`() async throws {
        let parcels = (0..<24).map { self.parcel($0, JournalSamples.payload($0, count: 400_000 + $0)) }
        let wanted = Dictionary(uniqueKeysWithValues: parcels.map { ($0.delivery.id.description, $0.payload.inMemory) })
        let inbox = self.inbox
        let looks = try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask {
                // Twice over: what is written again is there whole all the time, too.
                for parcel in parcels + parcels { _ = await self.destination.deliver(parcel) }
                return nil
            }
            group.addTask {
                var looks = 0
                var seen = 0
                while seen < parcels.count || looks < 3 {
                    try Task.checkCancellation()
                    let arrivals = try FolderReader.arrivals(in: inbox)
                    for arrival in arrivals { #expect(wanted[arrival.delivery] == arrival.payload) }
                    seen = arrivals.count
                    looks += 1
                    await Task.yield()
                }
                return looks
            }
            var looks = 0
            for try await value in group { looks += value ?? 0 }
            return looks
        }
        #expect(looks >= 3)
    }

    @Test(arguments: ["/../x", "/a/../../x", "/..", "/a/.."])
    func `a path that climbs is refused`(path: String) throws {
        let error = try #require(throws: HubError.self) { try Self.destination(self.folder.path, path) }
        #expect(error.code == .configurationInvalid && error.detail("system") == "qlvb-mau-2")
    }

    @Test(arguments: ["inbox", "", "http://127.0.0.1:9100", "./inbox"])
    func `an address that is no absolute path is refused`(address: String) throws {
        let error = try #require(throws: HubError.self) { try Self.destination(address, "/a") }
        #expect(error.code == .configurationInvalid && error.detail("address") == address)
    }

    @Test(arguments: ["..a", "/a..b/c", "/..."])
    func `dots that do not climb are let through`(name: String) throws {
        let path = name.hasPrefix("/") ? name : "/" + name
        #expect(throws: Never.self) { try Self.destination(self.folder.path, path) }
    }

    @Test func `a folder that cannot be made is tried again, with the reason`() async throws {
        try Data("tệp".utf8).write(to: URL(filePath: self.inbox))
        guard case .tryLater(.deliveryUnavailable, let answer, nil) = await self.destination.deliver(self.parcel())
        else { Issue.record("it must be worth another attempt"); return }
        #expect(answer.hasPrefix("the folder cannot be written: ") && answer.count > 31)
    }
}
