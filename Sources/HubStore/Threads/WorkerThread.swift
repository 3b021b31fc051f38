internal import DequeModule
private import Dispatch
private import Glibc
internal import HubModel
internal import Synchronization

/// A thread that runs one piece of work after the other, for calls that block.
///
/// It is also an executor, so that an actor can live on it. It runs until `stop()`; work that comes later is not run,
/// so such an actor is entered by `perform` and `run` and not by calling it.
final class WorkerThread: SerialExecutor {
    private enum Work {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private struct State {
        var queue: Deque<Work> = []
        var isAsleep = false
        var isStopping = false
        var thread: pthread_t?
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    private init() {}

    /// - Throws: `journal.unavailable` when the system gives no thread.
    static func start() throws(HubError) -> WorkerThread {
        let worker = WorkerThread()
        let box = Unmanaged.passRetained(worker)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<WorkerThread>.fromOpaque(raw).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw HubError(
                .journalUnavailable, "The system gives the journal no thread.",
                details: [ErrorDetail("error", status)]
            )
        }
        pthread_detach(thread)
        return worker
    }

    /// Runs `call` after everything that was asked for before.
    /// - Returns: `false` after the end, when it is not run.
    @discardableResult
    func perform(_ call: @escaping @Sendable () -> Void) -> Bool {
        self.push(.call(call))
    }

    /// Runs `body` on the thread and gives its result.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(HubError) -> Value
    ) async throws(HubError) -> Value {
        let result: Result<Value, HubError> = await withCheckedContinuation { continuation in
            let isTaken = self.push(
                .call {
                    do throws(HubError) {
                        continuation.resume(returning: .success(try body()))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            )
            if !isTaken {
                continuation.resume(returning: .failure(HubError(.journalClosed, "The journal is closed.")))
            }
        }
        return try result.get()
    }

    /// The same for a caller who is let go at once when the task is cancelled; `body` ends by itself.
    /// - Throws: What `body` throws, or `journal.closed`.
    func runUnlessCancelled<Value: Sendable>(
        _ body: @escaping @Sendable () throws(HubError) -> Value
    ) async throws(HubError) -> Value {
        let promise = Promise<Value>()
        let closed = HubError(.journalClosed, "The journal is closed.")
        let result: Result<Value, HubError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                promise.wait(continuation)
                let isTaken = self.push(
                    .call {
                        do throws(HubError) {
                            promise.keep(.success(try body()))
                        } catch {
                            promise.keep(.failure(error))
                        }
                    }
                )
                if !isTaken { promise.keep(.failure(closed)) }
            }
        } onCancel: {
            promise.keep(.failure(closed))
        }
        return try result.get()
    }

    /// Answered by whoever comes first.
    private final class Promise<Value: Sendable>: Sendable {
        typealias Answer = Result<Value, HubError>

        private enum State {
            case new
            case waiting(CheckedContinuation<Answer, Never>)
            case kept(Answer)
            case over
        }

        private let state = Mutex(State.new)

        func wait(_ continuation: CheckedContinuation<Answer, Never>) {
            let answer: Answer? = self.state.withLock { state in
                guard case .kept(let answer) = state else {
                    state = .waiting(continuation)
                    return nil
                }
                state = .over
                return answer
            }
            if let answer { continuation.resume(returning: answer) }
        }

        func keep(_ answer: Answer) {
            let continuation: CheckedContinuation<Answer, Never>? = self.state.withLock { state in
                switch state {
                case .new:
                    state = .kept(answer)
                    return nil
                case .waiting(let continuation):
                    state = .over
                    return continuation
                case .kept, .over:
                    return nil
                }
            }
            continuation?.resume(returning: answer)
        }
    }

    /// Holds the calling thread, which must be one of these.
    static func pause(for duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var pause = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        // A signal may shorten it, which harms nothing.
        nanosleep(&pause, nil)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        _ = self.push(.job(UnownedJob(job)))
    }

    /// Lets the thread end once its queue is empty.
    func stop() {
        let isAsleep = self.state.withLock { state in
            state.isStopping = true
            return state.isAsleep
        }
        if isAsleep { self.wake.signal() }
    }

    /// Work that waits.
    var waiting: Int { self.state.withLock { $0.queue.count } }

    func checkIsolated() {
        precondition(self.isCurrent, "this must run on its worker thread")
    }

    func isIsolatingCurrentContext() -> Bool? { self.isCurrent }

    private var isCurrent: Bool {
        self.state.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    /// - Returns: `false` after the end.
    private func push(_ work: Work) -> Bool {
        let (isTaken, isAsleep) = self.state.withLock { state in
            guard !state.isStopping else { return (false, false) }
            state.queue.append(work)
            defer { state.isAsleep = false }
            return (true, state.isAsleep)
        }
        if isAsleep { self.wake.signal() }
        return isTaken
    }

    private func run() {
        self.state.withLock { $0.thread = pthread_self() }
        while true {
            let (work, isOver) = self.state.withLock { state -> (Work?, Bool) in
                if let work = state.queue.popFirst() { return (work, false) }
                state.isAsleep = !state.isStopping
                return (nil, state.isStopping)
            }
            switch work {
            case .job(let job): job.runSynchronously(on: self.asUnownedSerialExecutor())
            case .call(let call): call()
            case nil where isOver: return
            case nil: self.wake.wait()
            }
        }
    }
}
