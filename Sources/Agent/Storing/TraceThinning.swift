import TraceModel

/// Decides which traces are stored, where more come than the store is to take.
///
/// Half of the budget is for whatever comes: all of it while that suffices, else a share of the traces by their ids, so
/// that all parts of a trace are taken or none. The other half is for what people look for: in each second a few traces of
/// each resource, a few that failed, and what took longer than all of that resource before. Such a trace may lack parts.
struct TraceThinning: ~Copyable, Sendable {
  /// What of a chunk decides.
  struct Candidate {
    var traceID: UInt64
    var spans: Int
    var durationNs: Int64
  }

  /// What is found out of a chunk only when there is too much.
  struct Details {
    /// Hash of what its root is of: service, operation and resource; no client can foresee it.
    var resource: UInt64
    var hasError: Bool
  }

  /// Traces of a resource in a second that are taken whatever they are, and failed ones.
  private static let firstOfResource: UInt16 = 2
  private static let errorsOfResource: UInt16 = 5
  /// Resources that are told apart; of two that meet in a place the newer one begins anew.
  private static let places = 1_024

  private let ordinaryPerSecond: Int
  private let specialPerSecond: Int
  private var second: Int64 = .min
  /// Spans that came in this second and in the one before.
  private var came = 0
  private var cameBefore = 0
  private var ordinaryTaken = 0
  private var specialTaken = 0
  private var thinned = ThinnedMinutes()
  /// Made when there first is too much.
  private var resources = GrowableBuffer<Resource>()

  private struct Resource: BitwiseCopyable {
    var hash: UInt64 = 0
    var second: Int64 = .min
    var slowestNs: Int64 = 0
    /// Of the second before, and of those long ago half as much a second.
    var slowestBeforeNs: Int64 = 0
    var taken: UInt16 = 0
    var errorsTaken: UInt16 = 0

    mutating func begin(_ now: Int64) {
      let before = max(slowestNs, slowestBeforeNs / 2)
      slowestBeforeNs = second == now &- 1 ? before : before / 2
      slowestNs = 0
      taken = 0
      errorsTaken = 0
      second = now
    }
  }

  /// - Parameter spansPerSecond: taken at most over a second.
  init(spansPerSecond: Int) {
    let budget = max(2, spansPerSecond)
    ordinaryPerSecond = budget / 2
    specialPerSecond = budget - budget / 2
  }

  /// Whether to keep a chunk. `details` is called only when there is too much.
  mutating func takes(_ candidate: Candidate, second now: Int64, details: () -> Details) -> Bool {
    // Threads take the time before they take turns, so that a second may come again; a clock that was set back is more.
    if now > second || now < second &- 2 { begin(now) }
    came += candidate.spans
    let expected = max(came, cameBefore)
    if expected <= ordinaryPerSecond { return takeOrdinary(candidate) }
    let isInShare = Self.position(candidate.traceID) * Double(expected) < Double(ordinaryPerSecond)
    if isInShare, ordinaryTaken < ordinaryPerSecond { return takeOrdinary(candidate) }
    guard specialTaken < specialPerSecond, isSpecial(candidate, details()) else {
      thinned.add(second: now)
      return false
    }
    specialTaken += candidate.spans
    return true
  }

  /// Chunks that were not kept, of the last day; nanoseconds since 1970.
  func thinnedTraces(sinceNs: Int64?, untilNs: Int64?) -> UInt64 { thinned.count(sinceNs: sinceNs, untilNs: untilNs) }

  private mutating func takeOrdinary(_ candidate: Candidate) -> Bool {
    ordinaryTaken += candidate.spans
    return true
  }

  private mutating func begin(_ now: Int64) {
    cameBefore = now == second &+ 1 ? came : 0
    came = 0
    ordinaryTaken = 0
    specialTaken = 0
    second = now
  }

  private mutating func isSpecial(_ candidate: Candidate, _ details: Details) -> Bool {
    if resources.isEmpty { resources.append(repeating: Resource(), count: Self.places) }
    let place = Int(truncatingIfNeeded: details.resource >> 54)
    var seen = resources[place]
    if seen.hash != details.resource { seen = Resource(hash: details.resource) }
    if seen.second != second { seen.begin(second) }
    defer { resources[place] = seen }
    let isSlowest = candidate.durationNs > max(seen.slowestNs, seen.slowestBeforeNs)
    seen.slowestNs = max(seen.slowestNs, candidate.durationNs)
    if details.hasError, seen.errorsTaken < Self.errorsOfResource {
      seen.errorsTaken += 1
      return true
    }
    if seen.taken < Self.firstOfResource {
      seen.taken += 1
      return true
    }
    return isSlowest
  }

  /// Where an id lies between 0 and 1. The factor is none of those that sampling by id uses, whose choice would else be the
  /// same.
  private static func position(_ id: UInt64) -> Double {
    Double((id &* 0x9E37_79B9_7F4A_7C15) >> 11) * 0x1p-53
  }
}
