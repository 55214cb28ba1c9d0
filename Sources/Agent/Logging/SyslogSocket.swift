import Addresses
import Platform

/// Where syslog listens: a unix socket or a UDP port, to which each line goes as a datagram.
struct SyslogSocket: Sendable, Equatable {
  private let address: SocketAddress

  /// Where programs of this machine find it, as the Datadog agent does unless told otherwise.
  static let standard = SyslogSocket(address: .unix(path: "/dev/log"))

  private init(address: SocketAddress) { self.address = address }

  /// - Parameter uri: `unixgram:///dev/log`, `udp://HOST:514`; `nil` for other kinds, such as TCP.
  init?(uri: String) {
    guard let end = uri.firstRange(of: "://") else { return nil }
    let rest = String(uri[end.upperBound...])
    switch uri[..<end.lowerBound].lowercased() {
    case "unixgram", "unix":
      guard rest.hasPrefix("/") else { return nil }
      address = .unix(path: rest)
    case "udp":
      let text = rest.hasSuffix("/") ? String(rest.dropLast()) : rest
      guard case .tcp(let host, let port)? = SocketAddress(text) ?? SocketAddress(text + ":514") else { return nil }
      address = .tcp(host: host, port: port)
    default: return nil
    }
  }

  /// A socket that sends there; below 0 when nobody listens. A name is looked up, which may take its time.
  func open() -> Int32 {
    guard let found = try? SystemAddress.resolve(address), let first = found.first else { return -1 }
    let descriptor = socket(first.family, SystemSockets.datagram, 0)
    guard descriptor >= 0 else { return -1 }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    guard first.withPointer({ connect(descriptor, $0, $1) }) == 0 else {
      close(descriptor)
      return -1
    }
    return descriptor
  }

  /// A new socket where the last line could not be sent, as after a restart of syslog.
  func next(after descriptor: Int32, isWritten: Bool) -> Int32? {
    guard !isWritten else { return nil }
    let socket = open()
    return socket >= 0 ? socket : nil
  }

  /// Sends each line without its end; false when one could not be sent.
  static func send(_ lines: [UInt8], to descriptor: Int32) -> Bool {
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      let count = line.withUnsafeBytes { bytes in
        Platform.send(descriptor, bytes.baseAddress, bytes.count, SystemSockets.sendFlags)
      }
      guard count == line.count else { return false }
    }
    return true
  }
}
