import Entry
import HubModel
import Tar
import World

/// Archives of evidence: what is read can be written and read again.
///
/// The sums in the heads of files are put right first, as no input would get past them otherwise.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var archive = input(start, count)
    correctSums(&archive)
    guard let files = try? TarArchive.read(archive) else { return 0 }
    let again = try? TarArchive.read(TarArchive.write(files, time: World.now))
    require(again == files, "what was read can be written and read")
    require(Set(files.map(\.name)).count == files.count, "each file is there once")
    require(files.allSatisfy { !$0.name.split(separator: "/").contains("..") }, "no file leads out")
    return 0
}

@main
enum Target {
    static func main() { _ = lgsp_fuzz_main(CommandLine.argc, CommandLine.unsafeArgv) }
}

private func correctSums(_ archive: inout [UInt8]) {
    for head in stride(from: 0, to: archive.count - 511, by: 512)
    where archive[head + 257..<head + 262].elementsEqual("ustar".utf8) {
        archive.replaceSubrange(head + 148..<head + 156, with: repeatElement(0x20, count: 8))
        let sum = archive[head..<head + 512].reduce(0) { $0 + Int($1) }
        let text = String(sum, radix: 8)
        let digits = String(repeating: "0", count: 6 - text.count) + text + "\0 "
        archive.replaceSubrange(head + 148..<head + 156, with: digits.utf8)
    }
}
