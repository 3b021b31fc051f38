import ArgumentParser
import Foundation
import HubApp
import HubJSON

struct EnvelopeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "envelope", abstract: "Sign a file, or check its signature. (Ký và kiểm tra chữ ký.)",
        subcommands: [Sign.self, Verify.self]
    )

    struct Sign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign an edXML document (xmldsig) or anything else (jws, beside the file)."
        )

        @Argument(help: "The file to be signed.")
        var file: String

        @Option(help: "xmldsig or jws.")
        var format = "xmldsig"

        @Option(help: "The private key, PEM with mode 0600.")
        var key: String

        @Option(name: .customLong("cert"), help: "The certificate to be named in the signature, PEM.")
        var certificate: String?

        @Option(help: "Where the result goes; standard output when absent.")
        var out: String?

        func run() async throws {
            guard let format = EnvelopeDesk.Format(rawValue: self.format) else {
                throw ValidationError("The format is xmldsig or jws, not '\(self.format)'.")
            }
            let signed = try EnvelopeDesk().sign(
                file: self.file, format: format, key: self.key, certificate: self.certificate
            )
            guard let out = self.out else {
                FileHandle.standardOutput.write(Data(signed))
                return
            }
            try Data(signed).write(to: URL(fileURLWithPath: out))
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a signature. Exit 0 when it is valid, 1 when it is not."
        )

        @Argument(help: "The signed document, or the detached signature.")
        var file: String

        @Option(help: "What a detached signature is for.")
        var content: String?

        @Option(help: "A public key or certificate that may have signed, PEM; can stand several times.")
        var trust: [String] = []

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let finding = try EnvelopeDesk().verify(file: self.file, content: self.content, trust: self.trust)
            if self.json { Terminal.show(finding.json) } else { finding.lines.forEach { Terminal.say($0) } }
            if !finding.isValid { throw ExitCode(1) }
        }
    }
}
