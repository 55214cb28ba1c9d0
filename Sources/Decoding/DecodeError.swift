/// Why a payload could not be decoded: where, what was expected and what was there.
package struct DecodeError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong with a value, for counters; the texts say the rest.
  package enum Kind: Equatable, Sendable {
    /// The body ends inside a value, or announces more elements than its bytes could hold.
    case shortBytes
    /// A value of a type that the field cannot take.
    case wrongType
    /// A number outside the field's range, or a reference outside the string table.
    case outOfRange
    /// More spans or attributes than one payload may carry.
    case tooMany
    /// Values nested deeper than `MessagePackReader.depthMax`.
    case tooDeep
    /// An array with another number of elements than the format fixes.
    case wrongLength
  }

  /// What is wrong.
  package let kind: Kind
  /// Offset of the offending byte in the body.
  package let byteOffset: Int
  /// Index of the trace in the payload and of the span in the trace; -1 before the first.
  package let traceIndex: Int
  package let spanIndex: Int
  /// The span field being read, or the part of the payload.
  package let field: String
  package let expected: String
  package let seen: String

  package var description: String {
    var place = "byte \(byteOffset)"
    if traceIndex >= 0 { place += ", trace \(traceIndex)" }
    if spanIndex >= 0 { place += ", span \(spanIndex)" }
    return "\(place), field \(field): expected \(expected), saw \(seen)"
  }
}

/// What a reader knows of a bad value; the decoder adds trace, span and field.
struct ValueError: Error {
  var kind: DecodeError.Kind
  var offset: Int
  var expected: Expectation
  /// The format byte that was there; `nil` where there is none to name.
  var marker: UInt8?

  enum Expectation: String {
    case string, integer, number
    case int32 = "an integer that fits 32 bits"
    case int64 = "an integer that fits 63 bits"
    case array, map, bytes, bool
    case value = "a value"
    case reference = "an index into the string table"
    case element = "as many elements as announced"
    case depth = "at most 64 levels"
    case fewer = "fewer elements in one payload"
    case pair = "an array of 2"
    case twelve = "an array of 12"
  }

  func located(trace: Int, span: Int, field: String) -> DecodeError {
    DecodeError(
      kind: kind, byteOffset: offset, traceIndex: trace, spanIndex: span, field: field, expected: expected.rawValue,
      seen: seen)
  }

  private var seen: String {
    if let marker { return Self.typeName(of: marker) }
    return kind == .tooMany ? "more" : "the end of the body"
  }

  /// The MessagePack type that a format byte opens.
  static func typeName(of marker: UInt8) -> String {
    switch marker {
    case 0x00...0x7F, 0xCC...0xCF: "unsigned integer"
    case 0x80...0x8F, 0xDE, 0xDF: "map"
    case 0x90...0x9F, 0xDC, 0xDD: "array"
    case 0xA0...0xBF, 0xD9...0xDB: "string"
    case 0xC0: "nil"
    case 0xC2, 0xC3: "bool"
    case 0xC4...0xC6: "bytes"
    case 0xC7...0xC9, 0xD4...0xD8: "extension"
    case 0xCA, 0xCB: "float"
    case 0xD0...0xD3, 0xE0...0xFF: "signed integer"
    default: "the reserved byte 0xc1"
    }
  }
}
