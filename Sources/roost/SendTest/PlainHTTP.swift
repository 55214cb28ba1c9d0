import Control

/// One HTTP/1.1 request over a fresh connection: enough to be a client of the trace port.
enum PlainHTTP {
  struct Response: Equatable {
    var status: Int
    /// The text after the headers, empty when there is none; reading stops soon after `responseBytesMax` bytes.
    var body: String
  }

  /// An agent answers with a few hundred bytes.
  static let responseBytesMax = 64 * 1024

  /// Sends `body` and reads the answer until the other side closes.
  static func put(
    _ body: [UInt8], path: String, headers: [(String, String)], over stream: borrowing StreamSocket,
    deadline: ContinuousClock.Instant
  ) throws(ControlError) -> Response {
    let length = ("Content-Length", String(body.count))
    return try exchange("PUT \(path)", [length] + headers, body, over: stream, deadline: deadline)
  }

  /// Asks for a document, under roost's name so that the agent does not take it for an app.
  static func get(
    _ path: String, over stream: borrowing StreamSocket, deadline: ContinuousClock.Instant
  ) throws(ControlError) -> Response {
    let name = ("User-Agent", "roost/\(BuildVersion.version)")
    return try exchange("GET \(path)", [name], [], over: stream, deadline: deadline)
  }

  private static func exchange(
    _ request: String, _ headers: [(String, String)], _ body: [UInt8], over stream: borrowing StreamSocket,
    deadline: ContinuousClock.Instant
  ) throws(ControlError) -> Response {
    let fixed = [("Host", "localhost"), ("Connection", "close")]
    let lines = ["\(request) HTTP/1.1"] + (fixed + headers).map { "\($0.0): \($0.1)" }
    try stream.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body, deadline: deadline)
    var received: [UInt8] = []
    while received.count < responseBytesMax {
      let part = try stream.readSome(4096, deadline: deadline)
      if part.isEmpty { break }
      received += part
    }
    return try parse(received)
  }

  /// The status line and what follows the empty line.
  static func parse(_ bytes: [UInt8]) throws(ControlError) -> Response {
    let text = String(decoding: bytes, as: UTF8.self)
    let words = text.prefix { $0 != "\r\n" && $0 != "\n" }.split(separator: " ")
    guard words.count >= 2, words[0].hasPrefix("HTTP/"), let status = Int(words[1]) else {
      throw .malformed("that is no HTTP answer")
    }
    let end = bytes.indices.first { bytes[$0...].starts(with: [13, 10, 13, 10]) }
    let body = end.map { String(decoding: bytes[($0 + 4)...], as: UTF8.self) } ?? ""
    return Response(status: status, body: body)
  }
}
