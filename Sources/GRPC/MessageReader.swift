/// Finds the one message of a unary call in what its stream brings: a byte that says whether it is compressed, four of
/// length, most significant first, and the message, in pieces of any size (gRPC over HTTP/2, `Length-Prefixed-Message`).
struct MessageReader {
  private static let prefixBytes = 5

  private var prefix: UInt64 = 0
  private var prefixCount = 0
  /// Bytes of the message that have come.
  private(set) var received = 0

  /// Bytes of the message as the prefix says; `nil` before all of that is here.
  var length: Int? { prefixCount == Self.prefixBytes ? Int(prefix & 0xFFFF_FFFF) : nil }

  /// What the first byte says; known with `length`.
  var isCompressed: Bool { prefix >> 32 != 0 }

  /// All of the message has come.
  var isWhole: Bool { length == received }

  /// Reads the next bytes.
  /// - Parameters:
  ///   - lengthMax: a longer message is refused as soon as its length is known.
  ///   - keep: takes a piece of the message, which has `length` bytes in all; false when it cannot.
  mutating func read(
    _ bytes: UnsafeRawBufferPointer, lengthMax: Int, keep: (_ piece: UnsafeRawBufferPointer, _ length: Int) -> Bool
  ) throws(CallFailure) {
    var rest = bytes[...]
    while prefixCount < Self.prefixBytes, let byte = rest.popFirst() {
      prefix = prefix << 8 | UInt64(byte)
      prefixCount += 1
      if prefixCount == 1, byte > 1 { throw .malformed }
    }
    guard let length else { return }
    if length > lengthMax { throw .messageTooLarge }
    guard !rest.isEmpty else { return }
    // A second message, or what is none.
    guard rest.count <= length - received else { throw .malformed }
    guard keep(UnsafeRawBufferPointer(rebasing: rest), length) else { throw .noRoom }
    received += rest.count
  }
}
