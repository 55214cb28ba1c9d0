import Platform

/// Passes requests of other products on, each once or a few times within its time, and hands back what was answered.
///
/// One thread of its own does all of it through libcurl. It begins with the first request, and ends, with all of its
/// connections, when none came for a minute: whoever sends no such requests pays nothing. Nothing waits here to be sent
/// later: how many requests are under way is bounded by whoever hands them over.
package final class ProductProxy: Sendable {
  private let transport: TransportSettings
  private let state = Lock(State())

  private struct State: ~Copyable, Sendable {
    /// Not taken by the loop yet.
    var waiting: [ProxyWork] = []
    /// There while its thread runs.
    var loop: ProxyLoop?
    var thread: JoinableThread?
    var deadline: ContinuousClock.Instant?
  }

  /// What the thread finds when it looks.
  struct Orders: Sendable {
    var work: [ProxyWork] = []
    /// When what is under way is given up; `nil` while nothing is to end.
    var deadline: ContinuousClock.Instant?
  }

  /// Nothing is opened and no thread is made before there is a request.
  /// - Parameter transport: TLS and proxies; the time of a request is its own.
  package init(transport: TransportSettings) { self.transport = transport }

  deinit { stop(deadline: .now) }

  /// Passes a request on; never blocks, but for opening libcurl the first time.
  /// - Parameter done: called once with what became of it, on the proxy's thread, or on this one when nothing can be
  ///   done; it must not block.
  package func send(_ request: ProxyRequest, _ done: @escaping @Sendable (ProxyOutcome) -> Void) {
    let work = ProxyWork(request, deadline: .now + request.timeout, done)
    let refusal = state.withLock { state -> ProxyOutcome? in
      guard state.deadline == nil else { return .stopped }
      state.waiting.append(work)
      if let loop = state.loop {
        loop.wake()
        return nil
      }
      do throws(ForwarderError) {
        try begin(&state)
        return nil
      } catch {
        state.waiting.removeLast()
        return .impossible("\(error)")
      }
    }
    if let refusal { done(refusal) }
  }

  /// Lets what is under way end until the deadline, and gives up what is left. Nothing is taken any more.
  package func stop(deadline: ContinuousClock.Instant) {
    let thread = state.withLock { state in
      state.deadline = state.deadline ?? deadline
      state.loop?.wake()
      return state.thread.take()
    }
    thread?.join()
    // A thread that had just found nothing to do takes nothing any more.
    let left = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
    for work in left { work.done(.stopped) }
  }

  /// Whether the thread is there, for tests.
  var isRunning: Bool { state.withLock { $0.loop != nil } }

  private func begin(_ state: inout State) throws(ForwarderError) {
    // The thread before has ended, or is about to with nothing left to do.
    state.thread.take()?.join()
    let library = try CurlLibrary()
    let loop = ProxyLoop(library: library, multi: try CurlMulti(library: library, connectionsMax: 8), transport)
    do {
      state.thread = try JoinableThread(name: "roost-products") { [weak self] in
        loop.run { isIdle in self?.orders(isIdle: isIdle) }
      }
    } catch {
      throw .noResources("no thread (\(error))")
    }
    state.loop = loop
  }

  /// What there is to do; `nil` when the thread is to end.
  /// - Parameter isIdle: nothing is under way, and nothing came for long.
  private func orders(isIdle: Bool) -> Orders? {
    state.withLock { state in
      if state.waiting.isEmpty, isIdle {
        state.loop = nil
        return nil
      }
      defer { state.waiting = [] }
      return Orders(work: state.waiting, deadline: state.deadline)
    }
  }
}

/// A request on its way, and who waits for what becomes of it.
struct ProxyWork: Sendable {
  let request: ProxyRequest
  /// When it is given up.
  let deadline: ContinuousClock.Instant
  let done: @Sendable (ProxyOutcome) -> Void
  /// Attempts at it that have ended.
  var attempts = 0
  /// When the next attempt begins; `nil` at once.
  var beginsAt: ContinuousClock.Instant?

  init(
    _ request: ProxyRequest, deadline: ContinuousClock.Instant, _ done: @escaping @Sendable (ProxyOutcome) -> Void
  ) {
    self.request = request
    self.deadline = deadline
    self.done = done
  }
}
