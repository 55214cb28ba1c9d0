import Foundation

/// An HTTP/1.1 server on a loopback port that answers as it is told, fault by fault, and keeps what it received.
final class FaultyIntake: @unchecked Sendable {
  enum Answer {
    case status(Int, headers: [String] = [], bodyBytes: Int = 2)
    /// 200 with these bytes.
    case taken([UInt8])
    /// Another status with these bytes.
    case refused(Int, [UInt8])
    /// Close the connection with a TCP reset instead of answering.
    case reset
    /// Hold the request until `release()`, and answer it with 200 then.
    case stall

    /// The status of the answer; `nil` when there is none.
    var status: Int? {
      switch self {
      case .status(let status, _, _), .refused(let status, _): status
      case .reset: nil
      case .taken, .stall: 200
      }
    }
  }

  struct Request: Sendable {
    let line: String
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]
    /// The status it was answered with; `nil` when it was not answered.
    let status: Int?
  }

  let port: Int
  var url: String { "http://127.0.0.1:\(port)" }

  private let listener: Int32
  private let condition = NSCondition()
  private var script: [Answer]
  private let last: Answer
  private var finished: [Request] = []
  private var arrived = 0
  private var held = 0
  private var heldMax = 0
  private var isReleased = false

  /// - Parameters:
  ///   - script: one answer for each request.
  ///   - last: the answer to every request behind the script's end.
  init(_ script: [Answer] = [], then last: Answer = .status(200)) throws {
    self.script = script
    self.last = last
    (listener, port) = try Self.listen()
    let listener = self.listener
    Thread.detachNewThread { [weak self] in
      // Closed by this thread where it can be woken without that: the number of a closed listener goes to the next socket
      // of the process, and a late `accept` would take that one's connections.
      #if !canImport(Darwin)
        defer { close(listener) }
      #endif
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        guard let intake = self else {
          _ = close(connection)
          return
        }
        Thread.detachNewThread { intake.serve(connection) }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    #if canImport(Darwin)
      close(listener)
    #endif
  }

  /// All requests that were read to their end, in the order of their answers.
  var requests: [Request] { condition.withLock { finished } }
  /// The most requests that were held by `stall` at once.
  var heldAtOnceMax: Int { condition.withLock { heldMax } }

  func release() {
    condition.withLock {
      isReleased = true
      condition.broadcast()
    }
  }

  /// Waits until so many requests have arrived, whether they are answered or not.
  func waitForArrivals(_ count: Int) -> Bool { wait { arrived >= count } }

  private func wait(_ isReached: () -> Bool) -> Bool {
    condition.withLock {
      let deadline = Date(timeIntervalSinceNow: 30)
      while !isReached() {
        guard condition.wait(until: deadline) else { return false }
      }
      return true
    }
  }

  /// A loopback port that nobody listens on.
  static func refusedPort() throws -> Int {
    let (listener, port) = try listen()
    close(listener)
    return port
  }

  private static func listen() throws -> (listener: Int32, port: Int) {
    #if canImport(Darwin)
      let listener = socket(AF_INET, SOCK_STREAM, 0)
    #else
      let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, length) == 0 && Foundation.listen(listener, 128) == 0
          && getsockname(listener, address, &length) == 0
      }
    }
    guard isBound else { throw CocoaError(.fileReadUnknown) }
    return (listener, Int(UInt16(bigEndian: address.sin_port)))
  }
}

extension FaultyIntake {
  /// Reads and answers one request after the other, until the client closes.
  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var buffer: [UInt8] = []
    while let (line, headers, body) = readRequest(connection, &buffer) {
      let answer: Answer = condition.withLock {
        arrived += 1
        condition.broadcast()
        let answer = script.isEmpty ? last : script.removeFirst()
        if case .stall = answer {
          held += 1
          heldMax = max(heldMax, held)
        }
        return answer
      }
      if case .stall = answer { hold() }
      condition.withLock {
        finished.append(Request(line: line, headers: headers, body: body, status: answer.status))
        condition.broadcast()
      }
      switch answer {
      case .status(let code, let extra, let bodyBytes):
        respond(connection, code, extra, [UInt8](repeating: 0x61, count: bodyBytes))
      case .taken(let body): respond(connection, 200, [], body)
      case .refused(let status, let body): respond(connection, status, [], body)
      case .stall: respond(connection, 200, [], [0x61, 0x61])
      case .reset:
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        return
      }
    }
  }

  private func hold() {
    condition.withLock {
      while !isReleased { condition.wait() }
      held -= 1
    }
  }

  private func readRequest(
    _ connection: Int32, _ buffer: inout [UInt8]
  ) -> (line: String, headers: [String: String], body: [UInt8])? {
    let separator = [UInt8]("\r\n\r\n".utf8)
    var end = buffer.firstRange(of: separator)
    while end == nil {
      guard receive(connection, &buffer) else { return nil }
      end = buffer.firstRange(of: separator)
    }
    guard let end else { return nil }
    let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      headers[parts[0].lowercased()] = parts.count > 1 ? parts[1] : ""
    }
    buffer.removeFirst(end.upperBound)
    let count = headers["content-length"].flatMap { Int($0) } ?? 0
    while buffer.count < count { guard receive(connection, &buffer) else { return nil } }
    defer { buffer.removeFirst(count) }
    return (lines[0], headers, [UInt8](buffer.prefix(count)))
  }

  private func receive(_ connection: Int32, _ buffer: inout [UInt8]) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = recv(connection, &bytes, bytes.count, 0)
    guard count > 0 else { return false }
    buffer += bytes.prefix(count)
    return true
  }

  private func respond(_ connection: Int32, _ status: Int, _ extra: [String], _ body: [UInt8]) {
    let lines = ["HTTP/1.1 \(status) Whatever", "Content-Length: \(body.count)"] + extra
    let bytes = [UInt8]((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    var sent = 0
    while sent < bytes.count {
      #if canImport(Darwin)
        let count = bytes.withUnsafeBytes { send(connection, $0.baseAddress.map { $0 + sent }, $0.count - sent, 0) }
      #else
        let count = bytes.withUnsafeBytes {
          send(connection, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
        }
      #endif
      guard count > 0 else { return }
      sent += count
    }
  }
}
