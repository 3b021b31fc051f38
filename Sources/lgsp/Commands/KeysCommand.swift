import ArgumentParser
import Foundation
import HubApp
import HubJSON
import HubModel

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make keys, ask for certificates, and say whose keys a hub knows. (Quản lý khóa.)",
        discussion: "docs/trust.md says what is checked of a certificate, and when.",
        subcommands: [
            New.self, List.self, Request.self, Import.self, Rotate.self, Retire.self, Reload.self, TestAuthority.self,
        ]
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

        @Option(help: "A file (mode 0600) with a passphrase that encrypts the key.")
        var passphraseFile: String?

        @OptionGroup var name: NameOptions

        func run() async throws {
            let fingerprint = try KeysDesk().make(
                self.kind, at: self.out, certificate: self.certificate, name: self.name.value, days: self.days,
                passphrase: self.passphraseFile
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

        @Option(help: "The private key, or its URI in a token (pkcs11:token=…;object=…).")
        var key: String

        @OptionGroup var token: TokenOptions

        @Option(help: "The file of its passphrase, for an encrypted one.")
        var passphraseFile: String?

        @OptionGroup var name: NameOptions

        @Option(help: "Where the request goes; standard output when absent.")
        var out: String?

        func run() async throws {
            let pem = try KeysDesk().request(
                key: self.key, passphrase: self.passphraseFile, tokens: try self.token.place, name: self.name.value
            )
            guard let out = self.out else { return FileHandle.standardOutput.write(Data(pem)) }
            try Data(pem).write(to: URL(fileURLWithPath: out))
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register the key of a system or an agency. A running hub knows it at once.",
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
            try await Reload.tell(try self.configuration.load(), reason: "lgsp keys import")
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
            try await Reload.tell(try self.configuration.load(), reason: "lgsp keys retire")
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a hub a new key to sign with; a running one goes on without a break.",
            discussion: """
                The old key signs the record that names the new one, then its private half is gone. Receipts and blocks \
                of the past are checked with its public half in keys/earlier/.

                A key in a token is made there first, and named here; the line of the key in hub.yaml is changed.

                Example: lgsp keys rotate --reason "hằng năm" --config hub-h44/hub.yaml
                Example: lgsp keys rotate --key "pkcs11:token=lgsp;object=hub-2027" --config hub-h44/hub.yaml
                """
        )

        @OptionGroup var configuration: ConfigurationOption

        @Option(help: "\(KeysDesk.kinds.joined(separator: ", ")); as the present one when absent.")
        var kind: String?

        @Option(help: "A key in a token, by its URI, instead of a new one in a file.")
        var key: String?

        @Option(help: "Why; it stands in the record.")
        var reason = ""

        @Flag(help: "Print one JSON object.")
        var json = false

        func validate() throws {
            guard self.kind == nil || self.key == nil else {
                throw ValidationError("A key in a token has its kind; give --kind or --key.")
            }
        }

        func run() async throws {
            let change = try await KeysDesk().rotate(
                try self.configuration.load(), to: self.kind, key: self.key, reason: self.reason)
            if self.json { return Terminal.show(change.json) }
            Terminal.say(
                """
                Khóa mới / New key : \(change.json["after"]?.string ?? "")
                Khóa cũ / Old key  : \(change.json["before"]?.string ?? "")
                \(change.isRunning ? "Trục đang dùng khóa mới. / The running hub signs with it." : "Trục không chạy; khóa mới dùng từ lần chạy sau. / No hub is running; it is used from the next start.")
                """
            )
        }
    }

    struct Reload: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a running hub read registered keys, certificates and CRLs again; all or nothing."
        )

        @OptionGroup var configuration: ConfigurationOption

        @Option(help: "Why; it stands in the record.")
        var reason = ""

        @Flag(help: "Print one JSON object; null when no hub is running.")
        var json = false

        func run() async throws {
            if !self.json { return try await Self.tell(try self.configuration.load(), reason: self.reason) }
            Terminal.show(try await KeysDesk().reload(try self.configuration.load(), reason: self.reason)?.json ?? .null)
        }

        static func tell(_ configuration: HubConfiguration, reason: String) async throws {
            guard let change = try await KeysDesk().reload(configuration, reason: reason) else {
                return Terminal.say("Trục không chạy; nó đọc khóa khi khởi động. / No hub is running; it reads the keys when it starts.")
            }
            let (added, removed) = (change.json["added"]?.array ?? [], change.json["removed"]?.array ?? [])
            for name in added { Terminal.say("  + \(name.string ?? "")") }
            for name in removed { Terminal.say("  - \(name.string ?? "")") }
            Terminal.say("Trục đã đọc lại khóa. / The running hub has read its keys again.")
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
