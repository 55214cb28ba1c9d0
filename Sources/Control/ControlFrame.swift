import JSON

/// One message on a control connection: a 4-byte big-endian length and that many bytes of JSON.
enum ControlFrame {
  /// Commas in a message at most. An element that is read takes more memory than the two bytes it may travel as; those of
  /// rows take some twenty, so what fits in bytes is far below.
  static let commasMax = 4_000_000

  static func write(
    _ message: ControlMessage, limit: Int, to stream: borrowing StreamSocket, deadline: ContinuousClock.Instant
  ) throws(ControlError) {
    let body = message.value.compactBytes
    guard body.count <= limit else { throw .tooLarge(bytes: body.count, limit: limit) }
    try write(body, to: stream, deadline: deadline)
  }

  static func read(
    limit: Int, from stream: borrowing StreamSocket, deadline: ContinuousClock.Instant
  ) throws(ControlError) -> ControlMessage {
    let prefix = try stream.read(4, deadline: deadline)
    let length = prefix.reduce(0) { $0 << 8 | Int($1) }
    guard length <= limit else { throw .tooLarge(bytes: length, limit: limit) }
    let body = try stream.read(length, deadline: deadline)
    // Version 1 was MessagePack; its messages are maps of at most 15 entries, and JSON never begins with such a byte.
    if let first = body.first, first & 0xf0 == 0x80 { throw .versionMismatch(theirs: 1) }
    let commas = body.reduce(0) { $1 == UInt8(ascii: ",") ? $0 + 1 : $0 }
    guard commas <= commasMax else { throw .malformed("more than \(commasMax) elements") }
    let value: JSONValue
    do { value = try JSONValue.parse(body) } catch { throw .malformed("\(error)") }
    return try ControlMessage(reading: value)
  }

  /// Says our version so that a command of version 1 understands it: a MessagePack map that holds `v` and nothing else.
  static func writeVersionForV1(
    to stream: borrowing StreamSocket, deadline: ContinuousClock.Instant
  ) throws(ControlError) {
    try write([0x81, 0xa1, UInt8(ascii: "v"), UInt8(ControlProtocol.version & 0x7f)], to: stream, deadline: deadline)
  }

  private static func write(
    _ body: [UInt8], to stream: borrowing StreamSocket, deadline: ContinuousClock.Instant
  ) throws(ControlError) {
    let length = UInt32(clamping: body.count)
    let prefix = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> UInt32($0)) }
    try stream.write(prefix + body, deadline: deadline)
  }
}
