import Foundation
import HubApp
import HubModel
import SpoolTransport

/// A hub that knows one way more of bringing messages to systems: `my-hub hub.yaml`.
@main
enum MyHub {
    static func main() async throws {
        guard CommandLine.arguments.count == 2 else {
            FileHandle.standardError.write(Data("usage: my-hub hub.yaml\n".utf8))
            exit(2)
        }
        // A peer that goes away while something is written to it must not end the process.
        signal(SIGPIPE, SIG_IGN)
        do {
            let configuration = try HubConfiguration.load(file: CommandLine.arguments[1])
            try await Hub(configuration, transports: [MaildirTransport()]).run { started in
                print("Trục \(started.home) sẵn sàng / Hub \(started.home) is ready: port \(started.exchange.port)")
                fflush(nil)
            }
        } catch let error as HubError {
            FileHandle.standardError.write(Data("my-hub: \(error)\n".utf8))
            exit(3)
        }
    }
}
