import Traces

/// One search of a list of traces.
struct TraceSearch {
  /// Chunks whose traces are put together at a time: few at first, because most lists are short, and more and more,
  /// because each time all ids are looked through.
  private static let batchMin = 64
  private static let batchMax = 16_384
  /// How much later than the range a chunk may begin by which a trace is found that begins in it, ns.
  private static let lateChunksNs: Int64 = 600_000_000_000

  private let traces: TraceDatabase
  private let query: TracesQuery
  private let deadline: ContinuousClock.Instant
  private let check: SpanCheck?
  /// From which size of a batch on a list by start looks at extents.
  private let extentsFromBatch: Int
  private let walk: ChunkWalk
  private let candidates: CandidateBlocks
  /// Traces that were looked at and to which several chunks lead.
  private var seen: Set<TraceID> = []
  /// Those that match, in the order of the query as far as they are sorted; a few more than the limit.
  private var found: [TraceSummary] = []
  private var hasMore = false
  /// What a trace has to come to, at least, to have a place in a list that is full.
  private var least: Int64?
  /// Where the search was when its time was over.
  private var cutOffNs: Int64?
  /// The newest of those that match and begin earlier than the search came: there may be newer ones.
  private(set) var newestBeyondCut: TraceSummary?

  init(
    _ traces: TraceDatabase, _ query: TracesQuery, deadline: ContinuousClock.Instant, exactly check: SpanCheck? = nil,
    extentsFromBatch: Int = 4_096
  ) throws(StoreError) {
    self.extentsFromBatch = extentsFromBatch
    self.traces = traces
    self.query = query
    self.deadline = deadline
    self.check = check
    let sinceNs = query.sinceNs ?? .min
    let (until, overflow) = (query.untilNs ?? .max).addingReportingOverflow(Self.lateChunksNs)
    var candidates = try traces.candidates(for: query.filter, sinceNs: sinceNs)
    if let words = check?.words, let narrower = try traces.candidates(of: words, sinceNs: sinceNs) {
      candidates.blocks = candidates.blocks.map { $0.intersection(narrower) } ?? narrower
      candidates.words = words
    }
    self.candidates = candidates
    let end = overflow ? Int64.max : until
    walk = ChunkWalk(traces, candidates, range: sinceNs..<max(sinceNs, end))
  }

  mutating func run() throws(StoreError) -> TracesFound {
    if usesExtents, query.order != .start { try runByExtent() } else { try runByStart() }
    sort()
    // What begins earlier than the search came may have later places in the list.
    if let cutOffNs, query.order == .start {
      newestBeyondCut = found.first { $0.orderNs < cutOffNs }
      found.removeAll { $0.orderNs < cutOffNs }
    }
    if found.count > query.limit {
      hasMore = true
      found.removeLast(found.count - query.limit)
    }
    return TracesFound(
      summaries: found, hasMore: hasMore, arrivedUpTo: traces.lastChunk,
      searchedBackToNs: hasMore && query.order == .start ? nil : cutOffNs)
  }

  /// Looks at the chunks from the latest start on. Where the newest have little of what is looked for, and extents can tell
  /// where the rest is, it goes on with those.
  private mutating func runByStart() throws(StoreError) {
    var batch = Self.batchMin
    while cutOffNs == nil, !isEnough, walk.nextStartNs != nil {
      if batch >= extentsFromBatch, usesExtents, query.order == .start, query.filter.asksForExtent {
        (found, seen) = ([], [])
        return try runByExtent()
      }
      try look(atMost: batch)
      batch = min(batch * 4, Self.batchMax)
    }
  }

  /// Whether one look at all chunks is worth it: words lead to most of the blocks, or there are none.
  private var usesExtents: Bool {
    traces.blocks.count > 2 && (candidates.blocks?.count ?? traces.blocks.count) > traces.blocks.count / 4
  }

  /// Looks at traces from the one on that may come first in the list, by their extents, until no other can have a place.
  private mutating func runByExtent() throws(StoreError) {
    let extents = try TraceExtents(traces, sinceNs: query.sinceNs ?? .min, deadline: deadline)
    cutOffNs = extents.cutOffNs
    var order: [(most: Int64, place: Int)] = []
    for (place, extent) in extents.all.enumerated()
    where query.filter.mayMatch(extent) && extent.latestNs >= query.sinceNs ?? .min {
      order.append((most(extent), place))
    }
    order.sort { $0 > $1 }
    var (looked, batch) = (0, Self.batchMin)
    while looked < order.count, mayHavePlace(order[looked].most) {
      let some = order[looked..<min(looked + batch, order.count)]
      let chunks = try traces.chunks(ofTraces: Set(some.lazy.map { extents.all[$0.place].low }))
      for (most, place) in some where query.order == .start || mayHavePlace(most) {
        // One at least, so that a search that begins late comes to something.
        guard looked == 0 || .now < deadline else {
          cutOffNs = order[looked...].lazy.map { extents.all[$0.place].latestNs }.max()
          return trim()
        }
        looked += 1
        for trace in TraceRows.traces(of: chunks[extents.all[place].low] ?? []) {
          try look(at: trace, isFoundOften: false)
        }
      }
      trim()
      batch = min(batch * 4, Self.batchMax)
    }
  }

