public import HubModel
public import ServiceLifecycle
internal import Synchronization

/// Brings committed deliveries to the worker or mailbox of their destination, and runs the workers.
///
/// Destinations come and go while it runs. One that is not here (its adapter was taken away) keeps its deliveries in
/// the journal.
public final class Outbox: Service {
    private struct Roads {
        var workers: [DestinationID: DeliveryWorker] = [:]
        var mailboxes: [DestinationID: Mailbox] = [:]

        func queue(_ destination: DestinationID) -> (any SteeredQueue)? {
            self.workers[destination] ?? self.mailboxes[destination]
        }
    }

    /// A worker that is to run, once the one before it has finished what it had under way.
    private struct Start: Sendable {
        let worker: DeliveryWorker
        let end: AsyncStream<Void>.Continuation
        let predecessor: AsyncStream<Void>?
    }

    private let roads: Mutex<Roads>
    /// Where operators hold deliveries back.
    private let holds: Mutex<[DestinationID: DeliveryPosition]>
    /// Ends when the worker of a destination has ended.
    private let ends = Mutex<[DestinationID: AsyncStream<Void>]>([:])
    private let starts: AsyncStream<Start>
    private let starting: AsyncStream<Start>.Continuation

    /// - Parameter holds: What the journal knows of, from before a restart.
    public init(
        workers: [DestinationID: DeliveryWorker] = [:], mailboxes: [Mailbox] = [],
        holds: [DestinationID: DeliveryPosition] = [:]
    ) {
        self.holds = Mutex(holds)
        self.roads = Mutex(Roads())
        (self.starts, self.starting) = AsyncStream.makeStream(of: Start.self)
        self.change(workers: workers, mailboxes: mailboxes)
    }

    /// All destinations that the hub goes to by itself.
    public var workers: [DestinationID: DeliveryWorker] { self.roads.withLock(\.workers) }

    /// The mailbox of a system, or `nil` when it receives nothing that way.
    public func mailbox(of system: SystemID) -> Mailbox? { self.roads.withLock { $0.mailboxes[.mailbox(system)] } }

    /// Exchanges the destinations. Workers and mailboxes that were there before go on undisturbed; a worker that is
    /// new for a destination begins when the one before it has finished what it had under way.
    public func change(workers: [DestinationID: DeliveryWorker], mailboxes: [Mailbox]) {
        let before = self.roads.withLock { roads in
            defer {
                roads = Roads(
                    workers: workers, mailboxes: Dictionary(uniqueKeysWithValues: mailboxes.map { (.mailbox($0.system), $0) })
                )
            }
            return roads.workers
        }
        for (id, worker) in before where workers[id] !== worker { worker.stop() }
        for (id, worker) in workers.sorted(by: { $0.key < $1.key }) where before[id] !== worker {
            let (end, ending) = AsyncStream.makeStream(of: Void.self)
            let predecessor = self.ends.withLock { ends in
                defer { ends[id] = end }
                return ends[id]
            }
            self.starting.yield(Start(worker: worker, end: ending, predecessor: predecessor))
        }
    }

    /// The queue of a destination; `nil` while the destination is not here.
    func queue(_ destination: DestinationID) -> (any SteeredQueue)? { self.roads.withLock { $0.queue(destination) } }

    /// All destinations with a queue here.
    public var destinations: [DestinationID] {
        self.roads.withLock { ($0.workers.keys.map(\.self) + $0.mailboxes.keys).sorted() }
    }

    /// Where deliveries of a destination are held back.
    public func hold(of destination: DestinationID) -> DeliveryPosition? { self.holds.withLock { $0[destination] } }

    func hold(_ destination: DestinationID, from position: DeliveryPosition?) async {
        self.holds.withLock { $0[destination] = position }
        await self.queue(destination)?.hold(from: position)
    }

    /// Runs the workers until graceful shutdown or cancellation.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for await start in self.starts.cancelOnGracefulShutdown() {
                group.addTask {
                    if let predecessor = start.predecessor { for await _ in predecessor {} }
                    await start.worker.run()
                    start.end.finish()
                }
            }
        }
    }

    /// Takes in the deliveries of a message that was committed as record `sequence`.
    func enqueue(_ message: AcceptedMessage, sequence: Int64) async {
        for ordinal in message.deliveries.indices {
            let delivery = PendingDelivery(message, ordinal: UInt16(ordinal), sequence: sequence)
            let (worker, mailbox) = self.roads.withLock { roads in
                (roads.workers[delivery.plan.destination], roads.mailboxes[delivery.plan.destination])
            }
            if let worker { await worker.enqueue(delivery) } else if let mailbox { await mailbox.enqueue(delivery) }
        }
    }
}
