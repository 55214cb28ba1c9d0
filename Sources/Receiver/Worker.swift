import CMicroHTTPD
import Platform
import Synchronization

/// One libmicrohttpd daemon with one thread: reads the requests of its connections and hands them to the handler.
///
/// The thread is the only one that touches the buffers and connections; the acceptor adds connections, looks at stamps
/// under the registry lock and reads counters.
final class Worker: ConnectionWorker, @unchecked Sendable {
  typealias Handler = @Sendable (borrowing Request) -> Reply
  typealias Rejected = @Sendable (borrowing RejectedRequest) -> Void

  let shard: Int
  let state: ServerState
  let handler: Handler
  let rejected: Rejected
  let event: @Sendable (ConnectionEvent) -> Void
  let maxPayloadBytes: Int
  let headerBytesMax: Int
  let headerIndex: HeaderIndex
  let refusals: RefusalAnswers
  private let openConnections = OpenCount()
  let requestCount = Atomic<Int>(0)
  /// Whether connections end because the server does.
  let isEnding = Atomic<Bool>(false)
  let registry = Lock(ConnectionRegistry())
  private var daemon: OpaquePointer?
  private var errorHook: UnsafeMutablePointer<roost_mhd_error_hook>?
  var buffers: BodyBufferPool

  init(
    shard: Int, configuration: ReceiverConfiguration, state: ServerState, headerIndex: HeaderIndex,
    refusals: RefusalAnswers, handler: @escaping Handler, rejected: @escaping Rejected,
    event: @escaping @Sendable (ConnectionEvent) -> Void
  ) {
    self.shard = shard
    self.state = state
    self.headerIndex = headerIndex
    self.refusals = refusals
    self.handler = handler
    self.rejected = rejected
    self.event = event
    maxPayloadBytes = max(configuration.maxPayloadBytes, 0)
    buffers = BodyBufferPool(bytesMax: maxPayloadBytes)
    headerBytesMax = max(configuration.headerBytesMax, 1024)
  }

  deinit { errorHook?.deallocate() }

  /// Starts the thread. The worker must be stopped before it is released, because the thread points to it.
  /// - Returns: false when libmicrohttpd could not start it.
  func start(_ memory: ConnectionMemory, maxConnections: Int) -> Bool {
    var options = roost_mhd_options()
    options.flags = SystemCalls.workerFlags
    options.context = Unmanaged.passUnretained(self).toOpaque()
    options.handler = workerHandler
    options.completed = workerCompleted
    options.connection = workerConnection
    let errors = UnsafeMutablePointer<roost_mhd_error_hook>.allocate(capacity: 1)
    errors.initialize(to: roost_mhd_error_hook(log: workerLog, context: options.context))
    errorHook = errors
    options.errors = errors
    options.uri = workerURI
    options.memory_limit = memory.limitBytes
    options.memory_increment = memory.incrementBytes
    // The acceptor keeps the real limit. libmicrohttpd counts a connection for a little longer than we do.
    options.connection_limit = UInt32(clamping: maxConnections.addingReportingOverflow(64).partialValue)
    daemon = JoinableThread.withoutSignals { roost_mhd_start(&options) }
    return daemon != nil
  }

  /// No connection may be suspended any more: see `LateAnswers.close`.
  func stop() {
    guard let running = daemon else { return }
    daemon = nil
    hangUp()
    MHD_stop_daemon(running)
  }

  /// For how long connections are waited for that end at the stop.
  private static let hangUpLimit = Duration.milliseconds(500)

  /// Ends all connections, and waits for libmicrohttpd to see it: one that finds a malformed head while it is told to stop
  /// writes an answer that it does not have (0.9.75), and the process crashes.
  private func hangUp() {
    registry.withLock { registry in
      // Those that the thread has not seen yet are ended when it does.
      isEnding.store(true, ordering: .relaxed)
      for connection in registry.connections { SystemCalls.shutdownBoth(connection.descriptor) }
    }
    openConnections.waitUntilNone(atMost: Self.hangUpLimit)
  }

  var connectionCount: Int { openConnections.value }

  var requests: Int { requestCount.value }

