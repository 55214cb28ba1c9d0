import CMicroHTTPD
import Platform
import Synchronization

/// What bodies that are arriving may take up together, over all workers, and who waits for a part of it.
///
/// A body of known length gets all that it needs before it is read: of bodies that each hold a part, all could wait for
/// the others. One without room stays unread, so that TCP holds its client, and is refused when nothing became free for
/// somewhat longer than a request may take. Large bodies leave a part to small ones, which never wait behind them.
final class BodyCapacity: Sendable {
  /// A body above this is a large one: what tracers send by themselves is less.
  static let smallBytesMax = 1 << 20
  /// Requests that may wait at a time. Each holds a connection that does not give way.
  private static let waitingMax = 256

  /// What came of asking for room.
  enum Admission {
    case granted
    /// The connection is suspended; the worker is called again when there is an outcome.
    case waiting(CapacityWait)
    case refused
  }

  private struct Contents: Sendable {
    var waiting: [CapacityWait] = []
    var isClosed = false
  }

  private let limit: Int
  private let largeLimit: Int
  private let waitMs: UInt64
  private let taken = Atomic<Int>(0)
  private let takenByLarge = Atomic<Int>(0)
  private let waitingCount = Atomic<Int>(0)
  private let contents = Lock(Contents())

  init(_ configuration: ReceiverConfiguration) {
    let bodyBytesMax = max(configuration.maxPayloadBytes, BodyBuffer.bytesMin)
    limit = max(configuration.bodyBytesInFlightMax, bodyBytesMax)
    largeLimit = max(limit / 8 * 7, bodyBytesMax)
    let requestMs = UInt64(clamping: configuration.requestTimeout.milliseconds)
    // Whoever has the room and sends nothing is cut off before those give up that wait for it.
    let sweepsMs = 2 * ConnectionDeadlines.sweepIntervalMs(forLimit: requestMs)
    waitMs = requestMs.addingReportingOverflow(sweepsMs).partialValue
  }

  /// Bytes of memory that are set aside now.
  var bytesTaken: Int { taken.value }

  /// Sets `bytes` more aside for a body that then has `total`, or has the connection wait for that. On its worker's
  /// thread, from its handler.
  func admit(_ bytes: Int, total: Int, for connection: Connection) -> Admission {
    let isLarge = total > Self.smallBytesMax
    // A large one queues behind those that wait already.
    if !isLarge || waitingCount.load(ordering: .relaxed) == 0, take(bytes, isLarge: isLarge) {
      connection.reservation.add(bytes, isLarge: isLarge)
      return .granted
    }
    let nowMs = SystemCalls.monotonicMs()
    return contents.withLock { contents in
      guard !contents.isClosed, contents.waiting.count < Self.waitingMax else { return .refused }
      let wait = CapacityWait(
        bytes: bytes, isLarge: isLarge, handle: SuspendedConnection(connection),
        deadlineMs: nowMs.addingReportingOverflow(waitMs).partialValue)
      contents.waiting.append(wait)
      MHD_suspend_connection(connection.handle)
      waitingCount.add(1, ordering: .sequentiallyConsistent)
      // Something may have become free between the look and the count.
      grant(&contents)
      return .waiting(wait)
    }
  }

  /// Sets `bytes` more aside for a body that then has `total`, of whoever does not wait for room.
  /// - Returns: false when there is none, or others wait for it.
  func admitAtOnce(_ bytes: Int, total: Int, _ reservation: inout BodyReservation) -> Bool {
    let isLarge = total > Self.smallBytesMax
    guard !isLarge || waitingCount.load(ordering: .relaxed) == 0, take(bytes, isLarge: isLarge) else { return false }
    reservation.add(bytes, isLarge: isLarge)
    return true
  }

  /// Gives back what a body had, which may let others in.
  func release(_ reservation: BodyReservation) {
    guard reservation.bytes > 0 else { return }
    if reservation.large > 0 { takenByLarge.subtract(reservation.large, ordering: .sequentiallyConsistent) }
    taken.subtract(reservation.bytes, ordering: .sequentiallyConsistent)
    guard waitingCount.load(ordering: .sequentiallyConsistent) > 0 else { return }
    contents.withLock { grant(&$0) }
  }

  /// Refuses whoever has waited for too long. Called by the acceptor; O(waiting).
  func sweep(nowMs: UInt64) {
    guard waitingCount.load(ordering: .relaxed) > 0 else { return }
    contents.withLock { contents in
      contents.waiting.removeAll { wait in
        guard nowMs >= wait.deadlineMs else { return false }
        end(wait, .refused)
        return true
      }
      grant(&contents)
    }
  }

  /// Ends all waits and admits nobody who would have to wait. When this returns, no connection is suspended for want of
  /// room and none will be.
  func close() {
    contents.withLock { contents in
      contents.isClosed = true
      for wait in contents.waiting { end(wait, .stopping) }
      contents.waiting = []
    }
  }

  /// Lets in who can be, in the order in which they came; small ones may overtake large ones.
  private func grant(_ contents: inout sending Contents) {
    var isLargeBlocked = false
    contents.waiting.removeAll { wait in
      if wait.isLarge && isLargeBlocked { return false }
      guard take(wait.bytes, isLarge: wait.isLarge) else {
        if wait.isLarge { isLargeBlocked = true }
        return false
      }
      end(wait, .granted)
      return true
    }
  }

  private func end(_ wait: CapacityWait, _ outcome: CapacityWait.Outcome) {
    waitingCount.subtract(1, ordering: .sequentiallyConsistent)
    wait.state.store(outcome.rawValue, ordering: .releasing)
    // Within the lock: whoever sees that nobody waits may stop libmicrohttpd, which must have heard of it.
    MHD_resume_connection(wait.handle.handle)
  }

  /// Two that want the last bytes at once may both be refused, never both served.
  private func take(_ bytes: Int, isLarge: Bool) -> Bool {
    if isLarge, takenByLarge.add(bytes, ordering: .sequentiallyConsistent).newValue > largeLimit {
      takenByLarge.subtract(bytes, ordering: .sequentiallyConsistent)
      return false
    }
    if taken.add(bytes, ordering: .sequentiallyConsistent).newValue <= limit { return true }
    taken.subtract(bytes, ordering: .sequentiallyConsistent)
    if isLarge { takenByLarge.subtract(bytes, ordering: .sequentiallyConsistent) }
    return false
  }
}

/// What is set aside for the body of one request.
struct BodyReservation {
  private(set) var bytes = 0
  /// As much of `bytes` as counts as that of a large body.
  private(set) var large = 0

  mutating func add(_ more: Int, isLarge: Bool) {
    bytes += more
    if isLarge { large += more }
  }
}

/// One request that waits for room for its body.
final class CapacityWait: Sendable {
  enum Outcome: UInt8 {
    case none
    /// What it asked for is set aside.
    case granted
    case refused
    /// The server stops, and nothing new is admitted.
    case stopping
  }

  let bytes: Int
  let isLarge: Bool
  let handle: SuspendedConnection
  /// When it is refused, on the monotonic clock.
  let deadlineMs: UInt64
  /// The raw value of its `Outcome` so far.
  fileprivate let state = Atomic<UInt8>(Outcome.none.rawValue)

  init(bytes: Int, isLarge: Bool, handle: SuspendedConnection, deadlineMs: UInt64) {
    self.bytes = bytes
    self.isLarge = isLarge
    self.handle = handle
    self.deadlineMs = deadlineMs
  }

  var outcome: Outcome { Outcome(rawValue: state.load(ordering: .acquiring)) ?? .none }
}
