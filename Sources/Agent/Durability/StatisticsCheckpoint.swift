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
  /// Written in a second at most. Where more changes, groups are written in turn, each with all that it has counted by then.
  static let bytesPerSecondMax = 1 << 20
  /// A bucket's file is there while it counts and until it has left: less than this many times its size.
  private static let bucketsOnDisk = 4
  /// From one look at what has changed to the next: what was counted is to be on disk after a second, and the looks and the
  /// writing take some of that.
  private static let lookPeriod = Duration.milliseconds(900)
  /// Until the next look where the disk was behind.
  private static let behindPeriod = Duration.milliseconds(100)
  /// Nothing is written for so long when the disk has failed.
  private static let failurePause = Duration.seconds(10)

  private struct State: Sendable {
    var tracker = OpenBucketTracker()
    /// From then on what has changed may be written.
    var due: ContinuousClock.Instant
  }

  private let checkpoints: Checkpoints
  private let receipts: PayloadReceipts
  private let isWriting: Bool
  private let bytesPerLook: Int
  private let state: Lock<State>

  /// - Parameters:
  ///   - folder: for its files only.
  ///   - bytesMax: of all files. So much is written in a second that they do not come to more.
  ///   - build: what wrote them: the keys of groups mean nothing to another build.
  ///   - bucketSize: how long a bucket is. What was counted into shorter or longer ones cannot be sent as these.
  ///   - peerTags: the attributes that keys of groups have by their number in this list.
  ///   - isWriting: false where requests are on disk before they are answered, and statistics with them. What an earlier agent
  ///     has left is sent all the same.
  init(
    folder: String, bytesMax: Int, build: BuildIdentity, bucketSize: Duration, peerTags: [String],
    isWriting: Bool = true, receipts: PayloadReceipts, log: Log
  ) {
    self.receipts = receipts
    self.isWriting = isWriting
    state = Lock(State(due: .now))
    let seconds = max(Int(clamping: bucketSize.components.seconds), 1)
    // Looks are nine tenths of a second apart.
    bytesPerLook = min(Self.bytesPerSecondMax, bytesMax / Self.bucketsOnDisk / seconds) * 9 / 10
    let identity = "\(build.version) \(build.commit) \(bucketSize.nanoseconds) \(PeerTags.hash(peerTags))"
    checkpoints = Checkpoints(folder: folder, bytesMax: bytesMax, identity: identity) {
      log.warn(
        kind: "open statistics",
        "statistics that have not left yet are in memory only, where a sudden end of the agent would lose them: \($0)")
    }
  }

  /// As configured; `nil` where there is no place for it, or no intake.
  convenience init?(
    _ configuration: AgentConfiguration, spoolFolder: String?, hasOutputs: Bool, build: BuildIdentity,
    peerTags: [String], receipts: PayloadReceipts, log: Log
  ) {
    guard let spoolFolder, hasOutputs else { return nil }
    self.init(
      folder: "\(spoolFolder)/statistics", bytesMax: configuration.spoolBytesMax / 8, build: build,
      bucketSize: configuration.bucketSize, peerTags: peerTags, isWriting: configuration.durability != .strict,
      receipts: receipts, log: log)
  }

  /// Whether something is being written.
  var isBusy: Bool { checkpoints.isBusy }

  /// When `write` is to be called next while something comes; `nil` where it does nothing.
  var due: ContinuousClock.Instant? { isWriting ? state.withLock(\.due) : nil }

  /// Writes what has changed. To be called when it is due.
  /// - Parameter openBuckets: of one receiving thread; `nil` for one that is busy.
  func write(now: ContinuousClock.Instant = .now, threads: Int, _ openBuckets: (Int) -> [StatsBucket]?) {
    guard isWriting else { return }
    state.withLock { state in
      // A disk that is behind gets nothing more.
      if checkpoints.isBusy {
        state.due = now + Self.behindPeriod
        return
      }
      if checkpoints.takeFailure() {
        state.tracker.findAllAgain()
        state.due = now + Self.failurePause
        return
      }
      state.due = now + Self.lookPeriod
      for change in state.tracker.changes(threads: threads, bytesMax: bytesPerLook, openBuckets) {
        checkpoints.append(change.records, to: change.file, startNs: change.startNs)
      }
    }
  }

  /// Buckets have closed, and are about to become payloads. `nil` where nothing is written.
  func close(_ places: [BucketPlace]) -> Closing? {
    guard isWriting, !places.isEmpty else { return nil }
    let files = state.withLock { $0.tracker.close(places) }
    return Closing { [checkpoints] in checkpoints.remove(files) }
  }

  /// Has the closing told when a payload with some of its buckets is safe.
  func cover(_ payload: inout OutgoingPayload, by closing: Closing) {
    closing.add()
    payload.receipt = receipts.make { closing.end() }
  }

  /// Has payloads made of what earlier agents have left, on a thread of its own.
  /// - Parameter send: makes payloads of buckets, each covered by the closing.
  func recover(
    _ accounting: DeliveryAccounting, log: Log, _ send: @escaping @Sendable ([StatsBucket], Closing) -> Void
  ) {
    checkpoints.recover { [checkpoints] left in
      var buckets: [StatsBucket] = []
      var unusable: [Unusable: Int] = [:]
      var read: [Checkpoints.Left] = []
      for one in left {
        var restoration = BucketRestoration()
        do throws(JournalError) {
          var areSound = true
          let found = try one.forEachChange { areSound = restoration.add($0) && areSound }
          if found.isForeign { unusable[.foreign, default: 0] += 1 }
          if found.isDamaged || !areSound { unusable[.damaged, default: 0] += 1 }
          if let startNs = found.startNs { buckets.append(restoration.bucket(startNs: startNs)) }
          read.append(one)
        } catch {
          log.error("statistics that an earlier agent had not sent stay there for the next one: \(error)")
        }
      }
      for (reason, files) in unusable {
        log.warn("statistics in \(files) files that an earlier agent had not sent are lost: \(reason.words)")
        for _ in 0..<files { accounting.recordUnusable(reason) }
      }
      let done = read
      let closing = Closing { checkpoints.remove(done) }
      if !buckets.isEmpty {
        let hits = buckets.reduce(0) { $0 + $1.groups.reduce(0) { $0 + $1.hits } }
        log.info("sent on what an earlier agent had counted and not sent: statistics of \(UInt64(nearest: hits)) hits")
        send(buckets, closing)
      }
      closing.end()
    }
  }

  /// To be called when the forwarder has stopped: what has not left by then is a later agent's.
  func stop(deadline: ContinuousClock.Instant) { checkpoints.stop(deadline: deadline) }
}

extension StatisticsCheckpoint {
  /// Why what an earlier agent has left cannot be sent.
  enum Unusable: String, CaseIterable {
    case foreign = "other_build"
    case damaged = "damaged"

    fileprivate var words: String {
      switch self {
      case .foreign: "it was another version of roost, or had another bucket_size_seconds or other peer_tags"
      case .damaged: "they are damaged"
      }
    }
  }

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