  func add(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Bool {
    openConnections.open()
    if MHD_add_connection(daemon, descriptor, address, length) == .YES { return true }
    openConnections.close()
    return false
  }

  // MARK: Connections

  func opened(_ connection: Connection) {
    registry.withLock { registry in
      registry.insert(connection)
      if isEnding.load(ordering: .relaxed) { SystemCalls.shutdownBoth(connection.descriptor) }
    }
  }

  func closed(_ connection: Connection) {
    registry.withLock { $0.remove(connection) }
    if connection.gaveWay.load(ordering: .relaxed) { state.leaving.subtract(1, ordering: .sequentiallyConsistent) }
    state.connectionClosed()
    let now = SystemCalls.monotonicMs()
    let ageMs = now > connection.openedMs ? now - connection.openedMs : 0
    event(.closed(marks: connection.marks, peer: connection.peer, ageMs: ageMs))
    openConnections.close()
  }

  func placeHolders() -> [PlaceHolder] {
    registry.withLock { registry in
      registry.connections.compactMap { connection in
        if connection.wasCut.load(ordering: .relaxed) { return nil }
        let stamp = PhaseStamp(word: connection.stamp.load(ordering: .relaxed))
        return PlaceHolder(place: .taken(connection, worker: self), peer: connection.peer, stamp: stamp)
      }
    }
  }

  func isUnread(_ connection: any HeldConnection) -> Bool {
    guard let connection = connection as? Connection else { return false }
    // Only one that is still there has its descriptor.
    return registry.withLock { $0.contains(connection) && SystemCalls.hasUnread(connection.descriptor) }
  }

  func giveWay(_ connection: any HeldConnection) -> Bool {
    guard let connection = connection as? Connection else { return false }
    return registry.withLock { registry in
      // Only one that is still there has its descriptor.
      guard registry.contains(connection), !connection.wasCut.load(ordering: .relaxed) else { return false }
      // Since it was chosen its request may have come.
      guard !SystemCalls.hasUnread(connection.descriptor) else { return false }
      connection.gaveWay.store(true, ordering: .relaxed)
      connection.wasCut.store(true, ordering: .releasing)
      state.leaving.add(1, ordering: .sequentiallyConsistent)
      close(connection)
      return true
    }
  }

  func sweep(_ deadlines: ConnectionDeadlines, nowMs: UInt64) {
    registry.withLock { registry in
      for connection in registry.connections {
        let stamp = PhaseStamp(word: connection.stamp.load(ordering: .relaxed))
        switch deadlines.verdict(stamp, nowMs: nowMs) {
        case .leave:
          endIfPeerLeft(connection, stamp)
          noteFirstByte(connection, stamp, nowMs: nowMs)
        case .refuse:
          // Only if no request line has come since.
          let over = PhaseStamp(.discarding, sinceMs: nowMs).word
          guard
            connection.stamp.compareExchange(expected: stamp.word, desired: over, ordering: .relaxed).exchanged
          else { continue }
          state.timedOut.increment()
          refusals.send(.timeout, to: connection)
          SystemCalls.shutdownBoth(connection.descriptor)
        case .timeOut:
          if !connection.wasCut.exchange(true, ordering: .relaxed) {
            SystemCalls.shutdownReading(connection.descriptor)
          }
        case .close:
          if !connection.wasCut.exchange(true, ordering: .relaxed), stamp.phase == .idle {
            state.idleClosed.increment()
          }
          close(connection)
        }
      }
    }
  }

  /// Closes a connection both ways, without an answer.
  private func close(_ connection: Connection) {
    switch PhaseStamp(word: connection.stamp.load(ordering: .relaxed)).phase {
    case .idle, .beginning: SystemCalls.shutdownBoth(connection.descriptor)
    default: SystemCalls.abort(connection.descriptor)
    }
  }

  /// libmicrohttpd takes a short read for the last one, and so misses an end that came together with the last bytes.
  /// Shutting down the reading half makes it look again.
  private func endIfPeerLeft(_ connection: Connection, _ stamp: PhaseStamp) {
    guard stamp.phase == .idle || stamp.phase == .beginning || stamp.phase == .receiving,
      SystemCalls.isAtEnd(connection.descriptor),
      !connection.wasEnded.exchange(true, ordering: .relaxed)
    else { return }
    SystemCalls.shutdownReading(connection.descriptor)
  }
}

extension Worker {
  /// How long after a request bytes are taken for a part of it, such as a line end that nobody needs.
  private static let aftermathMs: UInt64 = 100

  /// libmicrohttpd says nothing of the next request before its first line is whole, but TCP knows when bytes came.
  private func noteFirstByte(_ connection: Connection, _ stamp: PhaseStamp, nowMs: UInt64) {
    guard stamp.phase == .idle, !connection.peer.isUnix, let silentMs = SystemCalls.msSinceData(connection.descriptor),
      nowMs > silentMs, nowMs - silentMs > stamp.sinceMs + Self.aftermathMs
    else { return }
    let begun = PhaseStamp(.beginning, sinceMs: nowMs - silentMs).word
    _ = connection.stamp.compareExchange(expected: stamp.word, desired: begun, ordering: .relaxed)
  }
}

/// Memory of libmicrohttpd for one connection.
struct ConnectionMemory: Sendable, Equatable {
  /// Holds the headers and the read buffer, and is cleared for every request.
  var limitBytes: Int
  /// The read buffer grows in such steps while a request arrives, up to the limit.
  var incrementBytes: Int

  /// So much is taken in whole pages, and is zeros at first, which `OptionalWhitespace` goes by. libmicrohttpd takes less
  /// than 32 KiB, or four thirds of a page, from the heap.
  private static let pagesBytesMin = max(36_864, 2 * Int(getpagesize()))

  /// Enough for the largest allowed head and what is read behind it.
  init(headerBytesMax: Int) {
    limitBytes = max(max(headerBytesMax, 1024) + 16_384, Self.pagesBytesMin)
    incrementBytes = 16_384
  }

  init(limitBytes: Int, incrementBytes: Int) {
    self.limitBytes = limitBytes
    self.incrementBytes = incrementBytes
  }
}
