/// A text attribute of a span.
public struct MetaEntry: BitwiseCopyable, Equatable, Sendable {
  public var key: ByteSlice
  public var value: ByteSlice
  /// Which key this is, or `.unknown`. `.removed` entries are skipped.
  public var known: KnownKey
  /// Leaves no gap between entries, so that runs of them are compared by their bytes.
  @usableFromInline let filling: UInt16

  @inlinable public init(key: ByteSlice, value: ByteSlice, known: KnownKey) {
    self.key = key
    self.value = value
    self.known = known
    filling = 0
  }
}

/// A number attribute of a span.
public struct MetricEntry: BitwiseCopyable, Sendable {
  public var key: ByteSlice
  public var known: KnownKey
  /// The sender gave an integer, for destinations that tell the two apart. Formats that know only numbers leave it out.
  public var isInteger: Bool
  public var value: Double

  @inlinable public init(key: ByteSlice, value: Double, known: KnownKey, isInteger: Bool = false) {
    self.key = key
    self.value = value
    self.known = known
    self.isInteger = isInteger
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
  /// Where its text attributes lie in `SpanBatch.linkAttributes`; empty when it has none.
  public var attributes = IndexRange.empty
  /// Its other attributes, in `SpanBatch.typedAttributes`; only v1.0 has any.
  public var typed = IndexRange.empty
  public var tracestate = ByteSlice.empty
  public var flags: UInt32 = 0

  @inlinable public init() {}
}

/// Something that happened at one instant of a span.
public struct EventRecord: BitwiseCopyable, Sendable {
  public var timeUnixNano: UInt64 = 0
  public var name = ByteSlice.empty
  /// Where they lie in `SpanBatch.typedAttributes`; empty when it has none.
  public var attributes = IndexRange.empty

  @inlinable public init() {}
}

/// A key and a typed value: an attribute of an event, of a span, of a chunk or of a payload, or an entry of a key-value list.
public struct TypedAttribute: BitwiseCopyable, Sendable {
  public var key = ByteSlice.empty
  public var value = AnyValueRecord()

  @inlinable public init() {}
}

/// The wire's manual union: `type` says which field holds the value, but a hostile client may set any of them.
public struct AnyValueRecord: BitwiseCopyable, Sendable {
  /// 0 string, 1 bool, 2 int, 3 double, 4 array: the numbers of v0.4's and the intake's protobuf. 5 bytes (in `string`)
  /// and 6 key-value list are roost's own, for v1.0 and OTLP.
  public var type: Int32 = 0
  public var bool = false
  public var hasArray = false
  public var string = ByteSlice.empty
  public var int: Int64 = 0
  public var double: Double = 0
  /// Elements in `SpanBatch.arrayValues`. Those of v0.4 are never arrays themselves.
  public var array = IndexRange.empty

  /// How deep values lie within each other at most, as the decoders read them.
  public static let depthMax = 64

  @inlinable public init() {}

  /// A value of type 0, whose bytes stay where the slice points.
  public static func string(_ text: ByteSlice) -> Self { with(type: 0) { $0.string = text } }
  /// A value of type 1, true or false.
  public static func bool(_ value: Bool) -> Self { with(type: 1) { $0.bool = value } }
  /// A signed integer of 64 bits.
  public static func int(_ value: Int64) -> Self { with(type: 2) { $0.int = value } }
  /// A value of type 3, a 64-bit floating point number.
  public static func double(_ value: Double) -> Self { with(type: 3) { $0.double = value } }
  /// Elements that stand in `SpanBatch.arrayValues`, of any types.
  public static func array(_ elements: IndexRange) -> Self {
    with(type: 4) { ($0.array, $0.hasArray) = (elements, true) }
  }
  /// Bytes that need not be UTF-8.
  public static func bytes(_ bytes: ByteSlice) -> Self { with(type: 5) { $0.string = bytes } }
  /// Entries that stand in `SpanBatch.typedAttributes`, where they belong to nothing else.
  public static func keyValues(_ entries: IndexRange) -> Self { with(type: 6) { $0.array = entries } }

  /// What stands in the place of an attribute that a later one with its key has replaced; to be passed over.
  public static var removed: Self { with(type: -1) { _ in } }
  /// Whether a later attribute has replaced it.
  public var isRemoved: Bool { type == -1 }

  /// Entries of a key-value list in `SpanBatch.typedAttributes`; empty for all other types, and where a client of v0.4 says
  /// this type of an array, whose elements are elsewhere.
  public var keyValues: IndexRange { type == 6 && !hasArray ? array : .empty }

  private static func with(type: Int32, _ change: (inout Self) -> Void) -> Self {
    var value = AnyValueRecord()
    value.type = type
    change(&value)
    return value
  }
}
