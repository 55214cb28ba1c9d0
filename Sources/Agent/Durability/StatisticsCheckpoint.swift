import Compression
import Configuration
import Exporting
import Journal
import Platform
import Statistics
import Synchronization

/// Keeps what open buckets have counted for an intake on disk, a second old at most, so that an agent that ends suddenly loses
/// the last second of statistics and not the last twenty; and sends what an earlier agent has left.
///
/// Looked after by the main thread; what is read, written and removed is so on a thread of `Checkpoints`.
final class StatisticsCheckpoint: Sendable {
  /// Written in a second on average. Where more has changed it is looked at less often.
  static let bytesPerSecond = 1 << 20
  /// Nothing is written for so long when the disk has failed.
  private static let failurePause = Duration.seconds(10)

  private struct State: Sendable {
    var tracker = OpenBucketTracker()
    var pausedUntil: ContinuousClock.Instant?
  }

  private let checkpoints: Checkpoints
  private let receipts: PayloadReceipts
  private let isWriting: Bool
  private let state = Lock(State())

  /// - Parameters:
  ///   - folder: for its files only.
  ///   - build: what wrote them: the keys of groups mean nothing to another build.
  ///   - isWriting: false where requests are on disk before they are answered, and statistics with them. What an earlier agent
  ///     has left is sent all the same.
  init(
    folder: String, bytesMax: Int, build: BuildIdentity, isWriting: Bool = true, receipts: PayloadReceipts, log: Log
  ) {
    self.receipts = receipts
    self.isWriting = isWriting
    checkpoints = Checkpoints(folder: folder, bytesMax: bytesMax, identity: "\(build.version) \(build.commit)") {
      log.warn("statistics of the last 20 s are in memory only, where a sudden end of the agent would lose them: \($0)")
    }
  }

  /// As configured; `nil` where there is no place for it, or no intake.
  convenience init?(
    _ configuration: AgentConfiguration, spoolFolder: String?, hasOutputs: Bool, build: BuildIdentity,
    receipts: PayloadReceipts, log: Log
  ) {
    guard let spoolFolder, hasOutputs else { return nil }
    self.init(
      folder: "\(spoolFolder)/statistics", bytesMax: configuration.spoolBytesMax / 8, build: build,
      isWriting: configuration.durability != .strict, receipts: receipts, log: log)
  }

  /// Writes what has changed. To be called once a second while something comes.
  /// - Parameter openBuckets: of each receiving thread; `nil` for one that is busy.
  func write(now: ContinuousClock.Instant = .now, _ openBuckets: () -> [[StatsBucket]?]) {
    // A disk that is behind gets nothing more.
    guard isWriting, !checkpoints.isBusy else { return }
    state.withLock { state in
      if checkpoints.takeFailure() {
        state.tracker.findAllAgain()
        state.pausedUntil = now + Self.failurePause
      }
      if let pausedUntil = state.pausedUntil, now < pausedUntil { return }
      let changes = state.tracker.changes(openBuckets())
      for change in changes { checkpoints.append(change.records, to: change.file, startNs: change.startNs) }
      let bytes = changes.reduce(0) { $0 + $1.records.count }
      // Less than a second is the time until the next call.
      state.pausedUntil = bytes > Self.bytesPerSecond ? now + .seconds(bytes / Self.bytesPerSecond) : nil
    }
  }

  /// Buckets have closed, and are about to become payloads. `nil` where nothing of them is on disk.
  func close(_ buckets: [StatsBucket]) -> Closing? {
    guard isWriting else { return nil }
    let files = state.withLock { $0.tracker.close(Set(buckets.map(\.startNs))) }
    return Closing { [checkpoints] in checkpoints.remove(files) }
  }

  /// Has the closing told when a payload with some of its buckets is safe.
  func cover(_ payload: inout OutgoingPayload, by closing: Closing) {
    closing.add()
    payload.receipt = receipts.make { closing.end() }
  }

  /// Has payloads made of what earlier agents have left, on a thread of its own.
  /// - Parameter send: makes payloads of buckets, each covered by the closing.
  func recover(log: Log, _ send: @escaping @Sendable ([StatsBucket], Closing) -> Void) {
    checkpoints.recover { [checkpoints] left in
      var buckets: [StatsBucket] = []
      var isWhole = true
      var read: [Checkpoints.Left] = []
      for one in left {
        var restoration = BucketRestoration()
        do throws(JournalError) {
          let (startNs, isForeign) = try one.forEachChange { isWhole = restoration.add($0) && isWhole }
          if isForeign { isWhole = false }
          if let startNs { buckets.append(restoration.bucket(startNs: startNs)) }
          read.append(one)
        } catch {
          log.error("statistics that an earlier agent had not sent stay there for the next one: \(error)")
        }
      }
      if !isWhole {
        log.warn(
          "some statistics that an earlier agent had not sent are lost: another version of roost has counted them")
      }
      let done = read
      let closing = Closing { checkpoints.remove(done) }
      if !buckets.isEmpty {
        let hits = buckets.reduce(0) { $0 + $1.groups.reduce(0) { $0 + $1.hits } }
        log.info("sent on what an earlier agent had counted and not sent: statistics of \(Int(hits.rounded())) hits")
        send(buckets, closing)
      }
      closing.end()
    }
  }

  /// To be called when the forwarder has stopped: what has not left by then is a later agent's.
  func stop(deadline: ContinuousClock.Instant) { checkpoints.stop(deadline: deadline) }
}

extension StatisticsCheckpoint {
  /// Buckets on their way to the intake: when all of their payloads are safe, their files go.
  final class Closing: Sendable {
    private let onSafe: @Sendable () -> Void
    /// Payloads that are not safe yet, and one as long as there may be more.
    private let open = Atomic<Int>(1)

    fileprivate init(onSafe: @escaping @Sendable () -> Void) { self.onSafe = onSafe }

    /// There is one more payload.
    fileprivate func add() { open.add(1, ordering: .relaxed) }

    /// A payload is safe, or there are no more.
    func end() {
      if open.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { onSafe() }
    }
  }
}