  /// What decides the place in the list that a trace can have at best.
  private func most(_ extent: TraceExtents.Extent) -> Int64 {
    switch query.order {
    case .start: extent.latestNs
    case .duration: extent.durationNs
    case .spans: Int64(extent.spans)
    }
  }

  /// Whether a trace that comes to so much at most may have a place in the list.
  private func mayHavePlace(_ most: Int64) -> Bool {
    guard found.count > query.limit else { return true }
    if query.order == .start { return found.lazy.filter { $0.orderNs > most }.count <= query.limit }
    return least.map { most >= $0 } ?? true
  }

  /// Whether no trace that is still to come belongs to the list. Only the order of starts tells: a trace begins with its
  /// first chunk, and so never later than the chunk by which it is found.
  private var isEnough: Bool {
    guard query.order == .start, found.count > query.limit, let end = walk.nextStartNs else { return false }
    return found.lazy.filter { $0.orderNs > end }.count > query.limit
  }

  /// Looks at the traces of some chunks, as long as there is time.
  private mutating func look(atMost count: Int) throws(StoreError) {
    var lows: Set<UInt64> = []
    var order: [(low: UInt64, startNs: Int64)] = []
    while order.count < count, walk.nextStartNs != nil, .now < deadline {
      guard let row = try walk.step() else { continue }
      if lows.insert(row.traceID.low).inserted { order.append((row.traceID.low, row.orderNs)) }
    }
    if .now >= deadline { cutOffNs = walk.nextStartNs }
    let chunks = try traces.chunks(ofTraces: lows)
    for (low, startNs) in order {
      let rows = chunks[low] ?? []
      for trace in TraceRows.traces(of: rows) {
        // One at least, so that a search that begins late comes to something.
        if .now >= deadline, startNs != order.first?.startNs {
          cutOffNs = startNs
          return trim()
        }
        try look(at: trace, isFoundOften: rows.count > 1)
      }
    }
    trim()
  }

  /// - Parameter isFoundOften: several chunks lead to it: its own, or those of traces with the same lower half of their id.
  private mutating func look(at trace: TraceRows, isFoundOften: Bool) throws(StoreError) {
    if isFoundOften, !seen.insert(trace.id).inserted { return }
    guard trace.orderNs >= query.sinceNs ?? .min, trace.orderNs < query.untilNs ?? .max else { return }
    let answer = query.filter.matches(trace)
    if answer == false { return }
    // One that would not come into a full list only tells that there are more.
    if answer == true, check == nil, hasNoPlace(for: trace) {
      hasMore = true
      return
    }
    guard let read = try traces.read(trace, query.filter.depth(ifRowsSay: answer)) else { return }
    if answer == nil, !query.filter.matches(read) { return }
    if let check, !read.spans.contains(where: check.holds) { return }
    found.append(TraceSummary(read, trace))
  }

  private func hasNoPlace(for trace: TraceRows) -> Bool {
    guard let least else { return false }
    return query.order == .duration ? trace.durationNs < least : trace.spans < least
  }

  /// Keeps what may be in the list, and one more.
  private mutating func trim() {
    guard query.order != .start, found.count > query.limit else { return }
    sort()
    if found.count > query.limit + 1 {
      hasMore = true
      found.removeLast(found.count - query.limit - 1)
    }
    let last = found[query.limit - 1]
    least = query.order == .duration ? last.durationNs : Int64(last.spanCount)
  }

  private mutating func sort() {
    switch query.order {
    case .start: found.sort { ($0.orderNs, $0.startNs, $0.id) > ($1.orderNs, $1.startNs, $1.id) }
    case .duration: found.sort { ($0.durationNs, $0.orderNs, $0.id) > ($1.durationNs, $1.orderNs, $1.id) }
    case .spans: found.sort { ($0.spanCount, $0.orderNs, $0.id) > ($1.spanCount, $1.orderNs, $1.id) }
    }
  }
}

extension TraceSummary {
  /// What a trace comes to, and whether the clock of who sent it is ahead.
  init(_ trace: Trace, _ rows: TraceRows) {
    self.init(trace)
    aheadNs = max(0, startNs.subtractingReportingOverflow(rows.orderNs).partialValue)
  }

  /// Where it stands among others in time.
  fileprivate var orderNs: Int64 { startNs &- aheadNs }
}
