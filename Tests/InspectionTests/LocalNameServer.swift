import Foundation
import Platform

/// A name server of the test process: a free port of 127.0.0.1, over UDP alone.
final class LocalNameServer: Sendable {
  /// What comes back for a question: packets, in order; none for silence.
  typealias Answering = @Sendable (DNSQuestion) -> [[UInt8]]

  let port: Int
  private let descriptor: CInt
  /// The same port of TCP, bound and not listening, so that connections to it are refused.
  private let refusing: CInt
  private let stopping: WakePipe
  private let ended: WakePipe
  private let questions = Lock<[DNSQuestion]>([])

  /// Questions as they came, of any kind.
  var received: [DNSQuestion] { questions.withLock { $0 } }

  init(_ answering: @escaping Answering) throws {
    stopping = try WakePipe()
    ended = try WakePipe()
    (descriptor, refusing, port) = try Self.sockets()
    try JoinableThread(name: "names") { [self] in serve(answering) }.detach()
  }

  /// Closes the port.
  func stop() {
    stopping.wake()
    _ = ended.waitUntilWoken(atMost: .seconds(10))
  }

  private func serve(_ answering: Answering) {
    defer {
      close(descriptor)
      close(refusing)
      ended.wake()
    }
    var bytes = [UInt8](repeating: 0, count: 512)
    while true {
      var entries = [descriptor, stopping.readEnd].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&entries, 2, -1) > 0 else { continue }
      if entries[1].revents != 0 { return }
      var client = sockaddr_storage()
      var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
      withUnsafeMutablePointer(to: &client) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { client in
          let count = recvfrom(descriptor, &bytes, bytes.count, 0, client, &size)
          guard count > 0, let question = DNSQuestion(Array(bytes[..<count])) else { return }
          questions.withLock { $0.append(question) }
          for packet in answering(question) { _ = sendto(descriptor, packet, packet.count, 0, client, size) }
        }
      }
    }
  }

  /// Both sockets, and the port that they have in common. One that is free of TCP may be taken of UDP: then another.
  private static func sockets() throws -> (datagrams: CInt, connections: CInt, port: Int) {
    for _ in 0..<20 {
      let datagrams = socket(AF_INET, SystemSockets.datagram, 0)
      let connections = socket(AF_INET, SystemSockets.stream, 0)
      var port = UInt16(0)
      if bind(connections, &port), bind(datagrams, &port) { return (datagrams, connections, Int(port)) }
      close(datagrams)
      close(connections)
    }
    throw POSIXError(.EADDRINUSE)
  }

  /// Binds to 127.0.0.1, at any port for 0, and says at which.
  private static func bind(_ descriptor: CInt, _ port: inout UInt16) -> Bool {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        systemBind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    return isBound
  }
}

/// A question to a name server as RFC 1035 has it on the wire, and the answers to it.
struct DNSQuestion: Sendable {
  static let ipv4: UInt8 = 1
  static let ipv6: UInt8 = 28

  let bytes: [UInt8]
  /// In parts, joined by dots.
  let name: String
  /// 1 for IPv4, 28 for IPv6.
  let type: UInt8
  private let end: Int

  /// `nil` for what is no question.
  init?(_ bytes: [UInt8]) {
    guard bytes.count > 16 else { return nil }
    self.bytes = bytes
    var parts: [String] = []
    var position = 12
    while bytes[position] != 0 {
      let next = position + 1 + Int(bytes[position])
      guard next + 4 < bytes.count else { return nil }
      parts.append(String(decoding: bytes[position + 1..<next], as: UTF8.self))
      position = next
    }
    name = parts.joined(separator: ".")
    type = bytes[position + 2]
    end = position + 5
  }

  /// An answer with this code and these records.
  func answer(code: UInt8 = 0, _ records: [[UInt8]] = [], isCutOff: Bool = false) -> [UInt8] {
    bytes[..<2] + [isCutOff ? 0x83 : 0x81, 0x80 | code, 0, 1, 0, UInt8(records.count), 0, 0, 0, 0] + bytes[12..<end]
      + records.flatMap { $0 }
  }

  /// A record for the name that was asked for, which is a pointer back to it.
  static func record(_ type: UInt8, _ data: [UInt8], of name: [UInt8] = [0xc0, 12]) -> [UInt8] {
    name + [0, type, 0, 1, 0, 0, 0, 60, 0, UInt8(data.count)] + data
  }
}

private func systemBind(_ descriptor: CInt, _ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> CInt {
  bind(descriptor, address, size)
}
