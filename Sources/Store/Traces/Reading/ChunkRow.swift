import Sampling
import Traces

/// What the database says of a chunk beside its spans.
struct ChunkRow {
  /// Those that it is made of; behind them stands by how much the clock of who sent it is ahead.
  static let columns = "id, trace_low, trace_high, start_ns, duration_ns, errors, spans, verdict"

  var id: Int64
  var traceID: TraceID
  var startNs: Int64
  var durationNs: Int64
  var errors: Int64
  var spans: Int64
  var verdict: Int64
  /// Where it stands among others in time: its start, or when it came, where the clock of who sent it is ahead.
  var orderNs: Int64

  init(_ row: Statement) {
    id = row.integer(0)
    traceID = TraceID(high: UInt64(turned: row.integer(2)), low: UInt64(bitPattern: row.integer(1)))
    startNs = row.integer(3)
    durationNs = row.integer(4)
    errors = row.integer(5)
    spans = row.integer(6)
    verdict = row.integer(7)
    orderNs = startNs &- row.integer(8)
  }

  var endNs: Int64 {
    let (end, overflow) = startNs.addingReportingOverflow(durationNs)
    return overflow ? .max : end
  }
}

/// The chunks of one trace.
struct TraceRows {
  let id: TraceID
  /// In the order of their starts.
  let rows: [ChunkRow]

  var startNs: Int64 { rows.first?.startNs ?? 0 }

  /// Where it stands among other traces in time.
  var orderNs: Int64 { rows.lazy.map(\.orderNs).min() ?? 0 }

  var durationNs: Int64 {
    let end = rows.lazy.map(\.endNs).max() ?? startNs
    return end.subtractingReportingOverflow(startNs).partialValue
  }

  var spans: Int64 { rows.reduce(0) { $0 &+ $1.spans } }
  var errors: Int64 { rows.reduce(0) { $0 &+ $1.errors } }

  /// The decision that sent a chunk on; else that of the first one.
  var verdict: SamplingVerdict? {
    let verdicts = rows.lazy.compactMap { SamplingVerdict(rawValue: Int($0.verdict)) }
    return verdicts.first(where: \.isKept) ?? verdicts.first
  }

  /// Puts chunks with the same lower half of their ids together. Chunks without an upper half belong to the trace that
  /// begins nearest, should there be several.
  static func traces(of rows: [ChunkRow]) -> [TraceRows] {
    if rows.count == 1 { return [TraceRows(id: rows[0].traceID, rows: rows)] }
    let rows = rows.sorted { ($0.startNs, $0.id) < ($1.startNs, $1.id) }
    let highs = Set(rows.map(\.traceID.high)).subtracting([0])
    guard let low = rows.first?.traceID.low else { return [] }
    guard highs.count > 1 else { return [TraceRows(id: TraceID(high: highs.first ?? 0, low: low), rows: rows)] }
    var groups: [UInt64: [ChunkRow]] = [:]
    for row in rows where row.traceID.high != 0 { groups[row.traceID.high, default: []].append(row) }
    let starts = groups.compactMap { high, rows in rows.first.map { (high: high, startNs: $0.startNs) } }
    for row in rows where row.traceID.high == 0 {
      func distance(_ startNs: Int64) -> UInt64 {
        startNs.subtractingReportingOverflow(row.startNs).partialValue.magnitude
      }
      guard let nearest = starts.min(by: { (distance($0.startNs), $0.high) < (distance($1.startNs), $1.high) }) else {
        continue
      }
      groups[nearest.high, default: []].append(row)
    }
    return groups.map { high, rows in
      TraceRows(
        id: TraceID(high: high, low: low), rows: rows.sorted { ($0.startNs, $0.id) < ($1.startNs, $1.id) })
    }
  }
}

extension TraceFilter {
  /// Whether a trace matches, as far as the rows of its chunks say; `nil` where its spans have to be looked at.
  func matches(_ trace: TraceRows) -> Bool? {
    switch self {
    case .and(let filters):
      let answers = filters.lazy.map { $0.matches(trace) }
      return answers.contains(false) ? false : answers.contains(nil) ? nil : true
    case .or(let filters):
      let answers = filters.lazy.map { $0.matches(trace) }
      return answers.contains(true) ? true : answers.contains(nil) ? nil : false
    case .not(let filter): return filter.matches(trace).map { !$0 }
    case .condition(let condition): return condition.matches(trace)
    }
  }
}

extension TraceFilter {
  /// What of a trace's spans has to be read for a list.
  /// - Parameter answer: what the rows of its chunks say of it.
  func depth(ifRowsSay answer: Bool?) -> SpanReader.Depth { answer == nil && asksForAttributes ? .whole : .row }

  private var asksForAttributes: Bool {
    switch self {
    case .and(let filters), .or(let filters): filters.contains { $0.asksForAttributes }
    case .not(let filter): filter.asksForAttributes
    case .condition(.words), .condition(.tag), .condition(.tagNumber), .condition(.tagRange): true
    case .condition(.field), .condition(.number), .condition(.hasError), .condition(.isKept), .condition(.traceID):
      false
    }
  }
}

extension TraceCondition {
  fileprivate func matches(_ trace: TraceRows) -> Bool? {
    switch self {
    case .number(.duration, let comparison, let value): isFulfilled(by: trace.durationNs, comparison, value)
    case .number(.spans, let comparison, let value): comparison.holds(trace.spans, value)
    case .number(.errors, let comparison, let value): comparison.holds(trace.errors, value)
    case .hasError(let wanted): (trace.errors > 0) == wanted
    case .isKept(let wanted): (trace.verdict?.isKept ?? false) == wanted
    case .traceID(let prefix): trace.id.begins(with: prefix)
    case .words, .field, .tag, .tagNumber, .tagRange: nil
    }
  }

  /// Of a duration rows know what the clocks of those said who sent the chunks. Where those differ, the trace is shorter.
  private func isFulfilled(by mostNs: Int64, _ comparison: Comparison, _ value: Int64) -> Bool? {
    switch comparison {
    case .greater, .atLeast, .equal: mostNs < value || (mostNs == value && comparison == .greater) ? false : nil
    case .less, .atMost: comparison.holds(mostNs, value) ? true : nil
    }
  }
}

extension TraceID {
  /// Whether its hexadecimal digits begin so, or those of its lower half.
  func begins(with prefix: String) -> Bool { hex.hasPrefix(prefix) || TraceID.hex(low).hasPrefix(prefix) }
}
