import Addresses
import Platform

@testable import Receiver

/// Another server on a real socket: takes every connection, and answers nobody before it is told to.
final class SlowUpstream: Sendable {
  let port: UInt16
  private let listener: Listener
  private let held = Lock([Int32]())

  init() throws {
    var configuration = ReceiverConfiguration(tcp: [.tcp(host: "127.0.0.1", port: 0)])
    configuration.unixSocketPath = nil
    guard let listener = try ListenerSet(configuration).listeners.first, case .tcp(_, let port) = listener.address
    else { throw Client.Broken(what: "upstream") }
    self.listener = listener
    self.port = port
  }

  deinit {
    held.withLock { descriptors in
      for descriptor in descriptors { close(descriptor) }
    }
  }

  /// Takes the connections that have come so far; how many are held now.
  func accept() -> Int {
    held.withLock { held in
      var address = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      while true {
        let descriptor = withUnsafeMutablePointer(to: &address) { pointer in
          pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { SystemCalls.accept(listener.number, $0, &length) }
        }
        if descriptor < 0 { return held.count }
        held.append(descriptor)
      }
    }
  }

  /// Answers all that are held with what they sent.
  func answerAll() {
    let descriptors = held.withLock { held in
      defer { held = [] }
      return held
    }
    for descriptor in descriptors {
      var request = [UInt8](repeating: 0, count: 4096)
      let count = max(recv(descriptor, &request, request.count, 0), 0)
      let text = String(decoding: request.prefix(count), as: UTF8.self)
      let body = text.firstRange(of: "\r\n\r\n").map { text[$0.upperBound...] } ?? ""
      let answer = "HTTP/1.1 202 Accepted\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
      _ = Array(answer.utf8).withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, SystemCalls.sendFlags) }
      close(descriptor)
    }
  }
}
