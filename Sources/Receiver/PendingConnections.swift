import Platform

/// An accepted connection before its first byte, or before it is known what that begins.
struct PendingConnection {
  let descriptor: Int32
  let address: sockaddr_storage
  let addressLength: socklen_t
  /// Position of its listener's workers in the acceptor.
  let pool: Int
  /// When it was accepted, on the monotonic clock.
  let sinceMs: UInt64
  /// When its first byte came, where that could begin more than one protocol.
  var beganMs: UInt64?
  /// When it is looked at next in that case: its bytes stay unread, so that waiting for more would not wait.
  var lookAgainMs: UInt64?

  /// How long to wait for the rest of a preface before it is taken for HTTP/1.1.
  private static let undecidedMs: UInt64 = 1_000
  private static let lookAgainMs: UInt64 = 5

  /// Has it looked at again soon.
  /// - Returns: false when that has gone on for long enough.
  mutating func waitForMore(nowMs: UInt64) -> Bool {
    let beganMs = beganMs ?? nowMs
    self.beganMs = beganMs
    lookAgainMs = nowMs + Self.lookAgainMs
    return nowMs - min(beganMs, nowMs) < Self.undecidedMs
  }

  /// Whether it has sent something that nobody has looked at.
  var isUnread: Bool { beganMs == nil && SystemCalls.hasUnread(descriptor) }

  /// What `poll` is asked to wait for.
  func events(nowMs: UInt64) -> Int16 { (lookAgainMs ?? 0) > nowMs ? 0 : Int16(POLLIN) }
}

/// Accepted connections that have not sent anything yet.
///
/// A connection is handed to a worker with its first byte, so that the byte can be looked at on the way: what is not HTTP
/// is known, a client that says nothing costs no worker anything, and requests pay nothing. Belongs to the acceptor's
/// thread.
struct PendingConnections {
  /// What has become of one of them.
  enum Arrival: Equatable {
    case nothingYet
    /// The first bytes of what may be HTTP/2, or a method of HTTP/1.1.
    case undecided
    /// There are bytes to read.
    case bytes(ForeignProtocol?)
    /// The client left without a byte.
    case gone
  }

  private(set) var all: [PendingConnection] = []

  /// When one of them is to be looked at unasked; `nil` for never.
  var nextLookMs: UInt64? { all.lazy.compactMap(\.lookAgainMs).min() }

  mutating func add(_ connection: PendingConnection) { all.append(connection) }

  /// Takes one out; the last one takes its place.
  mutating func remove(at index: Int) -> PendingConnection {
    let connection = all[index]
    let last = all.removeLast()
    if index < all.count { all[index] = last }
    return connection
  }

  /// Looks without taking anything from the stream.
  static func look(_ descriptor: Int32) -> Arrival {
    withUnsafeTemporaryAllocation(byteCount: ForeignProtocol.bytesMax, alignment: 1) { buffer in
      let count = SystemCalls.peek(descriptor, into: buffer)
      if count > 0 {
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        return ForeignProtocol.isUndecided(bytes) ? .undecided : .bytes(ForeignProtocol(firstBytes: bytes))
      }
      return count < 0 && Errno.isNothingYet(Errno.current) ? .nothingYet : .gone
    }
  }
}

extension PendingConnection {
  /// Who it is. Asks the system for a unix socket.
  func peer() -> PeerIdentity {
    withAddress { PeerIdentity(address: $0, descriptor: descriptor) }
  }

  func withAddress<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
    }
  }
}
