import MessagePack

/// One message on a control connection: a 4-byte big-endian length and that many bytes of MessagePack.
enum ControlFrame {
  /// Rows take some six bytes an element, so what fits in bytes fits in elements too.
  private static let limits = MessagePackLimits(bytesMax: ControlProtocol.answerBytesMax, elementsMax: 4_000_000)

  static func write(
    _ value: MessagePackValue, limit: Int, to stream: borrowing StreamSocket, deadline: ContinuousClock.Instant
  ) throws(ControlError) {
    let body = value.pack()
    guard body.count <= limit else { throw .tooLarge(bytes: body.count, limit: limit) }
    let length = UInt32(clamping: body.count)
    let prefix = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) }
    try stream.write(prefix + body, deadline: deadline)
  }

  static func read(
    limit: Int, from stream: borrowing StreamSocket, deadline: ContinuousClock.Instant
  ) throws(ControlError) -> MessagePackValue {
    let prefix = try stream.read(4, deadline: deadline)
    let length = prefix.reduce(0) { $0 << 8 | Int($1) }
    guard length <= limit else { throw .tooLarge(bytes: length, limit: limit) }
    let body = try stream.read(length, deadline: deadline)
    do {
      return try MessagePackValue.unpack(body, limits: limits).value
    } catch {
      throw .malformed("\(error)")
    }
  }
}
