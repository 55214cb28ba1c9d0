/// A text attribute of a span.
package struct MetaEntry: BitwiseCopyable, Sendable {
  package var key: ByteSlice
  package var value: ByteSlice
  /// Which key this is, or `.unknown`. `.removed` entries are skipped.
  package var known: KnownKey

  @inlinable package init(key: ByteSlice, value: ByteSlice, known: KnownKey) {
    self.key = key
    self.value = value
    self.known = known
  }
}

/// A number attribute of a span.
package struct MetricEntry: BitwiseCopyable, Sendable {
  package var key: ByteSlice
  package var known: KnownKey
  package var value: Double

  @inlinable package init(key: ByteSlice, value: Double, known: KnownKey) {
    self.key = key
    self.value = value
    self.known = known
  }
}

/// An attribute that roost added to a span: a link in a list that starts at the span's record.
package struct AddedMeta: BitwiseCopyable, Sendable {
  package var entry: MetaEntry
  package var next: Int32
}

/// As `AddedMeta`, for numbers.
package struct AddedMetric: BitwiseCopyable, Sendable {
  package var entry: MetricEntry
  package var next: Int32
}

/// A causal link to another span.
package struct LinkRecord: BitwiseCopyable, Sendable {
  package var traceID: UInt64 = 0
  package var traceIDHigh: UInt64 = 0
  package var spanID: UInt64 = 0
  /// Text attributes in `SpanBatch.linkAttributes`.
  package var attributes = IndexRange.empty
  package var tracestate = ByteSlice.empty
  package var flags: UInt32 = 0

  @inlinable package init() {}
}

/// Something that happened at one instant of a span.
package struct EventRecord: BitwiseCopyable, Sendable {
  package var timeUnixNano: UInt64 = 0
  package var name = ByteSlice.empty
  /// In `SpanBatch.eventAttributes`.
  package var attributes = IndexRange.empty

  @inlinable package init() {}
}

/// An event attribute: a key and a typed value.
package struct EventAttribute: BitwiseCopyable, Sendable {
  package var key = ByteSlice.empty
  package var value = AnyValueRecord()

  @inlinable package init() {}
}

/// The wire's manual union: `type` says which field holds the value, but a hostile client may set any of them.
package struct AnyValueRecord: BitwiseCopyable, Sendable {
  /// 0 string, 1 bool, 2 int, 3 double, 4 array.
  package var type: Int32 = 0
  package var bool = false
  package var hasArray = false
  package var string = ByteSlice.empty
  package var int: Int64 = 0
  package var double: Double = 0
  /// In `SpanBatch.arrayValues`; elements are never arrays themselves.
  package var array = IndexRange.empty

  @inlinable package init() {}
}
