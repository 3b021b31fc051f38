import HubEnvelope
import HubModel
import HubXML

/// A large document with its attachment inside: how long it takes, and how often it is in memory.
///
/// Each step runs in a process of its own, because memory that was used once is not always given back. What is there
/// before the document is read is subtracted.
struct Large {
    private static let limit = 3.0
    private static let repeats = 7

    static func measure(_ options: Options, into report: inout Report) throws {
        let key = try SigningKey.generate(.p256)
        let document = try Samples(repository: options.repository).document(ofSize: options.large)
        let name = "\(options.folder)/large"
        try Files.write(document, "\(name).xml")
        try Files.write(try XMLSignature.sign(document, with: key), "\(name)-signed.xml")
        try Files.write(try key.pem, "\(name).pem")
        let size = Double(document.count)
        let sha256 = try Program.number(
            behind: "sha256", in: try Program.run(options.floor, ["sha256", "\(name).xml", "20"]))
        report.add(.large, "document", size, "bytes")
        report.add(.large, "SHA-256 of it in C", sha256 / 1000, "ms")
        report.add(.large, "SHA-256 of it in C", size / sha256, "MB a second")
        for (step, file) in [("sign", "\(name).xml"), ("verify", "\(name)-signed.xml")] {
            let output = try Program.run(
                Program.itself, ["--folder", options.folder, "--child", step, file])
            func figure(_ name: String) throws -> Double { try Program.number(behind: name, in: output) }
            let time = try figure("ms")
            report.add(.large, "\(step)", time, "ms")
            report.add(.large, "\(step)", size / time / 1000, "MB a second")
            report.add(.large, "\(step): of that SHA-256", sha256 / 1000 / time * 100, "per cent")
            report.add(
                .large, "\(step): memory for the document's bytes", try figure("bytes") / size,
                "times its size")
            if step == "verify" {
                report.add(.large, "\(step): and for its tree", try figure("tree") / size, "times its size")
            }
            report.add(
                .large, "\(step): most memory at any time", try figure("peak") / size, "times its size",
                .atMost(Self.limit))
        }
    }

    /// Does one step and prints what it took, in the process that was started for it.
    static func step(_ step: String, _ path: String, _ options: Options) throws {
        let key = try SigningKey(pem: Files.read("\(options.folder)/large.pem"))
        // The libraries are in memory and have their tables before anything is counted.
        let small = try XMLSignature.sign(
            Array("<edXML><edXMLEnvelope><edXMLHeader></edXMLHeader></edXMLEnvelope></edXML>".utf8), with: key
        )
        guard XMLSignature.verify(try XMLDocument.parse(small), with: [key.publicKey]).verdict == .valid
        else {
            throw Samples.Fault(reason: "the small document is not valid")
        }
        try Resident.forgetPeak()
        let before = Resident.now
        let bytes = try Files.read(path)
        print("bytes \(Resident.now - before)")
        switch step {
        case "sign":
            let length = try XMLSignature.sign(bytes, with: key).count
            print("peak \(Resident.peak - before)")
            let times = try (0..<Self.repeats).map { _ in
                try nanoseconds {
                    guard try XMLSignature.sign(bytes, with: key).count == length else {
                        throw Samples.Fault(reason: "the signed documents differ in length")
                    }
                }
            }
            print("ms \(median(times) / 1e6)")
        default:
            let document = try XMLDocument.parse(bytes)
            print("tree \(Resident.now - before - Double(bytes.count))")
            try Self.verify(document, key)
            print("peak \(Resident.peak - before)")
            let times = try (0..<Self.repeats).map { _ in
                try nanoseconds { try Self.verify(try XMLDocument.parse(bytes), key) }
            }
            print("ms \(median(times) / 1e6)")
        }
    }

    private static func verify(_ document: XMLDocument, _ key: SigningKey) throws {
        let report = XMLSignature.verify(document, with: [key.publicKey])
        guard report.verdict == .valid else {
            throw Samples.Fault(reason: "the large document was not accepted: \(report.reason.en)")
        }
    }
}
