import Configuration
import Control
import Exporting
import Journal
import Platform

/// What sees to it that answered requests survive the agent's sudden end: the journal of this agent, and what earlier ones
/// have left in theirs.
final class Durability: Sendable {
  /// `nil` where requests are answered without being written.
  let requests: RequestJournal?
  private let journal: Journal
  private let replay: JournalReplay?
  private let thread: Lock<JoinableThread?>
  /// Woken when the replay has ended.
  private let replayed: WakePipe?

  /// Where the journal is, below the folder for payloads that wait.
  static func folder(spool: String) -> String { "\(spool)/accepted" }

  /// Whether what waits for an intake has to survive a loss of power: the journal lets go of requests for it.
  static func needsDurableSpool(_ configuration: AgentConfiguration, _ spoolFolder: String) -> Bool {
    configuration.durability == .strict || Journal.hasReadable(in: folder(spool: spoolFolder))
  }

  /// Opens what is configured or left.
  /// - Parameters:
  ///   - forwarder: `nil` where nothing is forwarded, so that nothing can be lost.
  ///   - spoolFolder: `nil` where nothing waits on disk.
  /// - Returns: `nil` when requests are not to be written, and none were left.
  static func open(
    _ configuration: AgentConfiguration, forwarder: Forwarder?, spoolFolder: String?, threads: Int,
    receipts: PayloadReceipts, log: Log
  ) throws(AgentStartError) -> (requests: RequestJournal?, journal: Journal)? {
    let isStrict = configuration.durability == .strict
    guard forwarder != nil, let spoolFolder else {
      if isStrict { log.warn(StartWarnings.withoutDurability(hasIntake: forwarder != nil)) }
      return nil
    }
    let folder = Self.folder(spool: spoolFolder)
    guard isStrict || Journal.isLeft(in: folder) else { return nil }
    do throws(JournalError) {
      let memory = configuration.maxMemoryBytes > 0 ? configuration.maxMemoryBytes / 8 : .max
      let journal = try Journal(
        folder: folder, bytesMax: configuration.spoolBytesMax,
        waitingBytesMax: min(memory, Journal.waitingBytesMax), threads: threads, report: { log.error($0) })
      let requests = RequestJournal(
        journal, receipts: receipts, bucketSizeNs: configuration.bucketSize.nanoseconds)
      return (isStrict ? requests : nil, journal)
    } catch {
      // Requests must not be answered as if they were safe.
      guard !isStrict else { throw .journal(error) }
      log.warn("what an earlier agent had answered and not sent stays where it is: \(error)")
      return nil
    }
  }

  /// Begins to take over what earlier agents have left.
  /// - Parameter replay: makes what does it; called only where something is left.
  init(_ opened: (requests: RequestJournal?, journal: Journal), _ replay: () -> JournalReplay) {
    requests = opened.requests
    journal = opened.journal
    // Without a thread, or a pipe for its end, it is left for the next agent.
    replayed = opened.journal.earlier.isEmpty ? nil : try? WakePipe()
    guard let replayed else {
      self.replay = nil
      thread = Lock(nil)
      return
    }
    let replay = replay()
    self.replay = replay
    thread = Lock(
      try? JoinableThread(name: "roost-replay") {
        replay.run()
        replayed.wake()
      })
  }

  /// To be called before the forwarder stops, which is waited for.
  func beginStop() { replay?.stop() }

  /// To be called when the forwarder has stopped: what it has sent, or left on disk, needs no journal any more.
  func stop(deadline: ContinuousClock.Instant) {
    replay?.stop()
    if let running = thread.withLock({ $0.take() }), let replayed {
      // A disk that hangs must not keep the agent from ending.
      replayed.waitUntilWoken(atMost: max(.zero, deadline - .now)) ? running.join() : running.detach()
    }
    journal.stop(deadline: deadline)
  }

  /// What commands are told of journal and replay.
  var summary: DurabilitySummary {
    let replayed = replay?.counts ?? JournalReplay.Counts()
    let counters = journal.counters
    var summary = DurabilitySummary(path: journal.folder, isStrict: requests != nil)
    summary.requests = UInt64(clamping: counters.requests)
    summary.commits = UInt64(clamping: counters.commits)
    summary.unconfirmed = UInt64(clamping: counters.unconfirmed)
    summary.bytes = UInt64(clamping: journal.bytes)
    summary.failure = requests == nil ? nil : journal.obstacle
    summary.recoveredRequests = UInt64(clamping: replayed.requests)
    summary.recovered = TraceCounts(
      traces: UInt64(clamping: replayed.kept.traces), spans: UInt64(clamping: replayed.kept.spans))
    summary.damagedRecords = UInt64(clamping: replayed.damaged + replayed.unread)
    return summary
  }
}
