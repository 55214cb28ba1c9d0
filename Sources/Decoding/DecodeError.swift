/// Why a payload could not be decoded: where, what was expected and what was there.
package struct DecodeError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong with a value, for counters; the texts say the rest.
  package enum Kind: Equatable, Sendable {
    /// A body of lengths and counts that ends inside a value, or announces more elements than its bytes could hold.
    case shortBytes
    /// JSON that ends inside its document, or is none at all.
    case unexpectedEnd
    /// A value of a type that the field cannot take.
    case wrongType
    /// A number outside the field's range, or a reference outside the string table.
    case outOfRange
    /// More spans or attributes than one payload may carry.
    case tooMany
    /// More memory than the agent has left; the payload itself may be fine.
    case noMemory
    /// Values nested deeper than 64 levels.
    case tooDeep
    /// An array with another number of elements than the format fixes.
    case wrongLength
    /// Bytes that the wire format does not allow in this place.
    case malformed
  }

  /// The class of the fault, by which counters tell errors apart.
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

  /// For a payload that was read whole, and for whose further way there is no memory.
  package static let noMemory = ValueError.noMemory(at: 0).located(trace: -1, span: -1, field: "traces")

  package var description: String {
    var place = "byte \(byteOffset)"
    if traceIndex >= 0 { place += ", trace \(traceIndex)" }
    if spanIndex >= 0 { place += ", span \(spanIndex)" }
    return "\(place), field \(field): expected \(expected), saw \(seen)"
  }
}
