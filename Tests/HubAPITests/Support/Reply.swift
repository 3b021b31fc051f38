import HubJSON
import HubModel
import Testing

/// An answer as it came over the wire.
struct Reply: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    /// Every value of a header.
    func values(_ name: String) -> [String] {
        self.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// The value of a header that stands once.
    func header(_ name: String) -> String? {
        let values = self.values(name)
        return values.count == 1 ? values[0] : nil
    }

    var json: JSONValue {
        get throws { try JSONDocument.parse(self.body).value }
    }

    var text: String { String(decoding: self.body, as: UTF8.self) }

    /// Checks that this is a refusal in the one form that docs/api.md knows, and gives its problem.
    @discardableResult
    func expectProblem(
        _ status: Int, _ code: ErrorCode, _ location: SourceLocation = #_sourceLocation
    ) throws -> JSONValue {
        #expect(self.status == status, "\(self.text)", sourceLocation: location)
        #expect(self.header("Lgsp-Error") == code.rawValue, sourceLocation: location)
        #expect(self.header("Content-Type") == "application/problem+json", sourceLocation: location)
        #expect(self.header("Content-Length") == String(self.body.count), sourceLocation: location)
        let problem = try self.json
        #expect(problem["type"]?.string == "urn:lgsp:problem:\(code.rawValue)", sourceLocation: location)
        #expect(problem["code"]?.string == code.rawValue, sourceLocation: location)
        #expect(problem["status"]?.int == status, sourceLocation: location)
        #expect(problem["title"]?.string == code.title.en, sourceLocation: location)
        #expect(problem["title_vi"]?.string == code.title.vi, sourceLocation: location)
        #expect(problem["advice"]?.string == code.advice.rawValue, sourceLocation: location)
        #expect(problem["detail"]?.string?.hasSuffix(".") == true, sourceLocation: location)
        #expect((self.header("Retry-After") != nil) == (status == 503 || status == 429), sourceLocation: location)
        #expect((self.header("WWW-Authenticate") != nil) == (status == 401), sourceLocation: location)
        return problem
    }
}
