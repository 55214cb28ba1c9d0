/// Why bytes are not the MessagePack that was asked for. Offsets count bytes from the start of the input.
package enum MessagePackError: Error, Equatable {
  /// The input ends inside the value that begins at `offset`.
  case truncated(offset: Int)
  /// The byte at `offset` begins no value (0xc1, which the format reserves).
  case malformed(offset: Int)
  /// The container that begins at `offset` lies inside `limit` others.
  case tooDeep(offset: Int, limit: Int)
  /// The container that begins at `offset` promises more elements than its bytes could hold, or than the limit.
  case tooManyElements(offset: Int, count: Int, limit: Int)
  /// The input is larger than the reader agreed to.
  case tooLarge(bytes: Int, limit: Int)
  /// libmsgpack-c found no memory for a value that passed all limits.
  case outOfMemory
}

extension MessagePackError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .truncated(let offset): "MessagePack ends inside the value that begins at byte \(offset)"
    case .malformed(let offset): "no MessagePack value begins with the byte at \(offset)"
    case .tooDeep(let offset, let limit): "the container at byte \(offset) is nested deeper than \(limit)"
    case .tooManyElements(let offset, let count, let limit):
      "the container at byte \(offset) promises \(count) elements, at most \(limit) are possible"
    case .tooLarge(let bytes, let limit): "MessagePack of \(bytes) bytes, at most \(limit) are read"
    case .outOfMemory: "no memory left to unpack MessagePack"
    }
  }
}
