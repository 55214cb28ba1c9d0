/// One span, in fixed size. Strings and attributes lie in the `SpanBatch` the record belongs to.
package struct SpanRecord: BitwiseCopyable, Sendable {
  package var service = ByteSlice.empty
  package var name = ByteSlice.empty
  package var resource = ByteSlice.empty
  package var type = ByteSlice.empty
  /// The low 64 bits; the high half, if any, is hex in the attribute `_dd.p.tid`.
  package var traceID: UInt64 = 0
  package var spanID: UInt64 = 0
  /// 0 for a root.
  package var parentID: UInt64 = 0
  /// Start, in ns since 1970.
  package var startNs: Int64 = 0
  package var durationNs: Int64 = 0
  /// 0 means no error.
  package var error: Int32 = 0
  package var flags: SpanFlags = []

  /// Text attributes ("meta") in `SpanBatch.meta`.
  package var meta = IndexRange.empty
  /// Number attributes ("metrics") in `SpanBatch.metrics`.
  package var metrics = IndexRange.empty
  /// Binary attributes in `SpanBatch.metaStruct`.
  package var metaStruct = IndexRange.empty
  package var links = IndexRange.empty
  package var events = IndexRange.empty

  /// Which known keys the attributes hold, a bit each: a lookup of an absent key costs one test.
  package var metaKeys = KnownKeySet.empty
  package var metricKeys = KnownKeySet.empty

  /// First of the attributes that roost added, in `SpanBatch.addedMeta` and `addedMetrics`; -1 when none.
  package var addedMeta: Int32 = -1
  package var addedMetrics: Int32 = -1

  @inlinable package init() {}

  /// End, in ns since 1970. Never overflows: a normalized span's duration fits, any other saturates.
  @inlinable package var endNs: Int64 {
    let (end, overflow) = startNs.addingReportingOverflow(durationNs)
    return overflow ? .max : end
  }
}

/// What processing found out about a span.
package struct SpanFlags: OptionSet, BitwiseCopyable, Sendable {
  package let rawValue: UInt32
  @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The span enters its service: a root, or its parent belongs to another service. Sent on as metric `_top_level`.
  package static let topLevel = SpanFlags(rawValue: 1)
  /// The tracer asked for statistics (`_dd.measured`).
  package static let measured = SpanFlags(rawValue: 2)
  /// An unfinished snapshot of a long-running span (`_dd.partial_version`).
  package static let partialSnapshot = SpanFlags(rawValue: 4)
}

/// The chunk of one trace that arrived in one request.
package struct ChunkRecord: BitwiseCopyable, Sendable {
  /// No sampling priority was given.
  package static let noPriority: Int32 = -128

  package var spans = IndexRange.empty
  /// -1 user drop, 0 automatic drop, 1 automatic keep, 2 user keep, or `noPriority`.
  package var priority = ChunkRecord.noPriority
  package var origin = ByteSlice.empty
  /// How the sampling decision was made (`_dd.p.dm`), sent on as a chunk tag.
  package var decisionMaker = ByteSlice.empty
  /// Index of the root within `SpanBatch.spans`, set by processing.
  package var root: UInt32 = 0
  /// Processing refused the chunk: it is neither counted in statistics nor sent on.
  package var isDropped = false
  /// Sampling decided to send the chunk on.
  package var isKept = false

  @inlinable package init() {}
}
