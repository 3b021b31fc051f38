private import COpenSSL
import HubModel

/// What the library left in its error queue after a call that failed.
///
/// The queue belongs to the thread, so it is emptied right after the call and before anything can move the
/// caller to another thread.
struct OpenSSLFailure: Error, CustomStringConvertible {
    /// The library's own texts, oldest first. They name functions and reasons, never data.
    let reasons: [String]

    var description: String { self.reasons.joined(separator: "; ") }

    /// Empties the queue into an error of ours.
    static func drain(as code: ErrorCode, _ summary: StaticString, details: [ErrorDetail] = []) -> HubError {
        HubError(code, summary, details: details, cause: Self.drained())
    }

    /// Empties the queue for a caller that has to look at the reasons.
    static func drained() -> OpenSSLFailure {
        var reasons: [String] = []
        while true {
            let number = ERR_get_error()
            if number == 0 { break }
            reasons.append(Self.text(of: number))
        }
        return OpenSSLFailure(reasons: reasons)
    }

    /// Empties the queue after a call whose failure is an answer and not an error.
    static func discard() {
        ERR_clear_error()
    }

    private static func text(of number: UInt) -> String {
        unsafe String(unsafeUninitializedCapacity: 256) { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
                unsafe ERR_error_string_n(number, characters.baseAddress, characters.count)
            }
            return unsafe buffer.firstIndex(of: 0) ?? 0
        }
    }
}
