import TraceModel

/// What tracers decided of the traces they sent, before the agent decides anything.
struct TracerDecisions: Sendable {
  /// Decision makers are small numbers with a minus; those the Datadog tracers use end at -16.
  private static let makersMax = 32
  /// Index for traces that name no decision maker, and for those with one that is not such a number.
  private static let none = makersMax
  private static let other = makersMax + 1

  private(set) var traces: UInt64 = 0
  private var dropped = [UInt64](repeating: 0, count: makersMax + 2)
  /// Traces that tracers dropped before sending, as they say in `Datadog-Client-Dropped-P0-Traces`.
  var clientDroppedTraces: UInt64 = 0
  /// The spans of those, as they say in `Datadog-Client-Dropped-P0-Spans`.
  var clientDroppedSpans: UInt64 = 0
  /// The smallest `_dd.limit_psr` below 1: the share that a tracer's rate limiter let pass.
  private(set) var lowestLimitRate: Double?
  /// Arrival of the newest trace with such a share, in ns since 1970.
  private(set) var limitedLastSeenNs: Int64?

  /// One trace with its root, which came at `nowNs`.
  @inline(__always) mutating func add(
    _ batch: borrowing SpanBatch, _ chunk: ChunkRecord, root: SpanRecord, nowNs: Int64
  ) {
    traces &+= 1
    if chunk.priority <= 0, chunk.priority != ChunkRecord.noPriority {
      dropped[Self.index(batch.bytes(chunk.decisionMaker))] &+= 1
    }
    if let rate = batch.metric(.limitRate, of: root), rate >= 0, rate < 1 {
      lowestLimitRate = min(rate, lowestLimitRate ?? 1)
      limitedLastSeenNs = nowNs
    }
  }

  mutating func add(_ other: TracerDecisions) {
    traces &+= other.traces
    for index in dropped.indices { dropped[index] &+= other.dropped[index] }
    clientDroppedTraces &+= other.clientDroppedTraces
    clientDroppedSpans &+= other.clientDroppedSpans
    if let rate = other.lowestLimitRate { lowestLimitRate = min(rate, lowestLimitRate ?? 1) }
    if let seen = other.limitedLastSeenNs { limitedLastSeenNs = max(seen, limitedLastSeenNs ?? seen) }
  }

  /// Traces with priority 0 or less by their decision maker (`-3`); empty for none, `other` for anything unheard of.
  var droppedByDecision: [String: UInt64] {
    var counts: [String: UInt64] = [:]
    for (index, count) in dropped.enumerated() where count > 0 {
      let name = index == Self.none ? "" : index == Self.other ? "other" : "-\(index)"
      counts[name] = count
    }
    return counts
  }

  private static func index(_ maker: UnsafeRawBufferPointer) -> Int {
    if maker.isEmpty { return none }
    guard maker.count <= 3, maker[0] == UInt8(ascii: "-"), maker.count > 1 else { return other }
    var number = 0
    for byte in maker[1...] {
      let digit = byte &- UInt8(ascii: "0")
      guard digit < 10 else { return other }
      number = number * 10 + Int(digit)
    }
    return number < makersMax ? number : other
  }
}
