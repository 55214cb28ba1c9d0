import Platform
import Synchronization

/// What the doctor said of this machine: its document, or why there is none.
package enum DoctorOutcome: Sendable {
  /// The document `roost.doctor.v1`, as the command prints it.
  case document([UInt8])
  /// A sentence without a final stop.
  case failed(String)
}

/// Runs this program's own `doctor --json` for the page, which looks at the machine and so takes a while.
package protocol DoctorRunning: Sendable {
  /// Runs it to its end, on a thread that may wait; `isCancelled` turns true when nobody waits for it any more.
  func run(isCancelled: @escaping @Sendable () -> Bool) -> DoctorOutcome
}

/// One run at a time; who comes meanwhile gets the result of that one.
final class DoctorRuns: Sendable {
  typealias Completion = @Sendable (DoctorOutcome) -> Void

  private struct Queue: Sendable {
    var waiting: [Completion] = []
    var isRunning = false
    var isStopped = false
  }

  /// Browsers that wait for it at a time.
  static let waitingMax = 8

  private let doctor: any DoctorRunning
  private let queue = Lock(Queue())
  /// Of the run in progress, or of the last one.
  private let thread = Lock<JoinableThread?>(nil)
  private let isCancelled = Atomic<Bool>(false)

  init(_ doctor: any DoctorRunning) { self.doctor = doctor }

  /// Calls `completion` once, on another thread, when a run has ended.
  func request(_ completion: @escaping Completion) {
    let (refusal, mustStart) = queue.withLock { queue -> (String?, Bool) in
      if queue.isStopped { return ("the agent is stopping", false) }
      if queue.waiting.count >= Self.waitingMax { return ("too many wait for the doctor; try again", false) }
      queue.waiting.append(completion)
      defer { queue.isRunning = true }
      return (nil, !queue.isRunning)
    }
    if let refusal { return completion(.failed(refusal)) }
    if mustStart { start() }
  }

  /// Ends the run in progress; when this returns, every completion has been called and none will be.
  func stop() {
    queue.withLock { $0.isStopped = true }
    isCancelled.store(true, ordering: .releasing)
    if let running = thread.withLock({ $0.take() }) { running.join() }
  }

  private func start() {
    // The thread of the run before has nothing left to do but to end.
    if let ended = thread.withLock({ $0.take() }) { ended.join() }
    do throws(SystemError) {
      let isStopped = try thread.withLock { thread throws(SystemError) -> Bool in
        // Looked at again: whoever stops joins the thread that it finds, and one that came later would outlive it.
        if queue.withLock(\.isStopped) { return true }
        thread = try JoinableThread(name: "roost-doctor") { [self] in
          finish(doctor.run { self.isCancelled.load(ordering: .acquiring) })
        }
        return false
      }
      if isStopped { finish(.failed("the agent is stopping")) }
    } catch {
      finish(.failed("no thread for the doctor (\(error))"))
    }
  }

  private func finish(_ outcome: DoctorOutcome) {
    let waiting = queue.withLock { queue in
      let waiting = queue.waiting
      queue.waiting = []
      queue.isRunning = false
      return waiting
    }
    for completion in waiting { completion(outcome) }
  }
}
