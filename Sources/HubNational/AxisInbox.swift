internal import HubCore
internal import HubDialects
internal import HubModel
internal import Logging
public import ServiceLifecycle

/// What the document axis holds for the province, fetched and handed to the intake.
///
/// A packet is marked done only after its message is in the journal; the platform lists it again until then, and the
/// hub recognises a repeat by its identity. One that cannot be taken at present stays there, is looked at again later
/// each time, and does not hide those behind it.
public struct AxisInbox: Service {
    let connector: AxisConnector
    let poll: Duration
    let intake: Intake
    let adapter: Adapter
    let clock: any HubClock
    let state: ConnectionState
    private let logger = Logger(label: "hub.national.axis")

    init(
        connector: AxisConnector, poll: Duration, intake: Intake, adapter: Adapter, clock: any HubClock,
        state: ConnectionState
    ) {
        self.connector = connector
        self.poll = poll
        self.intake = intake
        self.adapter = adapter
        self.clock = clock
        self.state = state
    }

    /// Why a look into the inbox ended, or left a packet where it is.
    private enum Trouble: Error {
        /// It does not answer, or not us.
        case platform(HubError)
        /// The journal takes nothing at present.
        case hub
        case packet(HubError)
    }

    /// Packets that could not be taken.
    private struct Aside {
        private var packets: [String: (until: Duration, times: Int)] = [:]
        /// Above it the oldest knowledge is let go, which costs a look too many.
        private static let limit = 10_000

        func holds(_ id: String, at uptime: Duration) -> Bool {
            self.packets[id].map { $0.until > uptime } ?? false
        }

        mutating func put(_ id: String, at uptime: Duration) {
            if self.packets.count >= Self.limit { self.packets = self.packets.filter { $0.value.until > uptime } }
            if self.packets.count >= Self.limit { self.packets = [:] }
            let times = (self.packets[id]?.times ?? 0) + 1
            self.packets[id] = (uptime + min(.seconds(3600), .seconds(1) * (1 << min(times, 12))), times)
        }

        mutating func forget(_ id: String) { self.packets[id] = nil }
    }

    /// Polls until graceful shutdown or cancellation.
    public func run() async throws {
        var failures = 0
        var settledBefore: Set<String> = []
        var aside = Aside()
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do throws(Trouble) {
                let settled = try await self.look(&aside)
                failures = 0
                self.state.report(nil)
                // More may be waiting. What was settled and is listed again is no reason to hurry.
                let isNew = !settled.isSubset(of: settledBefore)
                settledBefore = settled
                if isNew { continue }
            } catch {
                failures += 1
                if case .platform(let error) = error { self.state.report(error) } else { self.state.report(nil) }
            }
            let wait = min(self.poll * (1 << min(failures, 6)), max(self.poll, .seconds(2)))
            try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: wait) }
        }
    }

    /// - Returns: The packets that left the inbox.
    private func look(_ aside: inout Aside) async throws(Trouble) -> Set<String> {
        let listed: [AxisInboxEntry]
        do throws(HubError) {
            listed = try await self.connector.ask(AxisPath.getReceivedEdocList, nil, nil).entries()
        } catch {
            throw .platform(error)
        }
        var settled: Set<String> = []
        for entry in listed where !entry.status.isFinal && !aside.holds(entry.docID, at: self.clock.uptime) {
            if Task.isCancelled { return settled }
            do throws(Trouble) {
                try await self.take(entry)
                settled.insert(entry.docID)
                aside.forget(entry.docID)
            } catch {
                guard case .packet(let fault) = error else { throw error }
                aside.put(entry.docID, at: self.clock.uptime)
                self.logger.warning(
                    "A packet from the national platform could not be taken and stays there.",
                    metadata: Self.metadata(fault, entry)
                )
            }
        }
        return settled
    }

    private func take(_ entry: AxisInboxEntry) async throws(Trouble) {
        let packet: Payload
        do throws(HubError) {
            packet = try await self.connector.packet(entry.docID) { [intake] count async throws(HubError) in
                try await intake.reception(of: count)
            }
        } catch {
            throw Self.trouble(error)
        }
        let type: MessageType = entry.messageType == .status ? .edocStatus : .edocDocument
        let submission = Submission(
            sender: self.intake.adapter(of: self.adapter.system) ?? self.adapter, body: packet, contentType: "application/xml", type: type.description,
            correlation: entry.docID
        )
        do throws(HubError) {
            _ = try await self.intake.submit(submission)
        } catch {
            switch error.code {
            case .journalClosed, .journalOverloaded, .journalUnavailable: throw .hub
            case let code where code.advice == .notWithThisMessage || code == .routeMissing:
                // Fetching it again would end the same way; the refusal is recorded, and the sender learns of it.
                self.logger.warning(
                    "A packet from the national platform was refused.", metadata: Self.metadata(error, entry)
                )
                return try await self.mark(entry, .fail)
            default: throw .packet(error)
            }
        }
        try await self.mark(entry, .done)
    }

    private func mark(_ entry: AxisInboxEntry, _ status: AxisTransportStatus) async throws(Trouble) {
        do throws(HubError) {
            _ = try await self.connector.ask(AxisPath.updateStatus, entry.docID, status)
        } catch {
            throw Self.trouble(error)
        }
    }

    /// An answer about one packet is about that packet; no answer is about the platform.
    private static func trouble(_ error: HubError) -> Trouble {
        switch error.code {
        case .accessDenied: .platform(error)
        case .deliveryUnavailable, .deliveryTimeout:
            error.detail("platform_code") == nil ? .platform(error) : .packet(error)
        default: .packet(error)
        }
    }

    private static func metadata(_ error: HubError, _ entry: AxisInboxEntry) -> Logger.Metadata {
        ["code": "\(error.code.rawValue)", "doc.id": "\(entry.docID.prefix(64))"]
    }
}
