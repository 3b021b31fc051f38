import ArgumentParser
import Foundation
import HubApp
import HubModel

/// The command line. Exit codes: 0 done, 1 the answer is no, 2 used wrongly, 3 could not run.
@main
enum Main {
    static func main() async {
        // A peer that goes away while something is written to it must not end the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try Lgsp.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as HubError {
            Terminal.report(error)
            exit(3)
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            let code = Lgsp.exitCode(for: error)
            let text = Lgsp.fullMessage(for: error)
            if code == .success {
                Terminal.say(text)
                exit(0)
            }
            Terminal.complain(text.isEmpty ? "\(error)" : text)
            exit(code == .validationFailure ? 2 : 3)
        }
    }
}

struct Lgsp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lgsp",
        abstract: "A provincial data-sharing platform and everything around it. "
            + "(Nền tảng tích hợp, chia sẻ dữ liệu cấp tỉnh và bộ mô phỏng.)",
        discussion: "Exit codes: 0 done, 1 the answer is no, 2 used wrongly, 3 could not run.",
        version: "0.1.0",
        subcommands: [
            DemoCommand.self, InitCommand.self, ServeCommand.self, ConfigCommand.self, MockCommand.self,
            SendCommand.self, MessageCommand.self, DeliveryCommand.self, ReplayCommand.self, LoadCommand.self, EnvelopeCommand.self,
            EvidenceCommand.self, JournalCommand.self, KeysCommand.self, SchemaCommand.self,
            AdapterCommand.self, MappingCommand.self, RouteCommand.self, SubscriptionCommand.self,
            LandscapeCommand.self, DoctorCommand.self,
        ]
    )
}
