import Foundation
import Platform

/// A unix socket that reads a request and writes an answer, once or as often as it is told.
final class TracePort: Sendable {
  let path = "/tmp/roost-test-\(UInt32.random(in: 0 ... .max)).sock"
  private let received = Lock("")

  /// What arrived, as far as it is text.
  var request: String { received.withLock { $0 } }

  struct CannotListen: Error {}

  init(requests: Int = 1, _ answer: @escaping @Sendable (String) -> String) throws {
    #if canImport(Darwin)
      let listening = socket(AF_UNIX, SOCK_STREAM, 0)
    #else
      let listening = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    #endif
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let result = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listening, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0, listen(listening, 4) == 0 else { throw CannotListen() }
    Thread.detachNewThread { [self] in
      for _ in 0..<requests {
        let connection = accept(listening, nil, nil)
        let text = Self.readRequest(connection)
        received.withLock { $0 = text }
        let bytes = Array(answer(text).utf8)
        _ = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, SystemSockets.sendFlags) }
        close(connection)
      }
      close(listening)
    }
  }

  deinit { unlink(path) }

  /// Head and as many bytes of body as it declares.
  private static func readRequest(_ connection: CInt) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count > 0 else { break }
      bytes += chunk.prefix(count)
      let text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
      guard let head = text.range(of: "\r\n\r\n") else { continue }
      let field = text.range(of: "Content-Length: ")
      let length = field.flatMap { Int(text[$0.upperBound...].prefix { $0.isNumber }) } ?? 0
      if text.unicodeScalars.distance(from: head.upperBound, to: text.endIndex) >= length { break }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
