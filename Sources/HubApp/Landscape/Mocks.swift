internal import Foundation
internal import HubMocks
internal import HubModel

/// The platforms and systems around a hub, run from their configuration files.
public enum Mocks {
    /// The mock national platform, until SIGTERM or SIGINT.
    public static func runNational(configuration file: String) async throws {
        let configuration: NationalPlatformConfiguration
        do {
            configuration = try NationalPlatformConfiguration.read(file: file)
        } catch {
            throw error.error(.configurationInvalid, "The configuration of the mock national platform has faults.")
        }
        try await NationalPlatform(configuration).run()
    }

    /// The simulated systems of one province, until SIGTERM or SIGINT.
    public static func runSystems(configuration file: String) async throws {
        try await SimulatedSystems(try SystemsConfiguration.load(file: file)).run()
    }

    /// Ends this process with SIGTERM when its standard input ends: whoever started it is gone.
    public static func stopWithInput() {
        let thread = Thread {
            var buffer = [UInt8](repeating: 0, count: 64)
            while true {
                let count = read(STDIN_FILENO, &buffer, buffer.count)
                if count > 0 || (count < 0 && errno == EINTR) { continue }
                kill(getpid(), SIGTERM)
                return
            }
        }
        thread.name = "input"
        thread.start()
    }
}
