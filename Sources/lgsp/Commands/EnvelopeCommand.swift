import ArgumentParser
import Foundation
import HubApp
import HubJSON

struct EnvelopeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "envelope",
        abstract: "Sign a file, check its signature, or have it explained. (Ký, kiểm tra và giải thích chữ ký.)",
        subcommands: [Sign.self, Verify.self, Inspect.self]
    )

    struct Sign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign an edXML document (xmldsig), or anything (jws, jws-json, cms).",
            discussion: "Example: lgsp envelope sign hoso.json --format cms --detached --key k.pem --cert c.pem --out hoso.p7s"
        )

        @Argument(help: "The file to be signed.")
        var file: String

        @Option(help: "xmldsig, jws, jws-json or cms.")
        var format = "xmldsig"

        @Flag(help: "Put the signature beside the file (jws, jws-json, cms).")
        var detached = false

        @Option(help: "The private key, PEM with mode 0600, or its URI in a token (pkcs11:token=…;object=…).")
        var key: String

        @OptionGroup var token: TokenOptions

        @Option(name: .customLong("cert"), help: "The certificate to be named in the signature, PEM.")
        var certificate: String?

        @Option(help: "Where the result goes; standard output when absent.")
        var out: String?

        func run() async throws {
            guard let format = EnvelopeDesk.Format(rawValue: self.format) else {
                throw ValidationError("The format is xmldsig, jws, jws-json or cms, not '\(self.format)'.")
            }
            let signed = try EnvelopeDesk().sign(
                file: self.file, format: format, isDetached: self.detached, key: self.key,
                certificate: self.certificate, tokens: try self.token.place
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

        @Option(
            help: "A key or certificate that may have signed, or a root below which signers' certificates are issued, PEM; can stand several times.")
        var trust: [String] = []

        @Flag(help: "Trust a root that is marked as a test.")
        var testAuthority = false

        @Option(help: "Write what was signed to this file, when it is inside and the signature is valid.")
        var out: String?

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let finding = try EnvelopeDesk().verify(
                file: self.file, content: self.content, trust: self.trust, allowsTestAuthority: self.testAuthority
            )
            if let out = self.out, let content = finding.content {
                try Data(content).write(to: URL(fileURLWithPath: out))
            }
            if self.json { Terminal.show(finding.json) } else { finding.lines.forEach { Terminal.say($0) } }
            if !finding.isValid { throw ExitCode(1) }
        }
    }

    struct Inspect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Explain an envelope: what it covers, by whom, with what, and which check fails first.",
            discussion: """
                Exit 0 when the signature holds for the key that it names, whoever that belongs to; 1 when it does not.

                Example: lgsp envelope inspect van-ban.edxml --trust trust/systems/qlvb-so-tttt-h44.pem
                """
        )

        @Argument(help: "The signed file, or the detached signature.")
        var file: String

        @Option(help: "What a detached signature is for.")
        var content: String?

        @Option(help: "A public key or certificate that is known, PEM; can stand several times.")
        var trust: [String] = []

        @Option(help: "Write exactly the bytes that the signature covers to this file.")
        var covered: String?

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let finding = try EnvelopeDesk().inspect(
                file: self.file, content: self.content, trust: self.trust, covered: self.covered
            )
            if self.json { Terminal.show(finding.json) } else { finding.lines.forEach { Terminal.say($0) } }
            if !finding.isValid { throw ExitCode(1) }
        }
    }
}
