import Platform

/// An accepted connection before its first byte.
struct PendingConnection {
  let descriptor: Int32
  let address: sockaddr_storage
  let addressLength: socklen_t
  /// Position of its listener's workers in the acceptor.
  let pool: Int
  /// When it was accepted, on the monotonic clock.
  let sinceMs: UInt64
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
    /// There are bytes to read.
    case bytes(ForeignProtocol?)
    /// The client left without a byte.
    case gone
  }

  private(set) var all: [PendingConnection] = []

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
        return .bytes(ForeignProtocol(firstBytes: UnsafeRawBufferPointer(rebasing: buffer[..<count])))
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
