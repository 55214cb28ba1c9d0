import Dispatch
import Foundation
import Platform
import Synchronization

/// A socket of the test process that listens, and does one thing with every connection.
final class LocalServer: Sendable {
  enum Manner: Sendable {
    case answer(String)
    /// Sends before it reads anything.
    case speakFirst([UInt8])
    case close
    case reset
    /// Answers the start of a TLS handshake with an alert, and closes on everything else.
    case awaitTLS
    /// Takes the connection and says nothing.
    case keepSilent
    /// Does not take connections.
    case ignore
  }

  let port: Int
  private let descriptor: CInt
  private let hasThread: Bool
  private let isStopped = Atomic<Bool>(false)
  private let ended = DispatchSemaphore(value: 0)
  private let kept = Lock<[CInt]>([])
  private let requests = Lock<[String]>([])

  var received: [String] { requests.withLock { $0 } }

  #if canImport(Darwin)
    static let stream = SOCK_STREAM
    static let datagram = SOCK_DGRAM
  #else
    static let stream = CInt(SOCK_STREAM.rawValue)
    static let datagram = CInt(SOCK_DGRAM.rawValue)
  #endif

  /// Listens on a free port of 127.0.0.1, or of ::1.
  init(_ manner: Manner, ipv6: Bool = false, backlog: CInt = 16) throws {
    hasThread = Self.hasThread(manner)
    let descriptor = socket(ipv6 ? AF_INET6 : AF_INET, Self.stream, 0)
    self.descriptor = descriptor
    var bound: CInt
    if ipv6 {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_addr = in6addr_loopback
      bound = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          systemBind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    } else {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      bound = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          systemBind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
    var port: UInt16 = 0
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bound |= getsockname(descriptor, $0, &size) }
    }
    withUnsafeBytes(of: storage) { port = UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) }
    self.port = Int(port)
    guard bound == 0, listen(descriptor, backlog) == 0 else { throw POSIXError(.EADDRINUSE) }
    start(manner)
  }

  /// Listens at a path.
  init(_ manner: Manner, path: String) throws {
    hasThread = Self.hasThread(manner)
    port = 0
    descriptor = socket(AF_UNIX, Self.stream, 0)
    guard Self.bind(descriptor, to: path), listen(descriptor, 16) == 0 else { throw POSIXError(.EADDRINUSE) }
    start(manner)
  }

  /// Stops listening. The descriptor is closed after its thread has ended: its number goes to the next socket of the
  /// process, and a late `accept` would take that one's connections.
  func stop() {
    guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
    shutdown(descriptor, CInt(SHUT_RDWR))
    #if os(Linux)
      if hasThread { ended.wait() }
    #endif
    close(descriptor)
    kept.withLock { $0.forEach { close($0) } }
  }

  static func bind(_ descriptor: CInt, to path: String) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        systemBind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }

  private static func hasThread(_ manner: Manner) -> Bool {
    if case .ignore = manner { false } else { true }
  }

  private func start(_ manner: Manner) {
    guard hasThread else { return }
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        if connection < 0 { break }
        serve(connection, manner)
      }
      ended.signal()
    }
  }

  private func serve(_ connection: CInt, _ manner: Manner) {
    switch manner {
    case .answer(let text):
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = read(connection, &bytes, bytes.count)
      requests.withLock { $0.append(String(decoding: bytes[..<max(0, count)], as: UTF8.self)) }
      let answer = Array(text.utf8)
      _ = write(connection, answer, answer.count)
      close(connection)
    case .awaitTLS:
      var bytes = [UInt8](repeating: 0, count: 4096)
      let alert: [UInt8] = [0x15, 3, 3, 0, 2, 2, 70]
      if read(connection, &bytes, bytes.count) > 2, bytes[0] == 0x16 { _ = write(connection, alert, alert.count) }
      close(connection)
    case .speakFirst(let bytes):
      _ = write(connection, bytes, bytes.count)
      kept.withLock { $0.append(connection) }
    case .close: close(connection)
    case .reset:
      var hard = linger(l_onoff: 1, l_linger: 0)
      setsockopt(connection, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
      close(connection)
    case .keepSilent, .ignore: kept.withLock { $0.append(connection) }
    }
  }
}

private func systemBind(_ descriptor: CInt, _ address: UnsafePointer<sockaddr>, _ size: socklen_t) -> CInt {
  bind(descriptor, address, size)
}

/// A new folder that is removed at the end.
struct TemporaryFolder: ~Copyable {
  let path: String

  init() throws {
    // Short: paths of sockets have little room.
    path = "/tmp/roost-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    let file = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
  }

  func link(_ name: String, to target: String) throws {
    let file = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: target)
  }
}
