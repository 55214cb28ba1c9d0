// For `SHUT_RDWR`, which Glibc alone does not show.
import CMicroHTTPD
import Platform

/// The connections of browsers: nobody keeps others from the page by being silent or slow.
final class PageConnections: Sendable {
  private struct State: Sendable {
    var table = ConnectionTable()
    var descriptors: [UInt64: Int32] = [:]
    var nextNumber: UInt64 = 0
    /// Connections end because the server does.
    var isEnding = false
  }

  private let state = Lock(State())
  private let openConnections = OpenCount()

  /// On the daemon's thread: a browser has connected. Whoever has been silent longest goes when there are too many.
  func open(_ descriptor: Int32) -> PageConnection {
    let client = SystemAddress(connectedTo: descriptor).map { address -> String in
      if case .tcp(let host, _) = address.address { host } else { "" }
    }
    openConnections.open()
    let number = state.withLock { state in
      let number = state.nextNumber
      state.nextNumber += 1
      state.descriptors[number] = descriptor
      state.table.open(number, nowMs: Self.nowMs)
      Self.letGo(&state)
      if state.isEnding { shutdown(descriptor, Int32(SHUT_RDWR)) }
      return number
    }
    return PageConnection(number: number, descriptor: descriptor, client: client ?? "")
  }

  /// On the daemon's thread, before the descriptor is closed.
  func close(_ connection: PageConnection) {
    state.withLock { state in
      state.table.close(connection.number)
      state.descriptors[connection.number] = nil
    }
    openConnections.close()
  }

  /// Ends all connections, and waits for libmicrohttpd to see it, none of which may sleep any more. One that finds a
  /// malformed head while it is told to stop writes an answer that it does not have (0.9.75), and the process crashes.
  func hangUp(atMost limit: Duration) {
    state.withLock { state in
      state.isEnding = true
      for descriptor in state.descriptors.values { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
    openConnections.waitUntilNone(atMost: limit)
  }

  /// A connection does something else from now on.
  func enter(_ phase: ConnectionTable.Phase, _ number: UInt64) {
    state.withLock { $0.table.enter(phase, number, nowMs: Self.nowMs) }
  }

  /// Sends away those that took too long. To be called once a second.
  func sweep() { state.withLock { Self.letGo(&$0) } }

  /// The daemon sees the end of both directions, and closes.
  private static func letGo(_ state: inout State) {
    for number in state.table.takeLeaving(nowMs: nowMs) {
      if let descriptor = state.descriptors[number] { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
  }

  private static var nowMs: UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(clamping: now.tv_sec) &* 1_000 &+ UInt64(clamping: now.tv_nsec) / 1_000_000
  }
}

/// One connection, for as long as libmicrohttpd knows it.
final class PageConnection: Sendable {
  let number: UInt64
  let descriptor: Int32
  /// The address that it came from, without its port: all browsers on one machine have the same.
  let client: String

  init(number: UInt64, descriptor: Int32, client: String) {
    self.number = number
    self.descriptor = descriptor
    self.client = client
  }
}
