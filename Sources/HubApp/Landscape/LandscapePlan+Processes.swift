internal import HubModel

extension LandscapePlan {
    /// A process of the landscape: this program with these arguments.
    struct Process: Sendable {
        let name: String
        let arguments: [String]
        /// Answers 200 once the process is ready.
        let probe: String
    }

    /// What runs, in the order in which it is best started.
    var processes: [Process] {
        var processes = [
            Process(
                name: "national",
                arguments: ["mock", "national", "--config", self.nationalFolder + "/national.yaml"],
                probe: "http://127.0.0.1:\(self.nationalControl)/control/health"
            )
        ]
        for province in self.provinces {
            let name = province.home.text.lowercased()
            processes.append(
                Process(
                    name: "hub-\(name)", arguments: ["serve", "--config", province.made.configurationFile],
                    probe: "http://127.0.0.1:\(province.adminPort)/readyz"
                )
            )
            processes.append(
                Process(
                    name: "systems-\(name)",
                    arguments: ["mock", "systems", "--config", province.systemsFolder + "/systems.yaml"],
                    probe: "http://127.0.0.1:\(province.systemsPort)/control/health"
                )
            )
        }
        return processes
    }
}
