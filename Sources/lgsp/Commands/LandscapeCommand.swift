import ArgumentParser
import HubApp
import HubJSON
import HubModel

struct LandscapeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "landscape",
        abstract: "Write the folders of the demo's hubs, mock platform and systems, and leave starting them to others. "
            + "(Chuẩn bị thư mục cho trục và các hệ thống mô phỏng.)",
        discussion: """
            Used by docker-compose.yml, and by testers who want each process in a terminal of their own. \
            lgsp replay SUITE --landscape DIR/landscape.json then plays a suite through them.
            """
    )

    @Argument(help: "The folder to be made; it must be empty or absent.")
    var folder: String

    @Option(help: "The first of ten ports; free ones when absent.")
    var firstPort: Int?

    @Option(help: "The address on which everything listens; only for a network of its own, such as a container's.")
    var host = "127.0.0.1"

    @Option(help: "The folder that holds schemas/ and adapters/; found by itself when they are near.")
    var library: String?

    @Flag(help: "Do nothing, and end well, when the folder holds a landscape already.")
    var keep = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard self.firstPort.map({ (1...65_526).contains($0) }) ?? true else {
            throw ValidationError("The first of ten ports must be from 1 to 65526.")
        }
    }

    func run() async throws {
        if self.keep, PreparedLandscape.exists(in: self.folder) { return }
        let made = try PreparedLandscape.make(
            in: self.folder, host: self.host, firstPort: self.firstPort, library: Library.find(self.library)
        )
        if self.json {
            Terminal.show(
                .object([
                    "landscape": .string(made.file),
                    "processes": .array(
                        made.processes.map { process in
                            .object([
                                "name": .string(process.name),
                                "arguments": .array(process.arguments.map { .string($0) }),
                                "probe": .string(process.probe),
                            ])
                        }
                    ),
                ])
            )
            return
        }
        print("Đã tạo / Made: \(made.file)\nTiếp theo, mỗi lệnh một cửa sổ / Next, each in a terminal of its own:")
        for process in made.processes { print("  lgsp \(process.arguments.joined(separator: " "))") }
        print("Rồi / Then:\n  lgsp replay quickstart --landscape \(made.file)")
    }
}
