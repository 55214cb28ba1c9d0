import Compression
import Control
import Decoding
import Exporting
import Journal
import Platform
import Statistics
import Synchronization

/// Takes the way of requests again that an earlier agent had answered when it ended suddenly, as far as they had not left:
/// as if they came now from the same clients, with the time at which they came. They are forwarded, and do not show in the
/// tables of this machine, which the store has.
///
/// A thread of its own does it beside the agent's work, one segment after the other; what came of a segment is safe before
/// the next one begins.
final class JournalReplay: Sendable {
  /// What was found and sent on.
  struct Counts: Sendable, Equatable {
    var requests = 0
    /// Kept by sampling, and so sent on or lost.
    var kept = PayloadCounts()
    /// Records that could not be read, or not be decoded any more.
    var damaged = 0
    /// Files and runs that could not be read, and are left for a later agent.
    var unread = 0
  }

  let earlier: EarlierRuns
  private let parts: PipelineParts
  private let formats: [String: TraceFormat]
  private let bodyBytesMax: Int
  private let receipts: PayloadReceipts
  private let accounting: DeliveryAccounting
  private let log: Log
  private let state = Lock(Counts())
  private let isStopping = Atomic<Bool>(false)

  /// - Parameters:
  ///   - parts: of a pipeline that nobody else uses: its samplers and statistics are those of another time.
  ///   - bodyBytesMax: of a request, after decompression.
  init(
    _ earlier: EarlierRuns, _ parts: PipelineParts, routes: ServedRoutes, bodyBytesMax: Int, receipts: PayloadReceipts,
    accounting: DeliveryAccounting, log: Log
  ) {
    self.earlier = earlier
    self.parts = parts
    formats = Dictionary(routes.formats.map { ($0.name, $0) }) { first, _ in first }
    self.bodyBytesMax = bodyBytesMax
    self.receipts = receipts
    self.accounting = accounting
    self.log = log
  }

  var counts: Counts { state.withLock { $0 } }

  /// Takes all that was left, on a thread of its own; returns early when it is told to stop, and leaves the rest for a later
  /// agent.
  func run() {
    let isStopping = { self.isStopping.load(ordering: .relaxed) }
    for run in earlier.runs(isStopping: isStopping, report: { noteUnread($0) }) where !isStopping() {
      let before = counts
      var replay = RunReplay(run, parts, formats, bodyBytesMax: bodyBytesMax, receipts, accounting) { counts in
        self.state.withLock { $0 = before + counts }
      }
      do throws(JournalError) {
        guard try replay.run(isStopping: isStopping) else { return }
      } catch {
        noteUnread(error)
      }
      let found = replay.counts
      // All of it had left, and only that had not been noted any more.
      if found == Counts() { continue }
      log.info(
        "sent on what an earlier agent had answered and not sent: \(found.requests) requests with "
          + "\(found.kept.traces) traces" + (found.damaged > 0 ? ", \(found.damaged) could not be read" : ""))
    }
  }

  private func noteUnread(_ error: JournalError) {
    state.withLock { $0.unread += 1 }
    if case .foreign = error { return log.error("\(error)") }
    log.error("what an earlier agent had answered and not sent stays there for the next one: \(error)")
  }

  /// To be called before the forwarder stops; the rest is left for the next agent.
  func stop() { isStopping.store(true, ordering: .relaxed) }
}

extension JournalReplay.Counts {
  fileprivate static func + (one: Self, other: Self) -> Self {
    var sum = one
    sum.requests += other.requests
    sum.kept += other.kept
    sum.damaged += other.damaged
    sum.unread += other.unread
    return sum
  }
}
