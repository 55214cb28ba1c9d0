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
    /// Kept by sampling, and so sent on.
    var kept = PayloadCounts()
    /// Records that could not be read, or not be decoded any more.
    var damaged = 0
  }

  let earlier: EarlierRuns
  private let parts: PipelineParts
  private let formats: [String: TraceFormat]
  private let bodyBytesMax: Int
  private let receipts: PayloadReceipts
  private let log: Log
  private let state = Lock(Counts())
  private let isStopping = Atomic<Bool>(false)

  /// - Parameters:
  ///   - parts: of a pipeline that nobody else uses: its samplers and statistics are those of another time.
  ///   - bodyBytesMax: of a request, after decompression.
  init(
    _ earlier: EarlierRuns, _ parts: PipelineParts, routes: ServedRoutes, bodyBytesMax: Int, receipts: PayloadReceipts,
    log: Log
  ) {
    self.earlier = earlier
    self.parts = parts
    formats = Dictionary(routes.formats.map { ($0.name, $0) }) { first, _ in first }
    self.bodyBytesMax = bodyBytesMax
    self.receipts = receipts
    self.log = log
  }

  var counts: Counts { state.withLock { $0 } }

  /// Takes all that was left, on a thread of its own; returns early when it is told to stop, and leaves the rest for a later
  /// agent.
  func run() {
    for run in earlier.runs() where !isStopping.load(ordering: .relaxed) {
      var replay = RunReplay(run, parts, formats, bodyBytesMax: bodyBytesMax, receipts)
      let isWhole = replay.run { self.isStopping.load(ordering: .relaxed) }
      let counts = replay.counts
      state.withLock { $0.add(counts) }
      guard isWhole else { return }
      // All of it had left, and only that had not been noted any more.
      if counts == Counts() { continue }
      log.info(
        "sent on what an earlier agent had answered and not sent: \(counts.requests) requests with "
          + "\(counts.kept.traces) traces" + (counts.damaged > 0 ? ", \(counts.damaged) could not be read" : ""))
    }
  }

  /// To be called before the forwarder stops; the rest is left for the next agent.
  func stop() { isStopping.store(true, ordering: .relaxed) }
}

extension JournalReplay.Counts {
  fileprivate mutating func add(_ other: Self) {
    requests += other.requests
    kept += other.kept
    damaged += other.damaged
  }
}
