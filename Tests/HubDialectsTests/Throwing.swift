import HubModel
import Testing

/// Runs `body` and expects an error of the hub with this code.
@discardableResult
func expectError(
    _ code: ErrorCode, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> HubError? {
    let error = #expect(throws: HubError.self, sourceLocation: sourceLocation) { try body() }
    #expect(error?.code == code, sourceLocation: sourceLocation)
    return error
}
