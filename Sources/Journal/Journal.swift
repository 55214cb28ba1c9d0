import Platform

/// Writes requests to disk before they are answered, so that none is lost that was, and forgets them when what came of them
/// has left.
///
/// A thread of its own writes what all others have handed over, and waits once for the disk for all of it. It knows bytes
/// only: what a request means, and what covers it, is its owner's business.
package final class Journal: Sendable {
  /// A request waits so long for others that share its wait for the disk, which costs as much for one as for many. Tracers send
  /// about once a second and wait for seconds.
  static let gathering = Duration.milliseconds(100)
  /// The same where every client waits already: only one that connects meanwhile could add to the group.
  static let gatheringOfAll = Duration.milliseconds(25)
  /// From so many on, if every client waits, nobody is waited for.
  static let manyRequests = 8
  /// Bytes that are written at once, though others may share their wait for the disk: so little of it waits in memory.
  static let pieceBytes = 256 << 10
  /// Bytes for which no others are waited for.
  static let enoughBytes = 4 << 20
  /// From this size on a body is copied before the journal's lock is taken, so that others need not wait for that.
  private static let largeBytes = 64 << 10
  /// Bytes that wait to be written at most: the disk is slower than what comes.
  package static let waitingBytesMax = 64 << 20

  /// The folder that its files are in.
  package var folder: String { core.files.path }
  /// What agents have left here that ended suddenly.
  package let earlier: EarlierRuns
  private let bytesMax: Int
  private let waitingBytesMax: Int
  private let core: JournalCore
  private let thread: Lock<JoinableThread?>

  /// Locks the folder and starts the thread.
  /// - Parameters:
  ///   - folder: made where it is missing, for its owner only; the files in it are so in any case.
  ///   - bytesMax: of all files, with those that are kept to be written over; past it no more is taken until others have left.
  ///   - waitingBytesMax: of what waits in memory to be written; past it no more is taken.
  ///   - threads: how many number their requests by themselves.
  ///   - report: a line for the log when writing fails, and when it goes on; on the journal's thread.
  package convenience init(
    folder: String, bytesMax: Int, waitingBytesMax: Int = Journal.waitingBytesMax, threads: Int,
    report: @escaping @Sendable (String) -> Void
  ) throws(JournalError) {
    try self.init(
      folder: folder, bytesMax: bytesMax, waitingBytesMax: waitingBytesMax, threads: threads, SegmentCalls(),
      report: report)
  }

  /// The same with the calls and the patience of a test.
  init(
    folder: String, bytesMax: Int, waitingBytesMax: Int = Journal.waitingBytesMax, threads: Int, _ calls: SegmentCalls,
    quietPeriod: Duration = JournalCore.quietPeriod, report: @escaping @Sendable (String) -> Void
  ) throws(JournalError) {
    self.bytesMax = bytesMax
    self.waitingBytesMax = waitingBytesMax
    let core = try JournalCore(
      folder: folder, bytesMax: bytesMax, threads: threads, calls, quietPeriod: quietPeriod)
    self.core = core
    earlier = EarlierRuns(in: folder, segments: core.found)
    do {
      thread = Lock(try JoinableThread(name: "roost-journal") { core.run(report) })
    } catch {
      throw .system(error, path: folder)
    }
  }

  deinit { stop(deadline: .now) }

  /// Why nothing can be taken now; `nil` when a request may come.
  package var obstacle: String? {
    core.state.withLock { state in
      if let failure = state.failure { return failure }
      if state.bytes >= bytesMax { return "\(folder) holds \(state.bytes) bytes that are still needed" }
      return state.waiting.byteCount >= waitingBytesMax ? "the disk is slower than what comes" : nil
    }
  }

  /// Hands a request over; never blocks. Requests of one lane are to be handed over one after the other.
  /// - Parameters:
  ///   - lane: which thread took it, from 0 on.
  ///   - statisticsUntilNs: its spans count in no statistics that begin later, in ns since 1970.
  ///   - isLast: nobody is there who could hand over another one now.
  ///   - waiter: called once on the journal's thread: whether the request is on disk.
  package func add(
    lane: Int, receivedNs: Int64, statisticsUntilNs: Int64, description: [UInt8], body: UnsafeRawBufferPointer,
    isLast: Bool = false, waiter: @escaping @Sendable (Bool) -> Void
  ) {
    let head = JournalHead(
      .request, lane: lane, sequence: 0, receivedNs: receivedNs, statisticsUntilNs: statisticsUntilNs,
      descriptionBytes: description.count, bodyBytes: body.count,
      restChecksum: description.withUnsafeBytes { JournalChecksum.of($0, body) })
    let large = body.count >= Self.largeBytes ? Array(body) : nil
    let hasToWake = core.state.withLock {
      $0.add(head, description: description, body: body, large: large, isLast: isLast, waiter: waiter)
    }
    if hasToWake { core.wake.wake() }
  }

  /// Has `body` called on the journal's thread whenever all requests of a write have been told how it went.
  package func afterEachWrite(_ body: @escaping @Sendable () -> Void) { core.afterWrite.withLock { $0 = body } }

  /// Begins a cover: what will leave with all requests of a thread that were handed over until now.
  /// - Returns: its number for `finish`.
  package func cover(lane: Int) -> UInt64 {
    core.state.withLock { $0.begin(lane: lane, upTo: $0.lastSequence(of: lane)) }
  }

  /// Begins the cover of all statistics that begin at a time or before it.
  package func coverStatistics(untilNs: Int64) -> UInt64 {
    core.state.withLock { $0.begin(lane: $0.statisticsLane, upTo: UInt64(clamping: untilNs)) }
  }

  /// No statistics of requests so far begin later than a time: for where the clock was set back, and what was ahead of it has
  /// left.
  package func limitStatistics(untilNs: Int64) { core.state.withLock { $0.limitStatistics(untilNs: untilNs) } }

  /// What a cover stands for has left, or is safe elsewhere.
  package func finish(_ cover: UInt64) {
    if core.state.withLock({ $0.finish(cover) }) { core.wake.wake() }
  }

  /// What it has done so far.
  package var counters: JournalCounters { core.state.withLock { $0.counters } }

  /// Bytes of requests that are still needed.
  package var bytes: Int { core.state.withLock { $0.bytes } }

  /// Writes what waits, removes what nobody needs any more, and ends the thread. Called again, it does nothing.
  package func stop(deadline: ContinuousClock.Instant) {
    guard let running = thread.withLock({ $0.take() }) else { return }
    core.state.withLock { $0.isStopping = true }
    core.wake.wake()
    // A disk that hangs must not keep the agent from ending.
    core.ended.waitUntilWoken(atMost: max(.zero, deadline - .now)) ? running.join() : running.detach()
  }
}
