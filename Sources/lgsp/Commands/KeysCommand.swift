import ArgumentParser
import Foundation
import HubApp
import HubJSON
import HubModel

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make keys, ask for certificates, and say whose keys a hub knows. (Quản lý khóa.)",
        discussion: "docs/trust.md says what is checked of a certificate, and when.",
        subcommands: [New.self, List.self, Request.self, Import.self, Retire.self, TestAuthority.self]
    )

    struct NameOptions: ParsableArguments {
        @Option(help: "The common name, such as that of the system.")
        var name = "lgsp"

        @Option(help: "The organisation.")
        var organisation: String?

        @Option(help: "The unit in it.")
        var unit: String?

        var value: KeysDesk.Name { KeysDesk.Name(self.name, organisation: self.organisation, unit: self.unit) }
    }

    struct New: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a private key (mode 0600) and its public key; a file that exists is never replaced.",
            discussion: "Example: lgsp keys new --out moi.key.pem --cert moi.pem --name qlvb-so-tttt-h44"
        )

        @Option(help: "\(KeysDesk.kinds.joined(separator: ", ")).")
        var kind = "p256"

        @Option(help: "Where the private key goes.")
        var out: String

        @Option(name: .customLong("cert"), help: "Where a certificate goes that the key issues to itself.")
        var certificate: String?

        @Option(help: "How many days that is valid.")
        var days = 730

        @OptionGroup var name: NameOptions

        func run() async throws {
            let fingerprint = try KeysDesk().make(
                self.kind, at: self.out, certificate: self.certificate, name: self.name.value, days: self.days
            )
            Terminal.say("Đã tạo / Made: \(self.out)\n  vân tay / fingerprint: \(fingerprint)")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys that a hub has and knows, with owner, kind and end of validity."
        )

        @OptionGroup var configuration: ConfigurationOption

        @Flag(help: "Print a JSON array.")
        var json = false

        func run() async throws {
            let entries = try KeysDesk().list(try self.configuration.load())
            if self.json { return Terminal.show(.array(entries.map(\.json))) }
            for entry in entries {
                let until = entry.notAfter.map { "đến / until \($0)" } ?? ""
                Terminal.say(
                    "\(entry.role)  \(entry.owner)  \(entry.kind)  \(entry.fingerprint)  \(until)\n    \(entry.file)")
            }
        }
    }

    struct Request: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "csr", abstract: "Write a request for a certificate (PKCS#10), to be taken to an authority."
        )

        @Option(help: "The private key.")
        var key: String

        @OptionGroup var name: NameOptions

        @Option(help: "Where the request goes; standard output when absent.")
        var out: String?

        func run() async throws {
            let pem = try KeysDesk().request(key: self.key, name: self.name.value)
            guard let out = self.out else { return FileHandle.standardOutput.write(Data(pem)) }
            try Data(pem).write(to: URL(fileURLWithPath: out))
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register the key of a system or an agency. The hub knows it after its next start.",
            discussion: "Example: lgsp keys import moi.pem --for qlvb-so-tttt-h44 --config hub-h44/hub.yaml"
        )

        @Argument(help: "A certificate or public key, PEM.")
        var file: String

        @Option(name: .customLong("for"), help: "The name of the system, or the code of the agency.")
        var owner: String

        @OptionGroup var configuration: ConfigurationOption

        func run() async throws {
            let path = try KeysDesk().register(
                self.file, for: self.owner, try self.configuration.load(), at: KeysDesk.now)
            Terminal.say("Đã đăng ký / Registered: \(path)")
        }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a registered key out of use; evidence of the past still finds it."
        )

        @Argument(help: "The fingerprint, or at least its first eight digits.")
        var fingerprint: String

        @OptionGroup var configuration: ConfigurationOption

        func run() async throws {
            let (from, to) = try KeysDesk().retire(self.fingerprint, try self.configuration.load())
            Terminal.say("Đã thôi dùng / Retired: \(from)\n  → \(to)")
        }
    }

    struct TestAuthority: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test-ca",
            abstract: "An authority for demos and tests. What it issues is marked, and good on loopback only.",
            subcommands: [New.self, Issue.self]
        )

        struct New: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Make the authority in a new folder.")

            @Argument(help: "The folder.")
            var folder: String

            @Option(help: "Its common name.")
            var name = "lgsp test authority"

            @Option(help: "How many days it is valid.")
            var days = 3650

            func run() async throws {
                try TestAuthorityDesk(folder: self.folder).make(name: self.name, days: self.days, at: KeysDesk.now)
                Terminal.say("Đã tạo / Made: \(self.folder)/ca.pem (TEST ONLY)")
            }
        }

        struct Issue: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Issue a certificate for a request.",
                discussion: "Example: lgsp keys test-ca issue ca --csr k.csr --purpose signing --out k.pem"
            )

            @Argument(help: "The folder of the authority.")
            var folder: String

            @Option(help: "The request, PEM.")
            var csr: String

            @Option(help: "\(TestAuthorityDesk.purposes.joined(separator: ", ")).")
            var purpose = "signing"

            @Option(help: "A host name or address of a TLS server; can stand several times.")
            var host: [String] = []

            @Option(help: "How many days it is valid.")
            var days = 365

            @Option(help: "Where the certificate goes, with that of the authority behind it.")
            var out: String

            func run() async throws {
                let pem = try TestAuthorityDesk(folder: self.folder).issue(
                    request: self.csr, purpose: self.purpose, hosts: self.host, days: self.days, at: KeysDesk.now
                )
                try Data(pem).write(to: URL(fileURLWithPath: self.out))
                Terminal.say("Đã cấp / Issued: \(self.out)")
            }
        }
    }
}
