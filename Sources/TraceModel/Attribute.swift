/// A text attribute of a span.
public struct MetaEntry: BitwiseCopyable, Sendable {
  public var key: ByteSlice
  public var value: ByteSlice
  /// Which key this is, or `.unknown`. `.removed` entries are skipped.
  public var known: KnownKey

  @inlinable public init(key: ByteSlice, value: ByteSlice, known: KnownKey) {
    self.key = key
    self.value = value
    self.known = known
  }
}

/// A number attribute of a span.
public struct MetricEntry: BitwiseCopyable, Sendable {
  public var key: ByteSlice
  public var known: KnownKey
  public var value: Double

  @inlinable public init(key: ByteSlice, value: Double, known: KnownKey) {
    self.key = key
    self.value = value
    self.known = known
  }
}

/// A number attribute that roost added to a span: a link in a list that starts at the span's record.
public struct AddedMetric: BitwiseCopyable, Sendable {
  public var entry: MetricEntry
  public var next: Int32
}

/// A causal link to another span.
public struct LinkRecord: BitwiseCopyable, Sendable {
  public var traceID: UInt64 = 0
  public var traceIDHigh: UInt64 = 0
  public var spanID: UInt64 = 0
  /// Text attributes in `SpanBatch.linkAttributes`.
  public var attributes = IndexRange.empty
  public var tracestate = ByteSlice.empty
  public var flags: UInt32 = 0

  @inlinable public init() {}
}

/// Something that happened at one instant of a span.
public struct EventRecord: BitwiseCopyable, Sendable {
  public var timeUnixNano: UInt64 = 0
  public var name = ByteSlice.empty
  /// In `SpanBatch.eventAttributes`.
  public var attributes = IndexRange.empty

  @inlinable public init() {}
}

/// An event attribute: a key and a typed value.
public struct EventAttribute: BitwiseCopyable, Sendable {
  public var key = ByteSlice.empty
  public var value = AnyValueRecord()

  @inlinable public init() {}
}

/// The wire's manual union: `type` says which field holds the value, but a hostile client may set any of them.
public struct AnyValueRecord: BitwiseCopyable, Sendable {
  /// 0 string, 1 bool, 2 int, 3 double, 4 array.
  public var type: Int32 = 0
  public var bool = false
  public var hasArray = false
  public var string = ByteSlice.empty
  public var int: Int64 = 0
  public var double: Double = 0
  /// In `SpanBatch.arrayValues`; elements are never arrays themselves.
  public var array = IndexRange.empty

  @inlinable public init() {}
}
