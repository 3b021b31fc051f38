import HubCore
import HubDialects
import HubEnvelope
import HubJSON
import HubModel
import HubTesting
import Testing

@Suite("A call on the axis that is refused", .timeLimit(.minutes(5)))
struct AxisRefusalTests {
    /// Checks that an answer is a no in the form of the axis, with the problem inside.
    private func expectRefusal(
        _ answer: AxisCaller.Answer, _ axisCode: String, _ code: ErrorCode,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(!answer.reply.isOK, sourceLocation: location)
        #expect(answer.reply.errorCode == axisCode, "\(answer.http.text)", sourceLocation: location)
        #expect(answer.reply.errorDescription.hasSuffix(": \(code.rawValue)"), sourceLocation: location)
        #expect(answer.code == code.rawValue, sourceLocation: location)
        #expect(answer.reply.docID == nil, sourceLocation: location)
        #expect(answer.reply.data == nil, sourceLocation: location)
        #expect(answer.reply.problem?["code"]?.string == code.rawValue, sourceLocation: location)
        #expect(
            answer.reply.problem?["type"]?.string == "urn:lgsp:problem:\(code.rawValue)",
            sourceLocation: location)
        #expect(answer.reply.problem?["title_vi"]?.string == code.title.vi, sourceLocation: location)
    }

    /// Headers that are not as they should be.
    struct Spoiled: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var code = ErrorCode.accessUnauthenticated
        let make: @Sendable (AxisCaller) throws -> Caller.Headers

        init(
            _ name: String, _ code: ErrorCode = .accessUnauthenticated,
            make: @escaping @Sendable (AxisCaller) throws -> Caller.Headers
        ) {
            self.testDescription = name
            self.code = code
            self.make = make
        }
    }

    private static func dropping(_ name: String, _ headers: Caller.Headers) -> Caller.Headers {
        headers.filter { $0.name.lowercased() != name.lowercased() }
    }

    private static func replacing(_ name: String, _ value: String, _ headers: Caller.Headers)
        -> Caller.Headers
    {
        headers.map { $0.name.lowercased() == name.lowercased() ? ($0.name, value) : $0 }
    }

    static let spoiled: [Spoiled] = [
        Spoiled("has no header at all") { _ in [] },
        Spoiled("is signed with another secret") {
            try $0.headers(secret: Province.secret(of: HubBench.finance))
        },
        Spoiled("is signed with no secret") { try $0.headers(secret: []) },
        Spoiled("is signed with zeros for a system that nobody knows") { caller in
            try AxisCaller(caller.bench, "qlvb-h99").headers(secret: [UInt8](repeating: 0, count: 32))
        },
        Spoiled("is for a system whose name is none") { caller in
            try AxisCaller(caller.bench, "QLVB/../H44").headers(secret: [1])
        },
        Spoiled("has no code") { dropping("XroadVnpt-hash-header", try $0.headers()) },
        Spoiled("has a code that is none") { replacing("XroadVnpt-hash-header", "xyz", try $0.headers()) },
        Spoiled("has a code that is cut off") { caller in
            let headers = try caller.headers()
            let code = headers.first { $0.name == "XroadVnpt-hash-header" }?.value ?? ""
            return replacing("XroadVnpt-hash-header", String(code.dropLast(2)), headers)
        },
        Spoiled("has no signed text") { dropping("XroadVnpt-sign-header", try $0.headers()) },
        Spoiled("has no list of what is signed") { dropping("XroadVnpt-sign-header-key", try $0.headers()) },
        Spoiled("lists less than is signed") {
            replacing("XroadVnpt-sign-header-key", "systemid;timestamp", try $0.headers())
        },
        Spoiled("has a header that is not signed") { try $0.headers() + [("XroadVnpt-docId", "VB-1")] },
        Spoiled("lacks a header that is signed") { caller in
            dropping("XroadVnpt-docId", try caller.headers { $0.docID = "VB-1" })
        },
        Spoiled("has a header that was changed") { caller in
            replacing("XroadVnpt-docId", "VB-2", try caller.headers { $0.docID = "VB-1" })
        },
        Spoiled("says it is another system than it signed for") {
            replacing("XroadVnpt-systemid", HubBench.finance, try $0.headers())
        },
        Spoiled("has a stamp that is too old") { caller in
            try caller.headers { $0.timestamp = caller.bench.clock.now.advanced(by: .milliseconds(-300_001)) }
        },
        Spoiled("has a stamp from too far ahead") { caller in
            try caller.headers { $0.timestamp = caller.bench.clock.now.advanced(by: .milliseconds(300_001)) }
        },
        Spoiled("was good ten minutes ago") { caller in
            let headers = try caller.headers()
            caller.bench.clock.advance(by: .seconds(600))
            return headers
        },
        Spoiled("is of a system that does not speak the axis", .accessDenied) {
            try AxisCaller($0.bench, HubBench.oneStop).headers()
        },
        Spoiled("names the system twice", .apiHeaderRepeated) {
            let headers = try $0.headers()
            return headers + headers.filter { $0.name == "XroadVnpt-systemid" }
        },
        Spoiled("has two codes", .apiHeaderRepeated) {
            try $0.headers() + [("xroadvnpt-HASH-header", String(repeating: "0", count: 64))]
        },
        Spoiled("has two signed texts", .apiHeaderRepeated) {
            try $0.headers() + [("XroadVnpt-sign-header", "{}")]
        },
    ]

    @Test("is answered in the form of the axis, whatever was asked, and recorded once", arguments: spoiled)
    func headers(spoiled: Spoiled) async throws {
        let axisCode =
            switch spoiled.code {
            case .accessDenied: "19"
            case .apiHeaderRepeated: "22"
            default: "15"
            }
        for path in [
            AxisPath.sendEdoc, AxisPath.getReceivedEdocList, AxisPath.getEdoc, AxisPath.updateStatus,
        ] {
            try await HubBench.run { bench in
                let caller = AxisCaller(bench)
                let answer = try await caller.call(path, try spoiled.make(caller), Array("abc".utf8))
                self.expectRefusal(answer, axisCode, spoiled.code)
                #expect(await bench.refusals().map(\.code) == [spoiled.code])
            }
        }
    }

    @Test("is not one while its stamp is as far off as is allowed", arguments: [-300_000, -1, 0, 1, 300_000])
    func skew(milliseconds: Int) async throws {
        try await HubBench.run { bench in
            let caller = AxisCaller(bench)
            let stamp = bench.clock.now.advanced(by: .milliseconds(milliseconds))
            let answer = try await caller.call(
                AxisPath.getReceivedEdocList, try caller.headers { $0.timestamp = stamp }
            )
            #expect(answer.reply.isOK, "\(answer.http.text)")
        }
    }

    @Test("cannot be read when a signed value is none, and says which header it is")
    func unreadable() async throws {
        try await HubBench.run { bench in
            let caller = AxisCaller(bench)
            // Signed as it stands: the client believes in it.
            let text = try caller.headers().first { $0.name == "XroadVnpt-sign-header" }?.value ?? ""
            let stamp = try caller.headers().first { $0.name == "XroadVnpt-timestamp" }?.value ?? ""
            let wrong = text.replacing(stamp, with: "09102025T155320")
            let code = Hex.text(HMACSHA256.code(Array(wrong.utf8), key: Province.secret(of: caller.system)))
            var headers = Self.replacing("XroadVnpt-timestamp", "09102025T155320", try caller.headers())
            headers = Self.replacing("XroadVnpt-sign-header", wrong, headers)
            headers = Self.replacing("XroadVnpt-hash-header", code, headers)
            let answer = try await caller.call(AxisPath.getReceivedEdocList, headers)
            self.expectRefusal(answer, "22", .apiRequestMalformed)
            #expect(answer.reply.problem?["header"]?.string == "XroadVnpt-timestamp")
        }
    }
}
