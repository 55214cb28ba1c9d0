import Control
import Launching
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Finds the first trace of a command among all that an agent receives.
struct FirstTraceWatch {
  private let child: Int32
  private let startedNs: Int64
  /// Traces by process before the command was started, as the agent counted them.
  private var before: [Int64: UInt64]
  /// Every process seen to belong to the command; short-lived ones may be gone when their trace is seen.
  private var family: Set<Int32>

  init(child: Int32, startedNs: Int64, before info: InfoAnswer) {
    self.child = child
    self.startedNs = startedNs
    before = Dictionary(info.processes.map { ($0.pid, $0.traces) }) { $0 &+ $1 }
    family = [child]
  }

  /// Another agent has taken the place of the one before, and has counted nothing before.
  mutating func startOver() { before = [:] }

  /// The process that sent it, and how long after the command's start; `nil` as long as there is none.
  mutating func find(in info: InfoAnswer) -> (process: ProcessRow, after: Duration)? {
    let news = info.processes.filter { $0.traces > before[$0.pid] ?? 0 }
    guard !news.isEmpty else { return nil }
    family.formUnion(ProcessTree.now().descendants(of: child))
    guard let process = news.first(where: { belongs($0) }) else { return nil }
    let arrivedNs = process.firstSeenNs >= startedNs ? process.firstSeenNs : info.nowNs
    return (process, .nanoseconds(max(0, arrivedNs &- startedNs)))
  }

  /// A process whose number says nothing (none given, or none of this machine) may be of the command.
  func belongs(_ process: ProcessRow) -> Bool {
    guard let pid = Int32(exactly: process.pid), pid > 0 else { return true }
    return family.contains(pid) || (kill(pid, 0) != 0 && errno == ESRCH)
  }
}
