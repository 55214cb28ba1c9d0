import Traces

/// A search of the traces of which something came after an earlier search, in the order in which it came.
///
/// Chunks are numbered as they come. Each new one leads to its trace, which is looked at as a whole: a trace may begin to
/// match by a chunk that holds nothing of what is looked for.
struct ArrivalSearch {
  /// Chunks whose traces are put together at a time: each time all ids are looked through.
  private static let batchMax: Int64 = 4_096

  private let traces: TraceDatabase
  private let query: TracesQuery
  private let deadline: ContinuousClock.Instant
  /// The number of the last chunk that was looked at.
  private var reached: Int64
  private var seen: Set<TraceID> = []
  private var found: [TraceSummary] = []

  /// - Parameter after: the number of a chunk. One beyond the last is of another store than this, of which all is new.
  init(_ traces: TraceDatabase, _ query: TracesQuery, after: Int64, deadline: ContinuousClock.Instant) {
    self.traces = traces
    self.query = query
    self.deadline = deadline
    reached = after <= traces.lastChunk ? max(after, 0) : 0
  }

  mutating func run() throws(StoreError) -> TracesFound {
    repeat { try lookAtNext() } while canGoOn
    return TracesFound(summaries: found, hasMore: reached < traces.lastChunk, arrivedUpTo: reached)
  }

  private var canGoOn: Bool { reached < traces.lastChunk && found.count < query.limit && .now < deadline }

  /// Looks at some chunks, at one at least, so that a search that begins late comes to something.
  private mutating func lookAtNext() throws(StoreError) {
    var rows: [ChunkRow] = []
    // Numbers are missing where segments were forgotten, or a store was begun.
    let first = traces.firstChunk(from: reached &+ 1)
    let count = traces.block(of: first).map { min($0.firstChunk &+ $0.chunks &- first, Self.batchMax) } ?? Self.batchMax
    try traces.forEachRow(from: first, count: count) { rows.append($0) }
    let chunks = try traces.chunks(ofTraces: Set(rows.map(\.traceID.low)))
    let known = chunks.mapValues(TraceRows.traces(of:))
    for row in rows {
      let same = known[row.traceID.low] ?? []
      if let trace = same.count > 1 ? same.first(where: { $0.holds(row) }) : same.first { try look(at: trace) }
      reached = row.id
      guard canGoOn else { return }
    }
    reached = min(max(reached, first &+ count &- 1), traces.lastChunk)
  }

  private mutating func look(at trace: TraceRows) throws(StoreError) {
    guard seen.insert(trace.id).inserted, trace.orderNs >= query.sinceNs ?? .min, trace.orderNs < query.untilNs ?? .max
    else { return }
    let answer = query.filter.matches(trace)
    guard answer != false, let read = try traces.read(trace, query.filter.depth(ifRowsSay: answer)) else { return }
    if answer == nil, !query.filter.matches(read) { return }
    found.append(TraceSummary(read, trace))
  }
}

extension TraceRows {
  /// Whether a chunk is one of its own.
  fileprivate func holds(_ row: ChunkRow) -> Bool { rows.contains { $0.id == row.id } }
}
