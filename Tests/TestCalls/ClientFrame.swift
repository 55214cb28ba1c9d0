/// Frames of HTTP/2 as a client writes them, right or wrong (RFC 9113, 6).
package enum ClientFrame {
  /// What a connection begins with.
  package static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  /// The preface and empty settings.
  package static let opening = preface + settings()

  package static let endStream: UInt8 = 1
  package static let endHeaders: UInt8 = 4
  package static let ack: UInt8 = 1

  package static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
    Array(big(UInt32(payload.count)).dropFirst()) + [type, flags] + big(stream) + payload
  }

  package static func data(_ stream: UInt32, _ bytes: [UInt8], isLast: Bool = true) -> [UInt8] {
    frame(0, flags: isLast ? endStream : 0, stream: stream, bytes)
  }

  package static func headers(_ stream: UInt32, _ fields: [(String, String)], isLast: Bool = false) -> [UInt8] {
    frame(1, flags: endHeaders | (isLast ? endStream : 0), stream: stream, block(fields))
  }

  package static func priority(_ stream: UInt32) -> [UInt8] { frame(2, stream: stream, [0, 0, 0, 0, 7]) }

  package static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> [UInt8] { frame(3, stream: stream, big(code)) }

  package static func settings(_ values: [(UInt16, UInt32)] = []) -> [UInt8] {
    frame(4, values.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 0xFF)] + big($0.1) })
  }

  package static func ping() -> [UInt8] { frame(6, Array("12345678".utf8)) }

  package static func window(_ stream: UInt32, _ bytes: UInt32) -> [UInt8] { frame(8, stream: stream, big(bytes)) }

  package static func continuation(_ stream: UInt32, _ block: [UInt8], isLast: Bool = false) -> [UInt8] {
    frame(9, flags: isLast ? endHeaders : 0, stream: stream, block)
  }

  /// Header fields, each as a text that is in no table (RFC 7541, 6.2.2).
  package static func block(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { [0] + text($0.0) + text($0.1) }
  }

  /// The fields of a call, `changes` in place of those with the same name.
  package static func fields(_ path: String, _ changes: [(String, String)] = []) -> [(String, String)] {
    let usual = [
      (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "a"), ("te", "trailers"),
      ("content-type", "application/grpc"), ("user-agent", "test/1"),
    ]
    let added = changes.filter { change in !usual.contains { $0.0 == change.0 } }
    return usual.map { field in changes.first { $0.0 == field.0 } ?? field } + added
  }

  /// A message behind the prefix that gRPC wants.
  package static func message(_ bytes: [UInt8], flag: UInt8 = 0) -> [UInt8] {
    [flag] + big(UInt32(bytes.count)) + bytes
  }

  /// A whole call.
  package static func call(
    _ stream: UInt32, _ path: String, _ bytes: [UInt8], flag: UInt8 = 0, _ changes: [(String, String)] = []
  ) -> [UInt8] {
    let body = message(bytes, flag: flag)
    // No frame is larger than the server says that it takes.
    let pieces = stride(from: 0, to: body.count, by: 16_384).map { Array(body[$0..<min($0 + 16_384, body.count)]) }
    return headers(stream, fields(path, changes))
      + pieces.enumerated().flatMap { data(stream, $1, isLast: $0 == pieces.count - 1) }
  }

  /// A text behind its length, not compressed (RFC 7541, 5.2).
  private static func text(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
    var (length, left): ([UInt8], Int) = ([127], bytes.count - 127)
    while left >= 128 {
      length.append(UInt8(left & 127 | 128))
      left >>= 7
    }
    return length + [UInt8(left)] + bytes
  }

  private static func big(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
  }
}
