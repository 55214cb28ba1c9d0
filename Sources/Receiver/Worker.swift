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
  let bodyBytesInFlightMax: Int
  let headerBytesMax: Int
  let headerIndex: HeaderIndex
  let refusals: RefusalAnswers
  private let openConnections = Atomic<Int>(0)
  let requestCount = Atomic<Int>(0)
  private let registry = Lock(ConnectionRegistry())
  private var daemon: OpaquePointer?
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
    bodyBytesInFlightMax = max(configuration.bodyBytesInFlightMax, maxPayloadBytes, BodyBuffer.bytesMin)
    buffers = BodyBufferPool(bytesMax: maxPayloadBytes)
    headerBytesMax = max(configuration.headerBytesMax, 1024)
  }

  /// Starts the thread. The worker must be stopped before it is released, because the thread points to it.
  /// - Returns: false when libmicrohttpd could not start it.
  func start(_ memory: ConnectionMemory, maxConnections: Int) -> Bool {
    var options = roost_mhd_options()
    options.flags = SystemCalls.workerFlags
    options.context = Unmanaged.passUnretained(self).toOpaque()
    options.handler = workerHandler
    options.completed = workerCompleted
    options.connection = workerConnection
    options.uri = workerURI
    options.memory_limit = memory.limitBytes
    options.memory_increment = memory.incrementBytes
    // The acceptor keeps the real limit. libmicrohttpd counts a connection for a little longer than we do.
    options.connection_limit = UInt32(clamping: maxConnections.addingReportingOverflow(64).partialValue)
    daemon = roost_mhd_start(&options)
    return daemon != nil
  }

  /// No connection may be suspended any more: see `LateAnswers.close`.
  func stop() {
    guard let running = daemon else { return }
    daemon = nil
    MHD_stop_daemon(running)
  }

  var connectionCount: Int { openConnections.value }

  func add(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Bool {
    openConnections.add(1, ordering: .relaxed)
    if MHD_add_connection(daemon, descriptor, address, length) == .YES { return true }
    openConnections.subtract(1, ordering: .relaxed)
    return false
  }

  // MARK: Connections

  func opened(_ connection: Connection) { registry.withLock { $0.insert(connection) } }

  func closed(_ connection: Connection) {
    registry.withLock { $0.remove(connection) }
    openConnections.subtract(1, ordering: .relaxed)
    state.connectionClosed()
    let now = SystemCalls.monotonicMs()
    let ageMs = now > connection.openedMs ? now - connection.openedMs : 0
    event(.closed(marks: connection.marks, peer: connection.peer, ageMs: ageMs))
  }

  func sweep(_ deadlines: ConnectionDeadlines, nowMs: UInt64) {
    registry.withLock { registry in
      for connection in registry.connections {
        let stamp = PhaseStamp(word: connection.stamp.load(ordering: .relaxed))
        switch deadlines.verdict(stamp, nowMs: nowMs) {
        case .leave: endIfPeerLeft(connection, stamp)
        case .timeOut:
          if !connection.wasCut.exchange(true, ordering: .relaxed) {
            SystemCalls.shutdownReading(connection.descriptor)
          }
        case .close:
          if !connection.wasCut.exchange(true, ordering: .relaxed), stamp.phase == .idle {
            state.idleClosed.increment()
          }
          SystemCalls.shutdownBoth(connection.descriptor)
        }
      }
    }
  }

  /// libmicrohttpd takes a short read for the last one, and so misses an end that came together with the last bytes.
  /// Shutting down the reading half makes it look again.
  private func endIfPeerLeft(_ connection: Connection, _ stamp: PhaseStamp) {
    guard stamp.phase == .idle || stamp.phase == .receiving, SystemCalls.isAtEnd(connection.descriptor),
      !connection.wasEnded.exchange(true, ordering: .relaxed)
    else { return }
    SystemCalls.shutdownReading(connection.descriptor)
  }
}

/// Memory of libmicrohttpd for one connection.
struct ConnectionMemory: Sendable, Equatable {
  /// Holds the headers and the read buffer, and is cleared for every request.
  var limitBytes: Int
  /// The read buffer grows in such steps while a request arrives, up to the limit.
  var incrementBytes: Int

  /// Enough for the largest allowed head and what is read behind it.
  init(headerBytesMax: Int) {
    limitBytes = max(headerBytesMax, 1024) + 16_384
    incrementBytes = 16_384
  }

  init(limitBytes: Int, incrementBytes: Int) {
    self.limitBytes = limitBytes
    self.incrementBytes = incrementBytes
  }
}
