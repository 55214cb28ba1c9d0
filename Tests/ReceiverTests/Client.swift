import Addresses
import Platform

@testable import Receiver

/// A client on a plain socket, which can also do what no HTTP library would.
final class Client: @unchecked Sendable {
  let descriptor: Int32
  private var pending: [UInt8] = []

  struct Response: Equatable {
    var status: Int
    var headers: [String: String]
    var body: String
  }

  struct Broken: Error { let what: String }

  convenience init(port: UInt16, host: String = "127.0.0.1") throws {
    try self.init(.tcp(host: host, port: port))
  }

  convenience init(unix path: String) throws { try self.init(.unix(path: path)) }

  convenience init(_ listener: SocketAddress) throws {
    guard let address = SystemAddress(listener) else { throw Broken(what: "address") }
    try self.init(family: address.family) { descriptor in address.withPointer { connect(descriptor, $0, $1) } }
  }

  private init(family: Int32, _ connecting: (Int32) -> Int32) throws {
    descriptor = socket(family, SystemSockets.stream, 0)
    // No test waits this long; it only keeps a broken one from hanging.
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    waitToSend(seconds: 20)
    guard connecting(descriptor) == 0 else { throw Broken(what: "connect: \(systemErrorText(errno))") }
  }

  deinit { close(descriptor) }

  /// Sends everything; false when the other side no longer takes it.
  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// Of what was sent over a unix socket, bytes that the other side has not read yet, with what the system takes for them.
  var unreadBytes: Int32 {
    var count: Int32 = 0
    #if os(Linux)
      _ = ioctl(descriptor, UInt(TIOCOUTQ), &count)
    #else
      var length = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(descriptor, SOL_SOCKET, SO_NWRITE, &count, &length)
    #endif
    return count
  }

  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let more = bytes.withUnsafeBytes { sendQuietly(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent) }
      guard more > 0 else { return false }
      sent += more
    }
    return true
  }

  /// How long to try to send before the other side counts as one that takes no more.
  func waitToSend(seconds: Int) {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Lets little wait unread.
  func narrow() {
    var bytes: Int32 = 4_096
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
  }

  func post(_ path: String, _ body: [UInt8], headers: String = "", method: String = "POST") {
    send(Array("\(method) \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\(headers)\r\n".utf8) + body)
  }

  /// One whole answer; throws when the connection ends before it.
  func response() throws -> Response {
    let head = try readHead()
    var lines = head.split(separator: "\r\n")[...]
    guard let first = lines.popFirst() else { throw Broken(what: "empty head") }
    let status = Int(first.split(separator: " ").dropFirst().first ?? "") ?? 0
    var headers: [String: String] = [:]
    for line in lines {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    while pending.count < length { try readMore() }
    let body = String(decoding: pending.prefix(length), as: UTF8.self)
    pending.removeFirst(length)
    return Response(status: status, headers: headers, body: body)
  }

  /// That many bytes, whatever they are.
  func text(count: Int) throws -> String {
    while pending.count < count { try readMore() }
    defer { pending.removeFirst(count) }
    return String(decoding: pending.prefix(count), as: UTF8.self)
  }

  /// What has come, at least a byte.
  func someBytes() throws -> [UInt8] {
    if pending.isEmpty { try readMore() }
    defer { pending = [] }
    return pending
  }

  private func readHead() throws -> Substring {
    while true {
      let text = String(decoding: pending, as: UTF8.self)
      if let end = text.firstRange(of: "\r\n\r\n") {
        pending.removeFirst(text.utf8.distance(from: text.startIndex, to: end.upperBound))
        return Substring(text[..<end.lowerBound])
      }
      try readMore()
    }
  }

  private func readMore() throws {
    var room = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &room, room.count, 0)
    guard count > 0 else { throw Broken(what: count == 0 ? "closed" : systemErrorText(errno)) }
    pending += room.prefix(count)
  }

  /// Reads until the server closes. True for an orderly end, false for a reset.
  func waitForEnd() -> Bool {
    while true {
      do { try readMore() } catch { return (error as? Broken)?.what == "closed" }
    }
  }

  /// All that comes until the connection ends.
  func rest() -> String {
    _ = waitForEnd()
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  func closeSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Makes the later close a reset.
  func resetOnClose() {
    var setting = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
  }
}

private func sendQuietly(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  #if canImport(Darwin)
    Platform.send(descriptor, bytes, count, 0)
  #else
    send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
  #endif
}
