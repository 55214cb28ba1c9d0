import TraceModel
import Traces

/// How far traces reach in time at most, and how many spans they have, found by one look at the rows of all chunks.
///
/// Traces that share the lower half of their ids are one here. So what stands here is a bound: no trace of that lower half
/// begins later, is longer, or has more spans.
struct TraceExtents {
  /// Traces that are remembered at most, the newest; 32 bytes each.
  private static let countMax = 1 << 20
  /// Times are kept in units of about a millisecond.
  private static let unitBits: Int64 = 20

  struct Extent {
    let low: UInt64
    /// Earliest start, ns since 1970.
    fileprivate(set) var startNs: Int64
    /// From there to the latest end, and to the latest start, in units, rounded up; the largest number stands for more.
    fileprivate var end: UInt32 = 0
    fileprivate var latest: UInt32 = 0
    fileprivate(set) var spans: UInt32 = 0
    fileprivate(set) var errors: UInt32 = 0

    /// No trace of this id is longer.
    var durationNs: Int64 { end == .max ? .max : Int64(end) << TraceExtents.unitBits }
    /// No trace of this id begins later.
    var latestNs: Int64 {
      let (time, overflow) = startNs.addingReportingOverflow(Int64(latest) << TraceExtents.unitBits)
      return latest == .max || overflow ? .max : time
    }
  }

  private(set) var all: [Extent] = []
  private var hash: IDHash
  /// Slots looked at for a new id before another seed is taken; doubles with each.
  private var probesMax = TableSeed.probesMax
  /// Seeds that were given up, for tests.
  private(set) var reseedings = 0
  /// Places in `all` by their hash, at most half of them used; -1 where there is none.
  private var slots = [Int32](repeating: -1, count: 1 << 10)
  /// Where the look ended early: chunks of blocks that begin before this were not looked at; ns since 1970.
  private(set) var cutOffNs: Int64?

  /// No traces yet; `add` takes the chunks of each.
  init(hash: IDHash = IDHash()) { self.hash = hash }

  /// Looks at the chunks of all blocks that have one at `sinceNs` or later, as long as there is time.
  init(_ traces: TraceDatabase, sinceNs: Int64, deadline: ContinuousClock.Instant) throws(StoreError) {
    self.init()
    let rows = try traces.database.prepare(
      """
      SELECT trace_low, start_ns - \(traces.aheadColumn), start_ns, duration_ns, spans, errors FROM chunks
      WHERE id >= ? AND id < ? ORDER BY id
      """)
    let blocks = traces.blocks.filter { $0.maxStartNs >= sinceNs }
      .sorted { ($0.maxStartNs, $0.id) > ($1.maxStartNs, $1.id) }
    for block in blocks {
      guard all.isEmpty || .now < deadline, all.count < Self.countMax else {
        cutOffNs = block.maxStartNs
        break
      }
      try rows.bind(0, block.firstChunk)
      try rows.bind(1, block.firstChunk &+ block.chunks)
      while try rows.step() {
        let (end, overflow) = rows.integer(2).addingReportingOverflow(max(rows.integer(3), 0))
        add(
          UInt64(bitPattern: rows.integer(0)), startNs: min(rows.integer(1), block.cameBeforeNs),
          endNs: overflow ? .max : end,
          spans: UInt32(clamping: rows.integer(4)), errors: UInt32(clamping: rows.integer(5)))
      }
    }
  }

  mutating func add(_ low: UInt64, startNs: Int64, endNs: Int64, spans: UInt32, errors: UInt32) {
    let place = place(of: low, startNs: startNs)
    all.withUnsafeMutableBufferPointer { all in
      if startNs < all[place].startNs {
        let moved = Self.units(from: startNs, to: all[place].startNs)
        all[place].end = Self.sum(all[place].end, moved)
        all[place].latest = Self.sum(all[place].latest, moved)
        all[place].startNs = startNs
      }
      all[place].end = max(all[place].end, Self.units(from: all[place].startNs, to: endNs))
      all[place].latest = max(all[place].latest, Self.units(from: all[place].startNs, to: startNs))
      all[place].spans = Self.sum(all[place].spans, spans)
      all[place].errors = Self.sum(all[place].errors, errors)
    }
  }

  private static func units(from start: Int64, to end: Int64) -> UInt32 {
    guard end > start else { return 0 }
    let (distance, overflow) = end.subtractingReportingOverflow(start)
    return overflow ? .max : UInt32(clamping: distance >> unitBits &+ 1)
  }

  private static func sum(_ a: UInt32, _ b: UInt32) -> UInt32 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }

  private mutating func place(of low: UInt64, startNs: Int64) -> Int {
    let mask = slots.count &- 1
    let first = hash(low) & mask
    var slot = first
    while slots[slot] >= 0 {
      let place = Int(slots[slot])
      if all[place].low == low { return place }
      slot = (slot &+ 1) & mask
    }
    slots[slot] = Int32(truncatingIfNeeded: all.count)
    all.append(Extent(low: low, startNs: startNs))
    if all.count * 2 > slots.count {
      refill(slots.count * 4)
    } else if (slot &- first) & mask > probesMax {
      reseedings += 1
      hash = IDHash()
      probesMax *= 2
      refill(slots.count)
    }
    return all.count - 1
  }

  /// Puts all into so many slots anew.
  private mutating func refill(_ count: Int) {
    slots = [Int32](repeating: -1, count: count)
    let mask = slots.count - 1
    for (place, extent) in all.enumerated() {
      var slot = hash(extent.low) & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(truncatingIfNeeded: place)
    }
  }
}

extension TraceFilter {
  /// Whether a trace may match, by what is known of its extent at most.
  func mayMatch(_ extent: TraceExtents.Extent) -> Bool {
    switch self {
    case .and(let filters): filters.allSatisfy { $0.mayMatch(extent) }
    case .or(let filters): filters.contains { $0.mayMatch(extent) }
    case .not: true
    case .condition(let condition): condition.mayMatch(extent)
    }
  }

  /// Whether an extent can say that a trace does not match.
  var asksForExtent: Bool {
    switch self {
    case .and(let filters): filters.contains { $0.asksForExtent }
    case .or(let filters): !filters.isEmpty && filters.allSatisfy { $0.asksForExtent }
    case .not: false
    case .condition(.number(_, let comparison, _)): comparison != .less && comparison != .atMost
    case .condition(let condition): condition == .hasError(true)
    }
  }
}

extension TraceCondition {
  fileprivate func mayMatch(_ extent: TraceExtents.Extent) -> Bool {
    switch self {
    case .number(_, .less, _), .number(_, .atMost, _): true
    case .number(.duration, let comparison, let value): reaches(extent.durationNs, comparison, value)
    case .number(.spans, let comparison, let value): reaches(Int64(extent.spans), comparison, value)
    case .number(.errors, let comparison, let value): reaches(Int64(extent.errors), comparison, value)
    case .hasError(true): extent.errors > 0
    default: true
    }
  }

  private func reaches(_ most: Int64, _ comparison: Comparison, _ value: Int64) -> Bool {
    comparison == .greater ? most > value : most >= value
  }
}
