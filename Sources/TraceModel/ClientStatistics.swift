/// Statistics that a tracer computed itself, as decoded: numbers and sketches of each group. A group's service, name and
/// other texts of a span are those of the span with the same index in the `SpanBatch` that was decoded with it; each such
/// span is a chunk of its own.
public struct ClientStatistics: ~Copyable, Sendable {
  public var groups = GrowableBuffer<ClientGroupRecord>()
  /// The lists of all groups, one behind the other.
  public var texts = GrowableBuffer<ByteSlice>()
  /// The bins of all sketches, one behind the other.
  public var bins = GrowableBuffer<SketchBin>()
  /// Tag of the container image that the tracer runs in; empty for none.
  public var imageTag = ByteSlice.empty

  public init() {}

  /// Empties it for the next payload, and gives back what a huge one took.
  public mutating func removeAll() {
    let kept = SpanBatch.keptBytesPerArray
    groups.removeAll(keepingBytes: kept)
    texts.removeAll(keepingBytes: kept)
    bins.removeAll(keepingBytes: kept)
    imageTag = .empty
  }
}

/// What a tracer counted of one group in one of its buckets.
public struct ClientGroupRecord: BitwiseCopyable, Sendable {
  /// Hits that are believed: a hundred billion a second, for ten seconds. Sums of them stay within 64 bits.
  public static let hitsMax: UInt64 = 1 << 40

  /// Start of the tracer's bucket, in ns since 1970, and its width in ns.
  public var bucketStartNs: UInt64 = 0
  public var bucketWidthNs: UInt64 = 0
  public var hits: UInt64 = 0
  public var errors: UInt64 = 0
  /// Sum of the spans' durations in ns.
  public var durationNs: UInt64 = 0
  /// Of the hits, those of spans that enter their service.
  public var topLevelHits: UInt64 = 0
  public var isSynthetics = false
  /// 0 where the tracer does not say whether the spans began their traces, 1 if they did, 2 if not.
  public var traceRoot: UInt8 = 0
  public var httpMethod = ByteSlice.empty
  public var httpEndpoint = ByteSlice.empty
  /// Lists of `key:value`, in `ClientStatistics.texts`.
  public var peerTags = IndexRange.empty
  public var primaryTags = IndexRange.empty
  public var metricTags = IndexRange.empty
  /// Durations of good and of failed spans.
  public var okSketch = SketchRecord()
  public var errorSketch = SketchRecord()

  @inlinable public init() {}
}

/// A DDSketch as it came: a value v lies in the bin floor(log(v) / log(gamma) + offset).
public struct SketchRecord: BitwiseCopyable, Sendable {
  /// Above 1, unless the sketch has no bins.
  public var gamma = 0.0
  public var indexOffset = 0.0
  /// Values of zero and less.
  public var zeroCount = 0.0
  /// In `ClientStatistics.bins`, in any order; a bin may come twice.
  public var bins = IndexRange.empty

  @inlinable public init() {}
}

/// A bin of a DDSketch. Tracers may count in fractions; no count is below zero or infinite.
public struct SketchBin: BitwiseCopyable, Sendable {
  public var index: Int32
  public var count: Double

  @inlinable public init(index: Int32, count: Double) {
    self.index = index
    self.count = count
  }
}
