/// One span, in fixed size. Strings and attributes lie in the `SpanBatch` the record belongs to.
public struct SpanRecord: BitwiseCopyable, Sendable {
  public var service = ByteSlice.empty
  public var name = ByteSlice.empty
  public var resource = ByteSlice.empty
  public var type = ByteSlice.empty
  /// The low 64 bits; the high half belongs to the chunk: `SpanBatch.traceIDHigh(of:)`.
  public var traceID: UInt64 = 0
  public var spanID: UInt64 = 0
  /// 0 for a root span, else the id of the span above it.
  public var parentID: UInt64 = 0
  /// Start, in ns since 1970.
  public var startNs: Int64 = 0
  public var durationNs: Int64 = 0
  /// 0 for a span without an error; tracers send 1 for one that failed.
  public var error: Int32 = 0
  public var flags: SpanFlags = []

  /// Text attributes ("meta") in `SpanBatch.meta`.
  public var meta = IndexRange.empty
  /// Number attributes ("metrics") in `SpanBatch.metrics`.
  public var metrics = IndexRange.empty
  /// Where its binary attributes lie in `SpanBatch.metaStruct`; empty when it has none.
  public var metaStruct = IndexRange.empty
  public var links = IndexRange.empty
  public var events = IndexRange.empty
  /// Attributes whose type has no place among the three kinds above, in `SpanBatch.typedAttributes`.
  public var typed = IndexRange.empty

  /// Which known keys the attributes hold, a bit each: a lookup of an absent key costs one test.
  public var metaKeys = KnownKeySet.empty
  public var metricKeys = KnownKeySet.empty

  /// First of the number attributes that roost added, in `SpanBatch.addedMetrics`; -1 when none.
  public var addedMetrics: Int32 = -1

  /// Which of `SpanBatch.ownNames` it has, counted from 1; 0 for none: then its resource is what it is called.
  public var ownName: UInt32 = 0

  @inlinable public init() {}

  /// End, in ns since 1970. Never overflows: a normalized span's duration fits, any other saturates.
  @inlinable public var endNs: Int64 {
    let (end, overflow) = startNs.addingReportingOverflow(durationNs)
    return overflow ? .max : end
  }
}

/// What processing found out about a span.
public struct SpanFlags: OptionSet, BitwiseCopyable, Sendable {
  public let rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The span enters its service: a root, or its parent belongs to another service. Sent on as metric `_top_level`.
  @inlinable public static var topLevel: Self { Self(rawValue: 1) }
  /// The tracer asked for statistics (`_dd.measured`).
  @inlinable public static var measured: Self { Self(rawValue: 2) }
  /// An unfinished snapshot of a long-running span (`_dd.partial_version`).
  @inlinable public static var partialSnapshot: Self { Self(rawValue: 4) }
  /// Sampling sends the span on although its trace is dropped.
  @inlinable public static var sentAlone: Self { Self(rawValue: 8) }
}

/// Why processing removes a chunk: what is at fault. The exact reason is counted by the step that found it.
public enum ChunkRemoval: UInt8, BitwiseCopyable, Sendable {
  /// The trace: its ids make no sense, or it has no spans.
  case malformed
  /// Nothing: a rule of the configuration asks for it.
  case filtered
}

/// What of a kept chunk is sent on.
public enum SentPart: UInt8, BitwiseCopyable, Sendable {
  /// All of its spans: the trace is kept.
  case whole
  /// The trace is dropped; spans that their tracer chose by a rule of their own go alone.
  case singleSpans
  /// The trace is dropped; spans that are analytics events go alone.
  case events
}

/// The chunk of one trace that arrived in one request.
public struct ChunkRecord: BitwiseCopyable, Sendable {
  /// No sampling priority was given.
  @inlinable public static var noPriority: Int32 { -128 }

  /// In `SpanBatch.spans`, next to each other.
  public var spans = IndexRange.empty
  /// The upper half of the trace id where the format says it of a chunk or a span. Up to v0.5 it comes in an attribute:
  /// `SpanBatch.traceIDHigh(of:)` knows both.
  public var traceIDHigh: UInt64 = 0
  /// Attributes of the chunk, in `SpanBatch.typedAttributes`. The formats up to v0.5 have none.
  public var attributes = IndexRange.empty
  /// -1 user drop, 0 automatic drop, 1 automatic keep, 2 user keep, or `noPriority`.
  public var priority = ChunkRecord.noPriority
  public var origin = ByteSlice.empty
  /// How the sampling decision was made (`_dd.p.dm`), sent on as a chunk tag.
  public var decisionMaker = ByteSlice.empty
  /// Index of the root within `SpanBatch.spans`, set by processing.
  public var root: UInt32 = 0
  /// Why processing removed the chunk; `nil` while it goes on. A removed chunk is neither counted in statistics nor sent.
  public var removal: ChunkRemoval?
  /// Sampling decided to send the chunk on, or some of its spans.
  public var isKept = false
  /// What of it is sent on.
  public var sentPart = SentPart.whole
  /// How many spans that is where it is not the whole chunk; each has `SpanFlags.sentAlone`.
  public var spansSentAlone: UInt32 = 0
  /// Which decision that was: the number of `SamplingVerdict`.
  public var verdict: UInt8 = 0

  @inlinable public init() {}

  /// Spans that are sent on when the chunk is kept.
  @inlinable public var sentSpanCount: Int { sentPart == .whole ? Int(spans.count) : Int(spansSentAlone) }

  /// Whether one of its spans is sent on when the chunk is kept.
  @inline(__always) @inlinable public func sends(_ span: SpanRecord) -> Bool {
    sentPart == .whole || span.flags.contains(.sentAlone)
  }

  /// The priority that it is sent on with. A rule of a person's keeps single spans, so they go as what a person keeps.
  @inlinable public var sentPriority: Int32 { sentPart == .singleSpans ? 2 : priority }

  /// Whether processing removed the chunk, for whatever reason.
  @inlinable public var isRemoved: Bool { removal != nil }
}
