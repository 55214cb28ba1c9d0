import TraceModel

/// Decides which traces are stored, where more come than the store is to take: more spans or more bytes in a second, or
/// more bytes at once than it still has place for.
///
/// Half of the budget is for whatever comes: all of it while that suffices, else a share of the traces by their ids, so
/// that all parts of a trace are taken or none. The other half is for what people look for: in each second a few traces of
/// each resource, a few that failed, and what took longer than all of that resource before. Such a trace may lack parts.
struct TraceThinning: ~Copyable, Sendable {
  /// What comes, or is taken.
  struct Load: BitwiseCopyable {
    var spans = 0
    /// As they are encoded, about.
    var bytes = 0

    /// The larger number of spans, and the larger number of bytes.
    fileprivate func most(_ other: Load) -> Load {
      Load(spans: max(spans, other.spans), bytes: max(bytes, other.bytes))
    }

    /// Which part of it, from 0 to 1, makes no more than some other load.
    fileprivate func share(within budget: Load) -> Double {
      min(1, Double(budget.spans) / Double(max(spans, 1)), Double(max(0, budget.bytes)) / Double(max(bytes, 1)))
    }

    fileprivate func isBelow(_ budget: Load) -> Bool { spans < budget.spans && bytes < budget.bytes }

    fileprivate static func += (load: inout Load, more: Load) {
      load.spans &+= more.spans
      load.bytes &+= more.bytes
    }

    fileprivate static func -= (load: inout Load, less: Load) {
      load.spans = max(0, load.spans &- less.spans)
      load.bytes = max(0, load.bytes &- less.bytes)
    }
  }

  /// Which part of the budget a chunk was taken from, if it was taken.
  enum Choice: UInt8 { case leftOut, ordinary, special }

  /// What of a chunk decides.
  struct Candidate {
    var traceID: UInt64
    var load: Load
    var durationNs: Int64
  }

  /// What is found out of a chunk only when there is too much.
  struct Details {
    /// Of the key; no client can foresee it.
    var hash: UInt64
    var hasError: Bool
  }

  /// Traces of a resource in a second that are taken whatever they are, and failed ones.
  private static let firstOfResource: UInt16 = 2
  private static let errorsOfResource: UInt16 = 5
  /// Bytes of a second for each span of its budget.
  private static let bytesPerSpan = 2_048
  /// Resources that are told apart; of two that meet in a place the newer one begins anew.
  private static let places = 1_024
  /// Bytes of the keys of resources, those of displaced ones included, which then go.
  private static let keyBytesMax = 1 << 20
  /// Bytes that stay then; so many of the rest are new before it comes to that again that each costs little.
  private static let keyBytesKept = keyBytesMax / 4 * 3

  /// The half of a second's budget that is for whatever comes, and the other one.
  private let ordinaryPerSecond: Load
  private let specialPerSecond: Load
  /// Bytes that the store holds at once.
  private let capacity: Int
  private var second: Int64 = .min
  /// What came in this second and in the one before.
  private var came = Load()
  private var cameBefore = Load()
  private var ordinaryTaken = Load()
  private var specialTaken = Load()
  /// Of the payload at hand: when it came, which part of its traces may be taken whatever they are, and for how many bytes
  /// the store still has place.
  private var payloadSecond: Int64 = 0
  private var share = 1.0
  private(set) var free: Int
  /// Bytes that threads have chosen and not yet handed to the store.
  private(set) var chosenBytes = 0
  private var thinned = ThinnedMinutes()
  /// Made when there first is too much.
  private var resources = GrowableBuffer<Resource>()
  /// What the resources are, one after the other; and the one at hand.
  private var keys = GrowableBuffer<UInt8>()
  private var key = GrowableBuffer<UInt8>()

  private struct Resource: BitwiseCopyable {
    var hash: UInt64 = 0
    var key = IndexRange.empty
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

  /// - Parameters:
  ///   - spansPerSecond: taken at most over a second, and 2 KiB for each of them.
  ///   - capacity: bytes that the store holds at once. From three quarters of it on, only what people look for is taken.
  init(spansPerSecond: Int, capacity: Int = .max) {
    let spans = max(2, spansPerSecond)
    let (bytes, isUnlimited) = spans.multipliedReportingOverflow(by: Self.bytesPerSpan)
    let budget = Load(spans: spans, bytes: isUnlimited ? .max : bytes)
    ordinaryPerSecond = Load(spans: budget.spans / 2, bytes: budget.bytes / 2)
    specialPerSecond = Load(spans: spans - spans / 2, bytes: budget.bytes - budget.bytes / 2)
    self.capacity = capacity
    free = capacity
  }

  /// To be called when chosen bytes were handed over, with a negative number, or are others than was measured.
  mutating func add(chosenBytes more: Int) { chosenBytes &+= more }

