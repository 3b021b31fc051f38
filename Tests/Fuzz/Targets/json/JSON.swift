import Entry
import HubJSON
import HubModel
import World

/// JSON text: read, written and read again it says the same, whichever way it is written.
///
/// Taken as a schema it is refused or can be run.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = input(start, count)
    let document: JSONDocument
    do throws(HubError) {
        document = try JSONDocument.parse(bytes)
    } catch {
        return 0
    }
    let value = document.value
    let text = value.serialised()
    require(read(text)?.serialised() == text, "what was written is read and written the same")
    for (sorted, pretty) in [(false, false), (false, true), (true, false), (true, true)] {
        let other = value.serialised(sortedKeys: sorted, pretty: pretty)
        let again = require(read(other), "what was written can be read")
        require(again == value && again.hashValue == value.hashValue, "what was written says the same")
    }
    guard let schema = try? JSONSchema.compile(value, assertsFormat: true) else { return 0 }
    for candidate in [value, "text", 12, [1, "2", nil], ["a": ["b": true]]] as [JSONValue] {
        require(
            schema.isValid(candidate) == schema.violations(in: candidate).isEmpty,
            "a value fits exactly when it violates nothing")
    }
    require(
        schema.violations(in: document).count == schema.violations(in: value).count,
        "a text has the violations of its value")
    return 0
}

@main
enum Target {
    static func main() { _ = lgsp_fuzz_main(CommandLine.argc, CommandLine.unsafeArgv) }
}

/// Text that was written here is never longer than the limits on what is read.
private func read(_ text: [UInt8]) -> JSONValue? { try? JSONDocument.parse(text).value }
