import TraceModel

/// The value of an attribute of OTLP.
struct OTLPValue: BitwiseCopyable, Sendable {
  enum Kind: UInt8, Sendable {
    case text
    /// An array or a list of keys and values, written as JSON.
    case json
    case bool, int, double
  }

  var kind = Kind.text
  /// Of a text, or of JSON.
  var text = ByteSlice.empty
  /// Of the other kinds: 0 or 1, or the bits of the number.
  var bits: UInt64 = 0

  static func text(_ text: ByteSlice) -> Self { Self(kind: .text, text: text) }
  static func json(_ text: ByteSlice) -> Self { Self(kind: .json, text: text) }
  static func bool(_ value: Bool) -> Self { Self(kind: .bool, bits: value ? 1 : 0) }
  static func int(_ value: Int64) -> Self { Self(kind: .int, bits: UInt64(bitPattern: value)) }
  static func double(_ value: Double) -> Self { Self(kind: .double, bits: value.bitPattern) }

  /// The number that it is; `nil` for the other kinds.
  var number: Double? {
    switch kind {
    case .int: Double(Int64(bitPattern: bits))
    case .double: Double(bitPattern: bits)
    case .text, .json, .bool: nil
    }
  }
}

/// An attribute of OTLP, while the span or resource that it belongs to is read.
struct OTLPAttribute: BitwiseCopyable, Sendable {
  var key = ByteSlice.empty
  var facts = OTLPKeyFacts()
  var value = OTLPValue()
}

/// Something that happened within a span.
struct OTLPEvent: BitwiseCopyable, Sendable {
  var timeUnixNano: UInt64 = 0
  var name = ByteSlice.empty
  /// Where they lie in `OTLPAssembler.nested`; empty when there are none.
  var attributes = IndexRange.empty
  var droppedAttributes: UInt32 = 0
}

/// A span that another one refers to.
struct OTLPLink: BitwiseCopyable, Sendable {
  var traceID = OTLPTraceID()
  var spanID: UInt64 = 0
  var traceState = ByteSlice.empty
  /// Where they lie in `OTLPAssembler.nested`; empty when there are none.
  var attributes = IndexRange.empty
  var droppedAttributes: UInt32 = 0
}

/// An id of 128 bits.
struct OTLPTraceID: BitwiseCopyable, Equatable, Sendable {
  var high: UInt64 = 0
  var low: UInt64 = 0
}

/// The fields of a span as they were sent.
struct OTLPSpan: BitwiseCopyable, Sendable {
  enum Kind: UInt32, Sendable {
    case unspecified, `internal`, server, client, producer, consumer

    /// Numbers that no kind has yet are unspecified.
    init(number: UInt64) { self = UInt32(exactly: number).flatMap(Self.init(rawValue:)) ?? .unspecified }
  }

  var traceID = OTLPTraceID()
  var spanID: UInt64 = 0
  var parentID: UInt64 = 0
  var name = ByteSlice.empty
  var kind = Kind.unspecified
  var startNs: UInt64 = 0
  var endNs: UInt64 = 0
  var traceState = ByteSlice.empty
  /// 0 unset, 1 ok, 2 error; anything else counts as unset.
  var statusCode: UInt32 = 0
  var statusMessage = ByteSlice.empty
}
