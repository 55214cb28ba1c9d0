/// How much memory one payload may ask for.
///
/// A record is many times larger than the byte that can announce it, and a reference of three bytes to a string of the
/// v0.5 table stands for all of that string, which is written out when the span is sent on. A hostile body of some hundred
/// kilobytes could so ask for gigabytes. Everything that a payload makes us keep or write is therefore charged to one
/// budget. Real payloads need three times their size in v0.5, and less in the other formats.
enum PayloadBudget {
  /// What any payload may ask for.
  static let bytesMin = 64 << 20
  /// What a larger one may ask for, in bytes a byte of its body.
  static let bytesPerBodyByte = 16

  static func bytes(bodyBytes: Int) -> Int { max(bytesMin, bodyBytes * bytesPerBodyByte) }

  /// The same of OTLP: each span of a resource gets all that the resource says, which is sent once and is often longer than
  /// the span.
  static let bytesPerOTLPByte = 64

  static func bytes(otlpBytes: Int) -> Int { max(bytesMin, otlpBytes * bytesPerOTLPByte) }
}
