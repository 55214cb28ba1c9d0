import Platform

/// An HTTP/1.1 server on TCP and a unix socket, over libmicrohttpd.
///
/// Knows bytes and endpoints, not spans: it hands each whole request to `handler`, on the thread of the shard that the
/// request belongs to, and writes the answer that comes back. Keep-alive, pipelining, chunked bodies and
/// `Expect: 100-continue` are taken care of; bodies are never compressed or decompressed.
package final class HTTPServer: Sendable {
  /// What is open, in the order of the configuration, adopted descriptors first.
  package let listeners: [ListenerDescription]
  /// What was configured and is not open.
  package let listenerFailures: [ListenerFailure]

  private let state: ServerState
  private let workers: [Worker]
  private let acceptor: Lock<JoinableThread?>

  /// Opens the listeners and starts the threads. Requests may reach the handler before this returns.
  /// - Parameters:
  ///   - note: what the operator should read, each kind at most once; called on the acceptor's thread.
  ///   - handler: answers a request. Calls with the same `shard` never overlap, those with different ones do.
  ///   - rejected: told once of each request whose headers arrived and that never reached the handler.
  ///   - event: told of what connections do besides requests; called on the acceptor's and the workers' threads.
  /// - Throws: when a TCP address cannot be bound, nothing at all can be listened on, or a thread cannot be made.
  package convenience init(
    configuration: ReceiverConfiguration,
    note: @escaping @Sendable (ReceiverNote) -> Void = { _ in },
    handler: @escaping @Sendable (borrowing Request) -> Answer,
    rejected: @escaping @Sendable (borrowing RejectedRequest) -> Void = { _ in },
    event: @escaping @Sendable (ConnectionEvent) -> Void = { _ in }
  ) throws(ReceiverError) {
    try self.init(
      configuration: configuration, memory: ConnectionMemory(headerBytesMax: configuration.headerBytesMax), note: note,
      handler: handler, rejected: rejected, event: event)
  }

  init(
    configuration: ReceiverConfiguration, memory: ConnectionMemory, note: @escaping @Sendable (ReceiverNote) -> Void,
    handler: @escaping @Sendable (borrowing Request) -> Answer,
    rejected: @escaping @Sendable (borrowing RejectedRequest) -> Void,
    event: @escaping @Sendable (ConnectionEvent) -> Void
  ) throws(ReceiverError) {
    let opened = try ListenerSet(configuration)
    let state: ServerState
    do { state = try ServerState() } catch { throw .cannotStart(reason: "\(error)") }
    listeners = opened.listeners.map(\.description)
    listenerFailures = opened.failures
    self.state = state
    let index = HeaderIndex()
    let refusals = RefusalAnswers()
    let workers = (0..<max(configuration.threads, 1)).map { shard in
      Worker(
        shard: shard, configuration: configuration, state: state, headerIndex: index, refusals: refusals,
        handler: handler, rejected: rejected, event: event)
    }
    self.workers = workers
    for worker in workers where !worker.start(memory, maxConnections: configuration.maxConnections) {
      for started in workers { started.stop() }
      throw .cannotStart(reason: "no thread for the receiver (\(systemErrorText(Errno.current)))")
    }
    let loop = Acceptor(
      state: state, workers: workers, listeners: opened.listeners, configuration: configuration, note: note,
      event: event)
    do {
      acceptor = Lock(try JoinableThread(name: "roost-accept") { loop.run() })
    } catch {
      for started in workers { started.stop() }
      throw .cannotStart(reason: "no thread for accepting connections (\(error))")
    }
  }

  deinit { stop(deadline: .zero) }

  /// A snapshot; the fields are read one after the other.
  package var connectionCounters: ConnectionCounters {
    var counters = ConnectionCounters()
    counters.accepted = state.accepted.value
    counters.open = state.open.value
    counters.requests = workers.reduce(0) { $0 &+ $1.requestCount.value }
    counters.requestsInProgress = state.requestsInProgress.value
    counters.timedOut = state.timedOut.value
    counters.idleClosed = state.idleClosed.value
    counters.malformed = state.malformed.value
    counters.waitsForRoom = state.waitsForRoom.value
    counters.descriptorsExhausted = state.descriptorsExhausted.value
    counters.acceptErrors = state.acceptErrors.value
    counters.bodyBytesInFlight = state.bodyBytesInFlight.value
    return counters
  }

  /// Closes the listeners and removes the socket file, if it is still ours. Open connections go on. When this returns,
  /// new clients are refused by the kernel.
  package func stopAccepting() {
    state.mustStopAccepting.store(true, ordering: .releasing)
    state.wake.wake()
    _ = state.listenersClosed.waitUntilWoken(atMost: .seconds(5))
  }

  /// Stops accepting, lets the requests in progress finish, answers 503 with `Connection: close` to new ones, and closes
  /// everything when none is left or `deadline` has passed. When it returns, no handler runs and none will. Calling it
  /// again does nothing. Never call it, or let go of the last reference, from the handler: it waits for the handler's
  /// thread.
  package func stop(deadline: Duration = .seconds(5)) {
    stopAccepting()
    state.beginDraining()
    _ = state.drained.waitUntilWoken(atMost: deadline)
    acceptor.withLock { thread in
      state.mustEnd.store(true, ordering: .releasing)
      state.wake.wake()
      if let running = thread.take() { running.join() }
      for worker in workers { worker.stop() }
    }
    // One that was accepted in the last moment is closed by its worker without a word.
    state.open.store(0, ordering: .sequentiallyConsistent)
  }
}
