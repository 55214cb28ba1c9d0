import GRPC
import Platform
import Synchronization

/// Takes the connections on which HTTP/2 is spoken, for calls of gRPC. One thread serves them all; it is started with the
/// first, and libnghttp2 opened, because most agents see none.
final class CallWorker: ConnectionWorker, @unchecked Sendable {
  /// What was accepted, and has not come to the thread yet.
  struct Arrival: Sendable {
    let descriptor: Int32
    let peer: PeerIdentity
    let nowMs: UInt64
  }

  private struct Shared {
    var arrived: [Arrival] = []
    var registry: [CallConnection] = []
  }

  typealias OpenLibrary = @Sendable () throws(HTTP2Library.Missing) -> HTTP2Library

  let shard: Int
  let state: ServerState
  let settings: CallSettings
  let deadlines: ConnectionDeadlines
  let headerBytesMax: Int
  let headerIndex: HeaderIndex
  let handler: Worker.Handler
  let rejected: Worker.Rejected
  let event: @Sendable (ConnectionEvent) -> Void
  private let note: @Sendable (ReceiverNote) -> Void
  private let openLibrary: OpenLibrary
  /// The log has been told that libnghttp2 could not be opened.
  private let hasNotedMissing = Atomic<Bool>(false)
  let requestCount = Atomic<Int>(0)
  let mustEnd = Atomic<Bool>(false)
  private let openConnections = OpenCount()
  private let shared = Lock(Shared())
  /// There once the first connection has come.
  private let thread = Lock<JoinableThread?>(nil)
  private let wakePipe = Lock<WakePipe?>(nil)

  /// - Parameters:
  ///   - shard: its own, which no other worker has.
  ///   - openLibrary: called for each connection until it succeeds, on the acceptor's thread.
  init(
    shard: Int, _ settings: CallSettings, configuration: ReceiverConfiguration, state: ServerState,
    headerIndex: HeaderIndex, openLibrary: @escaping OpenLibrary, note: @escaping @Sendable (ReceiverNote) -> Void,
    handler: @escaping Worker.Handler, rejected: @escaping Worker.Rejected,
    event: @escaping @Sendable (ConnectionEvent) -> Void
  ) {
    self.openLibrary = openLibrary
    self.note = note
    self.shard = shard
    self.settings = settings
    self.state = state
    self.headerIndex = headerIndex
    self.handler = handler
    self.rejected = rejected
    self.event = event
    headerBytesMax = max(configuration.headerBytesMax, 1024)
    deadlines = ConnectionDeadlines(
      idleMs: UInt64(clamping: configuration.idleTimeout.milliseconds),
      requestMs: UInt64(clamping: configuration.requestTimeout.milliseconds))
  }

  var connectionCount: Int { openConnections.value }

  var connectionsMax: Int { settings.connectionsMax }

  var requests: Int { requestCount.value }

  func add(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Bool {
    let nowMs = SystemCalls.monotonicMs()
    let peer = PeerIdentity(address: address, descriptor: descriptor)
    guard let wake = start(for: peer) else {
      SystemCalls.close(descriptor)
      return false
    }
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    openConnections.open()
    shared.withLock { $0.arrived.append(Arrival(descriptor: descriptor, peer: peer, nowMs: nowMs)) }
    wake.wake()
    return true
  }

  func placeHolders() -> [PlaceHolder] {
    shared.withLock { shared in
      shared.registry.compactMap { connection in
        if connection.gaveWay.load(ordering: .relaxed) { return nil }
        return PlaceHolder(
          place: .taken(connection, worker: self), peer: connection.peer,
          stamp: PhaseStamp(word: connection.stamp.load(ordering: .relaxed)))
      }
    }
  }

  func isUnread(_ connection: any HeldConnection) -> Bool {
    // Only one that is still there has its descriptor.
    shared.withLock { $0.registry.contains { $0 === connection } && SystemCalls.hasUnread(connection.descriptor) }
  }

  func giveWay(_ connection: any HeldConnection) -> Bool {
    let isLeaving = shared.withLock { shared in
      // Only one that is still there has its descriptor; since it was chosen a call may have come.
      guard let held = shared.registry.first(where: { $0 === connection }),
        !SystemCalls.hasUnread(held.descriptor), !held.gaveWay.exchange(true, ordering: .relaxed)
      else { return false }
      state.leaving.add(1, ordering: .sequentiallyConsistent)
      return true
    }
    if isLeaving { wake() }
    return isLeaving
  }

  /// Its thread looks at its own clock.
  func sweep(_ deadlines: ConnectionDeadlines, nowMs: UInt64) {}

  func beginDraining() { wake() }

  func stop() {
    mustEnd.store(true, ordering: .releasing)
    wake()
    thread.withLock { thread in
      if let running = thread.take() { running.join() }
    }
  }

  private func wake() { wakePipe.withLock { $0 }?.wake() }

  /// What wakes the thread, which is started where there is none; `nil` when there can be none. On the acceptor's thread.
  private func start(for peer: PeerIdentity) -> WakePipe? {
    if let wake = wakePipe.withLock({ $0 }) { return wake }
    guard !mustEnd.load(ordering: .acquiring), let library = library(for: peer), let wake = try? WakePipe() else {
      return nil
    }
    let isStarted = thread.withLock { thread in
      do {
        thread = try JoinableThread(name: "roost-grpc") { [self] in CallLoop(self, library, wake: wake).run() }
        return true
      } catch {
        return false
      }
    }
    guard isStarted else { return nil }
    wakePipe.withLock { $0 = wake }
    return wake
  }

  /// It was there when the agent started, and may be gone, or there may be no descriptor or memory for it now.
  private func library(for peer: PeerIdentity) -> HTTP2Library? {
    do throws(HTTP2Library.Missing) {
      return try openLibrary()
    } catch {
      // As where it was missing from the start.
      event(.foreign(.http2, peer: peer))
      if !hasNotedMissing.exchange(true, ordering: .relaxed) { note(.callsNotTaken(reason: error.reason)) }
      return nil
    }
  }
}

// What its thread asks for.
extension CallWorker {
  func takeArrived() -> [Arrival] {
    shared.withLock { shared in
      defer { shared.arrived = [] }
      return shared.arrived
    }
  }

  func opened(_ connection: CallConnection) { shared.withLock { $0.registry.append(connection) } }

  /// Closes a connection that `opened` was told of.
  func close(_ connection: CallConnection) {
    shared.withLock { shared in
      shared.registry.removeAll { $0 === connection }
      // Within the lock, so that nobody asks the system about another connection with this number.
      SystemCalls.close(connection.descriptor)
    }
    if connection.gaveWay.load(ordering: .relaxed) { state.leaving.subtract(1, ordering: .sequentiallyConsistent) }
    state.connectionClosed()
    let nowMs = SystemCalls.monotonicMs()
    let ageMs = nowMs > connection.openedMs ? nowMs - connection.openedMs : 0
    event(.closed(marks: connection.marks, peer: connection.peer, ageMs: ageMs))
    openConnections.close()
  }

  /// Closes one that never became a connection of the thread.
  func close(_ arrival: Arrival) {
    SystemCalls.close(arrival.descriptor)
    state.connectionClosed()
    openConnections.close()
  }
}
