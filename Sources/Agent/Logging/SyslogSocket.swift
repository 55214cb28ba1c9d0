import Addresses
import Platform

/// Where syslog listens: a unix socket or a UDP port, to which each line goes as a datagram.
final class SyslogSocket: Sendable {
  /// From one look-up of a host to the next: a name server is not asked for each line of a log that nobody takes.
  static let pauseBetweenLookUps = Duration.seconds(10)

  private let address: SocketAddress
  private let clock: @Sendable () -> ContinuousClock.Instant
  /// When a host was looked up last.
  private let lookedUp = Lock<ContinuousClock.Instant?>(nil)

  /// Where programs of this machine find it, as the Datadog agent does unless told otherwise.
  static var standard: SyslogSocket { SyslogSocket(address: .unix(path: "/dev/log")) }

  private init(address: SocketAddress) {
    self.address = address
    clock = { .now }
  }

  /// - Parameters:
  ///   - uri: `unixgram:///dev/log`, `udp://HOST:514`; `nil` for other kinds, such as TCP.
  ///   - clock: the time now; it never goes back.
  init?(uri: String, clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.clock = clock
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
  private func open() -> Int32 {
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

  /// A new socket, as it is needed at first and after a restart of syslog; `nil` when nobody listens, and for a host that
  /// was looked up a short while ago.
  func reopened() -> Int32? {
    if !address.isUnix, let last = lookedUp.withLock({ $0 }), clock() - last < Self.pauseBetweenLookUps { return nil }
    let socket = open()
    lookedUp.withLock { $0 = clock() }
    return socket >= 0 ? socket : nil
  }

  /// Sends each line without its end. One that does not fit is left out; where nobody listens, all that follow are.
  static func send(_ lines: [UInt8], to descriptor: Int32) -> LogWriter.Outcome {
    var outcome = LogWriter.Outcome()
    for (place, line) in lines.split(separator: UInt8(ascii: "\n")).enumerated() {
      let failure = outcome.isUsable ? sendLine(line, to: descriptor) : ENOTCONN
      guard failure != 0 else { continue }
      outcome.lost.append(place)
      outcome.isUsable = outcome.isUsable && [EMSGSIZE, ENOBUFS, ENOMEM, EAGAIN].contains(failure)
    }
    return outcome
  }

  /// 0, or the number of the error.
  private static func sendLine(_ line: ArraySlice<UInt8>, to descriptor: Int32) -> Int32 {
    var wasRefused = false
    while true {
      let count = line.withUnsafeBytes { bytes in
        Platform.send(descriptor, bytes.baseAddress, bytes.count, SystemSockets.sendFlags)
      }
      let failure = count < 0 ? errno : 0
      switch failure {
      case EINTR: continue
      // By UDP this is about an earlier datagram, and this one was not sent.
      case ECONNREFUSED where !wasRefused: wasRefused = true
      default: return failure
      }
    }
  }
}