  /// To be called in front of the chunks of a payload.
  /// - Parameter waiting: bytes that the store has to write; what is chosen and not handed over comes on top.
  mutating func begin(payload: Load, waiting: Int, second now: Int64) {
    // Threads take the time before they take turns, so that a second may come again; a clock that was set back is more.
    if now > second || now < second &- 2 { begin(now) }
    payloadSecond = now
    free = max(0, capacity - waiting - max(0, chosenBytes))
    came += payload
    share = min(
      came.most(cameBefore).share(within: ordinaryPerSecond),
      payload.share(within: Load(spans: .max, bytes: free - ordinaryReserve)))
  }

  /// Whether to keep a chunk of the payload, and as what.
  /// - Parameter details: called only when there is too much. Appends the key of what the chunk's root is of: service,
  ///   operation and resource.
  mutating func takes(_ candidate: Candidate, details: (inout GrowableBuffer<UInt8>) -> Details) -> Choice {
    let isInShare = share >= 1 || Self.position(candidate.traceID) < share
    if isInShare, hasPlace(candidate, reserve: ordinaryReserve), share >= 1 || ordinaryTaken.isBelow(ordinaryPerSecond)
    {
      ordinaryTaken += candidate.load
      choose(candidate)
      return .ordinary
    }
    guard specialTaken.isBelow(specialPerSecond), hasPlace(candidate, reserve: 0), isSpecial(candidate, details)
    else {
      leaveOut()
      return .leftOut
    }
    specialTaken += candidate.load
    choose(candidate)
    return .special
  }

  /// To be called of a chunk that was taken in a second and is not kept after all: it costs that second's others nothing.
  mutating func giveBack(_ load: Load, taken: Choice, second takenIn: Int64) {
    if takenIn == second &- 1 { cameBefore -= load }
    guard takenIn == second else { return }
    came -= load
    switch taken {
    case .leftOut: break
    case .ordinary: ordinaryTaken -= load
    case .special: specialTaken -= load
    }
  }

  private mutating func choose(_ candidate: Candidate) {
    free -= candidate.load.bytes
    chosenBytes &+= candidate.load.bytes
  }

  /// Takes note of a chunk of the payload that is not kept.
  mutating func leaveOut() { thinned.add(second: payloadSecond) }

  private var ordinaryReserve: Int { capacity / 4 }

  private func hasPlace(_ candidate: Candidate, reserve: Int) -> Bool { free - candidate.load.bytes >= reserve }

  /// Chunks that were not kept, of the last day; nanoseconds since 1970.
  func thinnedTraces(sinceNs: Int64?, untilNs: Int64?) -> UInt64 { thinned.count(sinceNs: sinceNs, untilNs: untilNs) }

  private mutating func begin(_ now: Int64) {
    cameBefore = now == second &+ 1 ? came : Load()
    came = Load()
    ordinaryTaken = Load()
    specialTaken = Load()
    second = now
  }

  private mutating func isSpecial(
    _ candidate: Candidate, _ details: (inout GrowableBuffer<UInt8>) -> Details
  ) -> Bool {
    if resources.isEmpty { resources.append(repeating: Resource(), count: Self.places) }
    key.removeAll()
    let details = details(&key)
    let place = Int(truncatingIfNeeded: details.hash >> 54)
    var seen = resources[place]
    if !isKey(of: seen, hash: details.hash) { seen = addResource(hash: details.hash, at: place) }
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

  /// Bytes of the keys of resources, at most `keyBytesMax`.
  var keyBytes: Int { keys.count }

  /// Whether the key at hand is a resource's: two may have the same hash.
  private func isKey(of resource: Resource, hash: UInt64) -> Bool {
    guard resource.hash == hash else { return false }
    let known = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: keys.pointer[resource.key.range]))
    return ByteString.equal(known, UnsafeRawBufferPointer(key.pointer))
  }

  /// A resource of the key at hand, of which nothing is known; it displaces the one that has its place.
  private mutating func addResource(hash: UInt64, at place: Int) -> Resource {
    resources[place] = Resource()
    if keys.count + key.count > Self.keyBytesMax { dropDisplacedKeys() }
    let start = keys.count
    keys.append(contentsOf: key.pointer)
    return Resource(hash: hash, key: IndexRange(start: start, end: keys.count))
  }

  /// Leaves the keys of resources that have a place. Resources whose keys are too much together begin anew.
  private mutating func dropDisplacedKeys() {
    var kept = GrowableBuffer<UInt8>()
    for place in 0..<Self.places {
      let resource = resources[place]
      guard kept.count + resource.key.range.count <= Self.keyBytesKept else {
        resources[place] = Resource()
        continue
      }
      let start = kept.count
      kept.append(contentsOf: UnsafeBufferPointer(rebasing: keys.pointer[resource.key.range]))
      resources[place].key = IndexRange(start: start, end: kept.count)
    }
    keys = kept
  }

  /// Where an id lies between 0 and 1. The factor is none of those that sampling by id uses, whose choice would else be the
  /// same.
  private static func position(_ id: UInt64) -> Double {
    Double((id &* 0x9E37_79B9_7F4A_7C15) >> 11) * 0x1p-53
  }
}
