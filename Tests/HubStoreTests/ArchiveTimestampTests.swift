import HubCore
import HubEnvelope
import HubModel
import HubTesting
import Testing

@testable import HubStore

@Suite("The timestamps in an archive")
struct ArchiveTimestampTests {
    /// An authority that stamps blocks at noon of the second of December 2025.
    private struct Authority {
        let root: CertificateAuthority
        let authority: TimestampAuthority

        init() throws {
            let start = Timestamp(seconds: 1_700_000_000)
            let validity = start...start.advanced(by: .seconds(20 * 365 * 86_400))
            self.root = try CertificateAuthority.root(
                "Gốc thử", key: try SigningKey.generate(.p256), validity: validity)
            let key = try SigningKey.generate(.p256)
            let certificate = try self.root.issue(
                .timestamping, to: CertificateName("TSA thử"), key: key.publicKey, validity: validity)
            let time = Timestamp(seconds: 1_764_676_800)
            self.authority = try TimestampAuthority(certificate: certificate, key: key) { time }
        }

        var trust: TrustStore {
            get throws {
                try TrustStore(
                    purpose: .timestamping, anchors: [self.root.certificate],
                    settings: TrustSettings(allowsTestAuthority: true))
            }
        }

        func stamp(_ blocks: [Int64], of folder: TestFolder) throws {
            let shelf = TimestampShelf(journal: folder.path)
            let files = SegmentFiles(folder: folder.path + "/segments")
            for number in try files.numbers() {
                var scan = try SegmentScan(number, in: files)
                while case .block(let block) = try scan.next() {
                    guard blocks.contains(block.header.number) else { continue }
                    let request = try TimestampRequest.make(digest: block.header.digest)
                    try shelf.keep(
                        try TimestampResponse.token(from: try self.authority.respond(to: request.der)),
                        of: block.header.number)
                }
            }
        }
    }

    @Test(
        "cover all of it, through the headers of later blocks if need be",
        arguments: [[5, 26], [22], [22, 26]])
    func covering(blocks: [Int]) async throws {
        let months = try await ThreeMonths()
        let authority = try Authority()
        try authority.stamp(blocks.map { Int64($0) }, of: months.folder)
        let out = TestFolder()
        let report = try ArchiveTests.write("2025-10", months.folder, to: out)
        let covering = blocks.contains(22) ? 22 : 26
        #expect(
            report.coveredBy == Int64(covering) && report.timestamps == blocks.filter { $0 <= covering }.count
        )
        let audit = try #require(
            try ArchiveTests.verify([report.path], timestamps: try authority.trust).first)
        #expect(audit.audit.faults == [] && audit.coveredBy == report.coveredBy)
        #expect(audit.covering?.contains("2025-12-02T12:00:00.000Z, CN=TSA thử") == true)
        let headers = try ArchiveTests.files(report.path).filter { $0.name.hasPrefix("archive/headers/") }
        #expect(headers.count == (covering == 22 ? 0 : 5))
    }

    @Test("are named when they are not of a trusted authority, or over something else")
    func refused() async throws {
        let months = try await ThreeMonths()
        let authority = try Authority()
        try authority.stamp([5, 26], of: months.folder)
        let out = TestFolder()
        let report = try ArchiveTests.write("2025-10", months.folder, to: out)
        let stranger = try #require(
            try ArchiveTests.verify([report.path], timestamps: try Authority().trust).first)
        #expect(
            stranger.audit.faults.map(\.segment) == [
                "timestamps/0000000000000005.tsr", "timestamps/0000000000000026.tsr",
            ])
        #expect(
            try ArchiveTests.verify([report.path]).first?.audit.faults == [],
            "without authorities they are left aside")
        try ArchiveTests.rewrite(report.path) { files in
            let places = try ["5", "26"].map { number in
                try #require(files.firstIndex { $0.name.hasSuffix("\(number).tsr") })
            }
            let (first, second) = (files[places[0]], files[places[1]])
            files[places[0]] = TarArchive.File(first.name, second.bytes)
            files[places[1]] = TarArchive.File(second.name, first.bytes)
        }
        let swapped = try #require(
            try ArchiveTests.verify([report.path], timestamps: try authority.trust).first)
        #expect(swapped.audit.faults.count == 2 && swapped.covering == nil)
    }

    @Test("are of no use when the headers do not lead to the stamped block", arguments: [true, false])
    func headers(isMissing: Bool) async throws {
        let months = try await ThreeMonths()
        let authority = try Authority()
        try authority.stamp([26], of: months.folder)
        let out = TestFolder()
        let report = try ArchiveTests.write("2025-10", months.folder, to: out)
        try ArchiveTests.rewrite(report.path) { files in
            let place = try #require(files.firstIndex { $0.name.hasSuffix("headers/0000000000000024") })
            let file = files.remove(at: place)
            var bytes = file.bytes
            bytes[60] ^= 1
            if !isMissing { files.insert(TarArchive.File(file.name, bytes), at: place) }
        }
        let audit = try #require(try ArchiveTests.verify([report.path]).first)
        #expect(audit.coveredBy == nil)
        #expect(
            audit.audit.faults.map(\.what) == ["they do not lead from the last block to the stamped block 26"]
        )
    }

    @Test("that do not reach the end are said not to")
    func uncovered() async throws {
        let months = try await ThreeMonths()
        let authority = try Authority()
        try authority.stamp([5], of: months.folder)
        let out = TestFolder()
        let report = try ArchiveTests.write("2025-10", months.folder, to: out)
        #expect(report.timestamps == 1 && report.coveredBy == nil)
        let audit = try #require(
            try ArchiveTests.verify([report.path], timestamps: try authority.trust).first)
        #expect(audit.audit.faults.map(\.what) == ["none covers the last block"])
    }
}
