import Platform
import Synchronization

/// Which parts of the agent live, as probes and the service manager want to know it.
///
/// The main loop looks at the parts once a second, and is a part itself: what was not seen alive for `staleAfter` counts as
/// unhealthy, as in the Datadog agent, whose parts answer every 15 s and may miss one answer.
final class AgentHealth: Sendable {
  /// A part that can be healthy or not. Raw values are the names in the probes' answers.
  enum Part: String, CaseIterable {
    /// What flushes, reloads, and looks after everything else.
    case mainLoop = "main-loop"
    /// Threads that read and process requests: each was between two requests, or got to the end of one.
    case receivingThreads = "receiving-threads"
    /// The port and the socket for traces.
    case receiver
  }

  /// Names of the parts, for each of the two states.
  struct Report: Equatable {
    var healthy: [String]
    var unhealthy: [String]
  }

  /// How long a part may go without a sign of life.
  static let staleAfter = Duration.seconds(30)

  private let clock: @Sendable () -> ContinuousClock.Instant
  private let seen: Lock<(mainLoop: ContinuousClock.Instant, threads: ContinuousClock.Instant)>
  private let isListening = Atomic<Bool>(false)

  /// - Parameter clock: the time now; it never goes back.
  init(clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.clock = clock
    seen = Lock((mainLoop: clock(), threads: clock()))
  }

  /// The main loop has come round, and looked whether the receiving threads work.
  func see(areThreadsFree: Bool) {
    let now = clock()
    seen.withLock { seen in
      seen.mainLoop = now
      if areThreadsFree { seen.threads = now }
    }
  }

  /// Whether apps can reach the agent: true from when it listens until it begins to end.
  func setListening(_ value: Bool) { isListening.store(value, ordering: .releasing) }

  /// Whether every part lives that can only be mended by starting the agent again.
  var isAlive: Bool { report(includingReceiver: false).unhealthy.isEmpty }

  /// - Parameter includingReceiver: whether not to listen is unhealthy, as for whoever wants to send traffic.
  func report(includingReceiver: Bool) -> Report {
    let now = clock()
    let seen = seen.withLock { $0 }
    var report = Report(healthy: [], unhealthy: [])
    for part in Part.allCases where part != .receiver || includingReceiver {
      let isHealthy =
        switch part {
        case .mainLoop: now - seen.mainLoop < Self.staleAfter
        case .receivingThreads: now - seen.threads < Self.staleAfter
        case .receiver: isListening.load(ordering: .acquiring)
        }
      if isHealthy { report.healthy.append(part.rawValue) } else { report.unhealthy.append(part.rawValue) }
    }
    return report
  }
}
