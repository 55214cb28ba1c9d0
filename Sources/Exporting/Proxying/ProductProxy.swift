import Platform

/// Passes requests of other products on, each once or a few times within its time, and hands back what was answered.
///
/// One thread of its own does all of it through libcurl. It begins with the first request, and ends, with all of its
/// connections, when none came for some minutes: whoever sends no such requests pays nothing. Nothing waits here to be sent
/// later: how many requests are under way is bounded by whoever hands them over.
package final class ProductProxy: Sendable {
  private let transport: TransportSettings
  private let shared = Shared()

  /// What the proxy and its thread share. The thread holds this and not the proxy, whose last owner it must not be: it
  /// would wait for itself.
  private final class Shared: Sendable {
    let state = Lock(State())

    /// What there is to do; `nil` when the thread is to end.
    /// - Parameter isIdle: nothing is under way, and nothing came for long.
    func orders(isIdle: Bool) -> Orders? {
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

  private struct State: ~Copyable, Sendable {
    /// Not taken by the loop yet.
    var waiting: [ProxyWork] = []
    /// There while its thread runs.
    var loop: ProxyLoop?
    /// Of this loop or of the one before.
    var thread: JoinableThread?
    /// Threads that are not at their end.
    var threads = 0
    var deadline: ContinuousClock.Instant?
  }

  /// What the thread finds when it looks.
  struct Orders: Sendable {
    var work: [ProxyWork] = []
    /// When what is under way is given up; `nil` while nothing is to end.
    var deadline: ContinuousClock.Instant?
  }

  /// How long after its deadline a stop waits for the thread, which only has to let go of what it has.
  private static let endingMax = Duration.milliseconds(500)

  /// Nothing is opened and no thread is made before there is a request.
  /// - Parameter transport: TLS and proxies; the time of a request is its own.
  package init(transport: TransportSettings) { self.transport = transport }

  deinit {
    beginStop(deadline: .now)
    shared.state.withLock { $0.thread.take() }?.detach()
  }

  /// Passes a request on; never blocks, but for opening libcurl when none came for long.
  /// - Parameter done: called once with what became of it, on the proxy's thread, or on this one when nothing can be
  ///   done; it must not block.
  package func send(_ request: ProxyRequest, _ done: @escaping @Sendable (ProxyOutcome) -> Void) {
    let work = ProxyWork(request, deadline: .now + request.timeout, done)
    let refusal = shared.state.withLock { state -> ProxyOutcome? in
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

  /// Lets what is under way end until the deadline, and gives up what is left then; waits for nothing. Nothing is taken any
  /// more.
  package func beginStop(deadline: ContinuousClock.Instant) {
    shared.state.withLock { state in
      state.deadline = min(state.deadline ?? deadline, deadline)
      state.loop?.wake()
    }
  }

  /// Lets what is under way end until the deadline, and gives up what is left. A thread that is held in libcurl does not hold
  /// up the caller for longer: it is left to itself, with what it has.
  /// - Returns: whether the thread has ended.
  @discardableResult package func stop(deadline: ContinuousClock.Instant) -> Bool {
    beginStop(deadline: deadline)
    // Comes once, at the end of the process.
    while shared.state.withLock({ $0.threads > 0 }), .now < deadline + Self.endingMax { usleep(1_000) }
    let hasEnded = shared.state.withLock { $0.threads == 0 }
    let thread = shared.state.withLock { $0.thread.take() }
    if hasEnded { thread?.join() } else { thread?.detach() }
    // A thread that had just found nothing to do takes nothing any more.
    let left = shared.state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
    for work in left { work.done(.stopped) }
    return hasEnded
  }

  /// Whether the thread is there, for tests.
  var isRunning: Bool { shared.state.withLock { $0.loop != nil } }

  private func begin(_ state: inout State) throws(ForwarderError) {
    // The thread before has ended, or is about to with nothing left to do: nobody waits for it.
    state.thread.take()?.detach()
    let library = try CurlLibrary()
    let loop = ProxyLoop(library: library, multi: try CurlMulti(library: library, connectionsMax: 8), transport)
    do {
      state.thread = try JoinableThread(name: "roost-products") { [shared] in
        loop.run { isIdle in shared.orders(isIdle: isIdle) }
        shared.state.withLock { $0.threads -= 1 }
      }
    } catch {
      throw .noResources("no thread (\(error))")
    }
    state.threads += 1
    state.loop = loop
  }
}

/// A request on its way, and who waits for what becomes of it.
struct ProxyWork: Sendable {
  let request: ProxyRequest
  /// Scheme and host of its address: requests to one place share its connections.
  let place: String
  /// When it is given up.
  let deadline: ContinuousClock.Instant
  let done: @Sendable (ProxyOutcome) -> Void
  /// Attempts at it that have ended.
  var attempts = 0
  /// When the next attempt begins; `nil` at once.
  var beginsAt: ContinuousClock.Instant?
  /// What the server answered to an attempt that is made again.
  var lastAnswer: ProxyOutcome?

  init(
    _ request: ProxyRequest, deadline: ContinuousClock.Instant, _ done: @escaping @Sendable (ProxyOutcome) -> Void
  ) {
    self.request = request
    place = request.url.split(separator: "/", maxSplits: 3).prefix(2).joined(separator: "/")
    self.deadline = deadline
    self.done = done
  }
}
