import Addresses
import CMicroHTTPD
import GRPC
import Platform

/// A server on TCP and a unix socket for HTTP/1.1, over libmicrohttpd, and for calls of gRPC, over libnghttp2.
///
/// Knows bytes and endpoints, not spans: it hands each whole request to `handler`, on the thread of the shard that the
/// request belongs to, and writes the answer that comes back, at once or later. Keep-alive, pipelining, chunked bodies and
/// `Expect: 100-continue` are taken care of; bodies are never compressed or decompressed.
package final class HTTPServer: Sendable {
  /// What is open, in the order of the configuration, adopted descriptors first.
  package var listeners: [SocketAddress] {
    openedAtStart + (unixSocket.map { $0.isOpen ? [.unix(path: $0.path)] : [] } ?? [])
  }

  /// What was configured and is not open.
  package var listenerFailures: [ListenerFailure] { failuresAtStart + [unixSocket?.failure].compactMap(\.self) }

  private let openedAtStart: [SocketAddress]
  private let failuresAtStart: [ListenerFailure]
  /// `nil` without a path for a socket.
  private let unixSocket: UnixSocketKeeper?

  private let state: ServerState
  let workers: [Worker]
  private let refusals: RefusalAnswers
  /// Workers that speak something other than HTTP/1.1.
  private let otherWorkers: [any ConnectionWorker]
  private let acceptor: Lock<JoinableThread?>

  /// Opens the listeners and starts the threads. Requests may reach the handler before this returns.
  /// - Parameters:
  ///   - note: what the operator should read, each kind at most once; called on the acceptor's thread.
  ///   - handler: replies to a request. Calls with the same `shard` never overlap, those with different ones do. Those of
  ///     gRPC have a shard of their own, behind those of the `threads`.
  ///   - rejected: called once for each request whose headers arrived and that never reached the handler.
  ///   - event: called for what connections do besides requests, on the acceptor's and the workers' threads.
  /// - Throws: when a TCP address cannot be bound, nothing at all can be listened on, now or later, or a thread cannot be
  ///   made.
  package convenience init(
    configuration: ReceiverConfiguration,
    note: @escaping @Sendable (ReceiverNote) -> Void = { _ in },
    handler: @escaping @Sendable (borrowing Request) -> Reply,
    rejected: @escaping @Sendable (borrowing RejectedRequest) -> Void = { _ in },
    event: @escaping @Sendable (ConnectionEvent) -> Void = { _ in }
  ) throws(ReceiverError) {
    try self.init(
      configuration: configuration, memory: ConnectionMemory(headerBytesMax: configuration.headerBytesMax), note: note,
      handler: handler, rejected: rejected, event: event)
  }

  /// - Parameters:
  ///   - others: listeners with workers of another kind, which share the acceptor and the limits.
  ///   - openLibrary: opens what speaks HTTP/2, with the first connection that does.
  init(
    configuration: ReceiverConfiguration, memory: ConnectionMemory, note: @escaping @Sendable (ReceiverNote) -> Void,
    handler: @escaping @Sendable (borrowing Request) -> Reply,
    rejected: @escaping @Sendable (borrowing RejectedRequest) -> Void,
    event: @escaping @Sendable (ConnectionEvent) -> Void, others: (ServerState) -> [ListenerGroup] = { _ in [] },
    openLibrary: @escaping CallWorker.OpenLibrary = { () throws(HTTP2Library.Missing) in try HTTP2Library.open() }
  ) throws(ReceiverError) {
    if let reason = roost_mhd_open() { throw .cannotStart(reason: String(cString: reason)) }
    let callsMissing = Self.callsMissing(configuration)
    let opened = try ListenerSet(configuration, callsMissing: callsMissing)
    let state: ServerState
    do { state = try ServerState(configuration) } catch { throw .cannotStart(reason: "\(error)") }
    let index = HeaderIndex()
    var otherGroups = others(state)
    if let settings = configuration.calls, callsMissing == nil {
      let worker = CallWorker(
        shard: max(configuration.threads, 1), settings, configuration: configuration, state: state, headerIndex: index,
        openLibrary: openLibrary, note: note, handler: handler, rejected: rejected, event: event)
      otherGroups.append(ListenerGroup(listeners: [], pool: WorkerPool([worker], speaks: .http2)))
    }
    openedAtStart = (opened.listeners + otherGroups.flatMap(\.listeners)).map(\.address)
    unixSocket = opened.unixSocket
    let otherWorkers = otherGroups.flatMap(\.pool.workers)
    self.otherWorkers = otherWorkers
    failuresAtStart = opened.failures
    self.state = state
    let refusals = RefusalAnswers(configuration)
    self.refusals = refusals
    let workers = (0..<max(configuration.threads, 1)).map { shard in
      Worker(
        shard: shard, configuration: configuration, state: state, headerIndex: index, refusals: refusals,
        handler: handler, rejected: rejected, event: event)
    }
    self.workers = workers
    func stopWorkers() {
      for worker in workers { worker.stop() }
      for worker in otherWorkers { worker.stop() }
    }
    for worker in workers where !worker.start(memory, maxConnections: configuration.maxConnections) {
      let code = Errno.current
      stopWorkers()
      throw .cannotStart(reason: "no thread for the receiver (\(systemErrorText(code)))")
    }
    let listeners = opened.listeners + [opened.unixListener].compactMap(\.self)
    let loop = Acceptor(
      state: state, groups: [ListenerGroup(listeners: listeners, pool: WorkerPool(workers))] + otherGroups,
      configuration: configuration, note: note, event: event)
    do {
      acceptor = Lock(try JoinableThread(name: "roost-accept") { loop.run() })
    } catch {
      stopWorkers()
      throw .cannotStart(reason: "no thread for accepting connections (\(error))")
    }
  }

  deinit { stop(deadline: .zero) }

  /// Why no calls of gRPC can be taken; `nil` when they can.
  private static func callsMissing(_ configuration: ReceiverConfiguration) -> String? {
    guard configuration.calls != nil else { return "calls of gRPC are not taken" }
    do throws(HTTP2Library.Missing) {
      try HTTP2Library.check()
      return nil
    } catch {
      return error.reason
    }
  }

  /// What is left of the time to stop for telling those who wait that nothing comes.
  private static let lateAnswerGrace = Duration.milliseconds(250)

  /// A snapshot; the fields are read one after the other.
  package var connectionCounters: ConnectionCounters {
    var counters = ConnectionCounters()
    counters.accepted = state.accepted.value
    counters.open = state.connections.count.value
    counters.requests = workers.reduce(0) { $0 &+ $1.requests } &+ otherWorkers.reduce(0) { $0 &+ $1.requests }
    counters.requestsInProgress = state.requestsInProgress.value
    counters.timedOut = state.timedOut.value
    counters.idleClosed = state.idleClosed.value
    counters.malformed = state.malformed.value
    counters.gaveWay = state.gaveWay.value
    counters.acceptPauses = state.acceptPauses.value
    counters.descriptorsExhausted = state.descriptorsExhausted.value
    counters.acceptErrors = state.acceptErrors.value
    counters.bodyBytesInFlight = state.bodies.bytesTaken
    counters.lateAnswers = state.lateAnswers.counters
    return counters
  }

  /// From now on requests that are refused before they are whole are answered with these headers.
  package func setRefusalHeaders(_ headers: RefusalHeaders) { refusals.setHeaders(headers) }

  /// Opens the unix socket anew if its file is gone, or if what stood in its way has left; to be called every second or so,
  /// by any thread.
  /// - Returns: what is new, for the log; `nil` nearly always.
  package func restoreUnixSocket() -> UnixSocketChange? {
    guard !state.mustStopAccepting.load(ordering: .acquiring), let (listener, change) = unixSocket?.look() else {
      return nil
    }
    if let listener { state.add(listener) }
    return change
  }

  /// Closes the listeners and removes the socket file, if it is still ours. Open connections go on. When this returns,
  /// new clients are refused by the kernel.
  package func stopAccepting() {
    stopAccepting(atMost: .seconds(5))
  }

  private func stopAccepting(atMost limit: Duration) {
    state.mustStopAccepting.store(true, ordering: .releasing)
    state.wake.wake()
    _ = state.listenersClosed.waitUntilWoken(atMost: limit)
  }

  /// Stops accepting, answers 503 to new requests, and lets those in progress finish. Unlike `stop` it waits for no thread,
  /// so that it returns in time whatever a handler does.
  package func drain(deadline: Duration) {
    stopAccepting(atMost: deadline)
    state.beginDraining()
    for worker in otherWorkers { worker.beginDraining() }
    state.bodies.close()
    let grace = min(deadline / 4, Self.lateAnswerGrace)
    _ = state.drained.waitUntilWoken(atMost: deadline - grace)
    // libmicrohttpd must not be stopped while a connection is suspended.
    state.lateAnswers.close()
    _ = state.drained.waitUntilWoken(atMost: grace)
  }

  /// Stops accepting, lets the requests in progress finish, answers 503 with `Connection: close` to new ones, and closes
  /// everything when none is left or `deadline` has passed. Requests whose answer comes later get 503 shortly before that.
  /// When it returns, no handler runs and none will. Calling it again does nothing. Never call it, or release the last
  /// reference, from the handler: it waits for the handler's thread.
  package func stop(deadline: Duration = .seconds(5)) {
    stopAccepting()
    drain(deadline: deadline)
    acceptor.withLock { thread in
      state.mustEnd.store(true, ordering: .releasing)
      state.wake.wake()
      if let running = thread.take() { running.join() }
      for worker in workers { worker.stop() }
      for worker in otherWorkers { worker.stop() }
    }
    // One that was accepted in the last moment is closed by its worker without a word.
    state.connections.count.store(0, ordering: .sequentiallyConsistent)
  }
}
