import Synchronization

/// The memory that the agent may take, as a limit that holds within a request too: what a payload makes it take is
/// claimed piece by piece before it is taken.
///
/// What is claimed counts once more when it is resident. That covers the moment in which an array grows, where the old
/// one and the new one are both there.
public final class MemoryLimit: Sendable {
  private let bytesMax: Int
  private let resident: @Sendable () -> Int
  private let giveBack: @Sendable () -> Void
  private let canTake: (@Sendable (Int) -> Bool)?
  private let claimed = Atomic<Int>(0)
  /// Bytes that payloads may still take which cannot be refused any more, of all threads.
  private let reserved = Atomic<Int>(0)
  /// Giving back looks at the whole heap: within requests once between two looks of `isExceeded`.
  private let mayGiveBack = Atomic<Bool>(true)

  /// - Parameters:
  ///   - bytesMax: resident at most; 0 is no limit.
  ///   - resident: bytes that are resident now. Called for each piece of a large payload.
  ///   - giveBack: gives unused memory back to the system; called before anything is refused.
  ///   - canTake: whether the system would give so many bytes more; `nil` where it sets this process no limit.
  public init(
    bytesMax: Int, resident: @escaping @Sendable () -> Int, giveBack: @escaping @Sendable () -> Void,
    canTake: (@Sendable (Int) -> Bool)? = nil
  ) {
    self.bytesMax = bytesMax > 0 ? bytesMax : .max
    self.resident = resident
    self.giveBack = giveBack
    self.canTake = canTake
  }

  /// Whether there is a limit at all.
  public var isLimited: Bool { bytesMax < .max }

  /// Whether more is resident than may be, also after unused memory was given back.
  public func isExceeded() -> Bool {
    guard isLimited else { return false }
    mayGiveBack.store(true, ordering: .relaxed)
    guard resident() > bytesMax else { return false }
    giveBack()
    return resident() > bytesMax
  }

  /// Whether the system would give so many bytes more, beside those reserved.
  private func isThere(_ bytes: Int) -> Bool {
    guard let canTake else { return true }
    return canTake(bytes &+ reserved.load(ordering: .relaxed))
  }

  /// Reserves so many bytes of what the system gives; false, and nothing is reserved, when it would not give them.
  func reserve(_ bytes: Int) -> Bool {
    guard let canTake else { return true }
    if canTake(reserved.add(bytes, ordering: .relaxed).newValue) { return true }
    endReservation(bytes)
    return false
  }

  func endReservation(_ bytes: Int) {
    if canTake != nil { reserved.subtract(bytes, ordering: .relaxed) }
  }

  /// Claims so many bytes; false, and nothing is claimed, when there is no memory for them.
  func claim(_ bytes: Int) -> Bool {
    guard isThere(bytes) else { return false }
    guard isLimited else { return true }
    let all = claimed.add(bytes, ordering: .relaxed).newValue
    if resident() <= bytesMax &- all { return true }
    if mayGiveBack.exchange(false, ordering: .relaxed) {
      giveBack()
      if resident() <= bytesMax &- all { return true }
    }
    release(bytes)
    return false
  }

  func release(_ bytes: Int) {
    if isLimited { claimed.subtract(bytes, ordering: .relaxed) }
  }
}

/// What the payload at hand has claimed, of one receiving thread. Used by one thread at a time.
public final class MemoryClaim: @unchecked Sendable {
  /// A payload's first bytes are not claimed: most need no more, and looking at the memory costs some microseconds.
  public static let unclaimedBytes = 1 << 20

  private let limit: MemoryLimit
  private var bytes = 0
  private var reservedBytes = 0

  /// Bytes of the claim so far.
  public var claimedBytes: Int { bytes }

  /// A claim on what a limit allows.
  public init(_ limit: MemoryLimit) { self.limit = limit }

  /// Claims so many bytes more; false when there is no memory for them.
  public func add(_ more: Int) -> Bool {
    guard limit.claim(more) else { return false }
    bytes += more
    return true
  }

  /// Reserves what the system has to give until the payload is done with, for what cannot be refused once it has begun;
  /// false when it would not give so much.
  public func reserve(_ more: Int) -> Bool {
    guard limit.reserve(more) else { return false }
    reservedBytes += more
    return true
  }

  /// Ends the claim: the payload is done with.
  public func release() {
    if reservedBytes > 0 {
      limit.endReservation(reservedBytes)
      reservedBytes = 0
    }
    guard bytes > 0 else { return }
    limit.release(bytes)
    bytes = 0
  }
}
