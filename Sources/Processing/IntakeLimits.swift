import TraceModel

/// Limits of the Datadog intake, in bytes.
enum IntakeLimits {
  static let serviceBytesMax = 100
  static let nameBytesMax = 100
  static let typeBytesMax = 100
  static let metaKeyBytesMax = 200
  static let metaValueBytesMax = 25_000
  static let metricKeyBytesMax = 200
  /// 2000-01-01 in ns since 1970: a span that starts before has a broken clock.
  static let year2000Ns: Int64 = 946_684_800_000_000_000

  /// The beginning of a text, at most `bytesMax` long; never a part of a character.
  static func prefix(_ slice: ByteSlice, _ batch: borrowing SpanBatch, bytesMax: Int) -> ByteSlice {
    slice.prefix(ByteString.truncatedLength(batch.bytes(slice), limit: bytesMax))
  }
}
