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

  /// Where the journal is, below the folder for payloads that wait.
  static func folder(spool: String) -> String { "\(spool)/accepted" }

  /// Opens what is configured or left.
  /// - Parameters:
  ///   - forwarder: without one there is nothing that could be lost.
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
      let journal = try Journal(folder: folder, bytesMax: configuration.spoolBytesMax, threads: threads) {
        log.error($0)
      }
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
  init(_ opened: (requests: RequestJournal?, journal: Journal), _ replay: JournalReplay) {
    requests = opened.requests
    journal = opened.journal
    self.replay = opened.journal.earlier.isEmpty ? nil : replay
    // Without a thread it is left for the next agent.
    thread = Lock(self.replay == nil ? nil : try? JoinableThread(name: "roost-replay") { replay.run() })
  }

  /// To be called before the forwarder stops, which is waited for.
  func beginStop() { replay?.stop() }

  /// To be called when the forwarder has stopped: what it has sent, or left on disk, needs no journal any more.
  func stop(deadline: ContinuousClock.Instant) {
    replay?.stop()
    thread.withLock { $0.take() }?.join()
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
    summary.damagedRecords = UInt64(clamping: replayed.damaged)
    return summary
  }
}
