internal import HubModel
internal import HubStore
internal import Logging
internal import ServiceLifecycle

/// Removes from the spool, once after the start, what neither the database nor the chain refers to.
struct OrphanSweep: Service {
    let remove: @Sendable () async throws(HubError) -> OrphanReport

    func run() async {
        await cancelWhenGracefulShutdown { await self.once() }
    }

    private func once() async {
        let log = Logger(label: "hub.spool")
        do throws(HubError) {
            let report = try await self.remove()
            if report.removed > 0 {
                log.info("Spooled payloads that no message refers to were removed.", metadata: ["files": "\(report.removed)"])
            }
            for file in report.needed {
                log.error(
                    "The database does not know of a payload that a message in the chain needs: it is damaged. Stop the hub and make it anew with lgsp journal rebuild.",
                    metadata: ["file": "\(file)"]
                )
            }
        } catch {
            guard error.code != .journalClosed else { return }
            log.error(
                "Whether spooled payloads are still needed could not be found out; they stay, and the next start asks again.",
                metadata: ["code": "\(error.code.rawValue)", "error": "\(error.summary)"]
            )
        }
    }
}
