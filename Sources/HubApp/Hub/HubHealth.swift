internal import Foundation
internal import HubAPI
internal import HubCore
internal import HubModel
internal import HubNational

/// What `/readyz` and `/metrics` look at.
struct HubHealth: Sendable {
    let journal: any Journal
    let outbox: Outbox
    let connection: ConnectionState
    /// `nil` when nobody stamps the blocks.
    let timestamps: TimestampState?
    /// `nil` when the journal keeps everything.
    let retention: RetentionState?
    let clock: any HubClock

    /// Below this the hub says that it is about to stop taking messages.
    private static let leastFree: Int64 = 256 << 20

    func checks() async -> [ReadinessCheck] {
        let health = await self.journal.health()
        var checks = [
            ReadinessCheck(
                name: "journal", isWell: health.fault == nil, isVital: true,
                reason: health.fault.map { "\($0.summary)" } ?? ""
            ),
            ReadinessCheck(
                name: "disk", isWell: health.freeBytes >= Self.leastFree, isVital: false,
                reason: health.freeBytes >= Self.leastFree
                    ? "" : "Only \(health.freeBytes >> 20) MB are free where the journal is; make room."
            ),
        ]
        if self.outbox.workers[.national("axis")] != nil {
            let fault = self.connection.current
            checks.append(
                ReadinessCheck(
                    name: "national", isWell: fault == nil, isVital: false,
                    reason: fault.map { "\($0.summary) Messages for it wait." } ?? ""
                )
            )
        }
        if let timestamps {
            let status = timestamps.current
            let left = timestamps.grace - self.clock.now.since(status.wellAt)
            let isWell = status.fault == nil || left > .zero
            checks.append(
                ReadinessCheck(
                    name: "timestamps", isWell: isWell, isVital: false,
                    reason: status.fault.map { fault in
                        isWell
                            ? "\(fault.summary) This is tolerated for another \(left.components.seconds) s."
                            : "\(fault.summary) What is accepted is not stamped since \(status.wellAt)."
                    } ?? ""
                )
            )
        }
        if let timestamps, let offset = timestamps.current.clockOffset {
            let isWell = max(offset, .zero - offset) <= timestamps.clockSkew
            let seconds = offset.components.seconds
            checks.append(
                ReadinessCheck(
                    name: "clock", isWell: isWell, isVital: false,
                    reason: isWell
                        ? "" : "The clock is \(abs(seconds)) s \(seconds > 0 ? "behind" : "ahead of") that of the timestamp authority; synchronise it."
                )
            )
        }
        if let status = self.retention?.current {
            checks.append(
                ReadinessCheck(name: "retention", isWell: status.isWell, isVital: false, reason: status.reason)
            )
        }
        for (id, worker) in self.outbox.workers.sorted(by: { $0.key < $1.key }) where await worker.isBroken {
            checks.append(
                ReadinessCheck(
                    name: id.description, isWell: false, isVital: false,
                    reason: "The destination does not answer. Deliveries wait and are tried again."
                )
            )
        }
        return checks
    }

    func gauges() async -> [(name: String, help: String, labels: String, value: Double)] {
        var gauges: [(name: String, help: String, labels: String, value: Double)] = []
        let health = await self.journal.health()
        gauges.append(("lgsp_journal_waiting", "Records waiting for the writer.", "", Double(health.waiting)))
        gauges.append(("lgsp_journal_free_bytes", "Free bytes where the journal is.", "", Double(health.freeBytes)))
        gauges.append(
            ("lgsp_journal_well", "1 while the journal takes records.", "", health.fault == nil ? 1 : 0)
        )
        if let totals = try? await self.journal.totals() {
            gauges.append(("lgsp_messages", "Messages accepted, over the whole journal.", "", Double(totals.messages)))
            gauges.append(("lgsp_blocks", "Blocks of the journal.", "", Double(totals.blocks)))
            gauges.append(("lgsp_dead_letters", "Deliveries that were given up.", "", Double(totals.deadLettered)))
        }
        for (id, count) in (try? await self.journal.pendingCounts())?.sorted(by: { $0.key < $1.key }) ?? [] {
            gauges.append(
                ("lgsp_pending", "Unfinished deliveries, by destination.", "destination=\"\(id)\"", Double(count))
            )
        }
        for destination in self.outbox.destinations {
            gauges.append(
                (
                    "lgsp_delivery_held", "1 while operators hold deliveries back.", "destination=\"\(destination)\"",
                    self.outbox.hold(of: destination) == nil ? 0 : 1
                )
            )
        }
        if let timestamps {
            let status = timestamps.current
            let age = Double(self.clock.now.since(status.wellAt).components.seconds)
            gauges.append(("lgsp_timestamp_age_seconds", "Since the newest block was stamped, or none was new.", "", age))
            if let offset = status.clockOffset {
                gauges.append(
                    ("lgsp_clock_offset_seconds", "How far the timestamp authority's clock is ahead.", "", offset / .seconds(1))
                )
            }
            gauges.append(("lgsp_timestamp_well", "1 while the authority answers.", "", status.fault == nil ? 1 : 0))
        }
        if let status = self.retention?.current {
            let age = Double(self.clock.now.since(status.wellAt).components.seconds)
            gauges += [
                ("lgsp_retention_well", "1 while everything that is to be removed from the journal is.", "", status.isWell ? 1 : 0),
                ("lgsp_retention_age_seconds", "Since a run of retention last removed all that was due.", "", age),
                (
                    "lgsp_retention_failed_segments", "Segments that the last run of retention could not write anew.", "",
                    Double(status.failures.count)
                ),
                ("lgsp_retention_dropped_months", "Months archived and dropped since the start.", "", Double(status.months)),
                (
                    "lgsp_retention_unfinished_month", "1 while a month is old enough to go and deliveries of it have not ended.", "",
                    status.isMonthUnfinished ? 1 : 0
                ),
            ]
        }
        gauges.append(("process_resident_memory_bytes", "Resident memory.", "", Double(ProcessUsage.residentBytes)))
        gauges.append(("process_cpu_seconds_total", "User and system time.", "", ProcessUsage.cpuSeconds))
        return gauges
    }
}

/// What this process has used, as the kernel counts it.
enum ProcessUsage {
    static var residentBytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
    }

    static var cpuSeconds: Double {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
