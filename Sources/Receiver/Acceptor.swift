import Platform
import Synchronization

/// Waits on all listeners, hands each new connection to a worker of its listener's pool once it has sent something, and
/// cuts off late clients. Knows of workers only what `ConnectionWorker` asks for.
///
/// Runs on one thread of its own, which alone touches what changes here; `run` is its whole life. An object, because a
/// second copy of the listeners would keep them open.
final class Acceptor: @unchecked Sendable {
  /// Connections taken in one go, so that a storm of them does not keep the sweep waiting.
  private static let acceptsInOneGo = 64
  /// How long accepting pauses when descriptors have run out.
  private static let pauseMs: UInt64 = 100

  let state: ServerState
  let maxConnections: Int
  let deadlines: ConnectionDeadlines
  let note: @Sendable (ReceiverNote) -> Void
  let event: @Sendable (ConnectionEvent) -> Void

  var pending = PendingConnections()
  private var listeners: [(listener: Listener, pool: Int)]
  var pools: [WorkerPool]
  private var hasClosedListeners = false
  private var pausedUntilMs: UInt64 = 0
  var owners = PlaceOwners()
  /// How many connections may be open now: `maxConnections`, or what there are descriptors for.
  var places: Int
  /// Until then nobody is asked to give way again, because nobody could.
  var busyUntilMs: UInt64 = 0
  /// Descriptors from this number on are left to the rest of the agent.
  private let descriptorLimit = SystemCalls.descriptorLimit
  private var nextSweepMs: UInt64 = 0
  var hasNotedFull = false
  var hasNotedFullWorker = false
  private var hasNotedExhaustion = false
  private var hasNotedError = false

  init(
    state: ServerState, groups: [ListenerGroup], configuration: ReceiverConfiguration,
    note: @escaping @Sendable (ReceiverNote) -> Void, event: @escaping @Sendable (ConnectionEvent) -> Void
  ) {
    self.state = state
    pools = groups.map(\.pool)
    listeners = groups.enumerated().flatMap { pool, group in group.listeners.map { ($0, pool) } }
    self.note = note
    self.event = event
    maxConnections = max(configuration.maxConnections, 1)
    places = maxConnections
    deadlines = ConnectionDeadlines(
      idleMs: UInt64(clamping: configuration.idleTimeout.milliseconds),
      requestMs: UInt64(clamping: configuration.requestTimeout.milliseconds))
  }

  func run() {
    var entries: [pollfd] = []
    while !state.mustEnd.load(ordering: .acquiring) {
      if state.mustStopAccepting.load(ordering: .acquiring) && !hasClosedListeners { closeListeners() }
      let now = SystemCalls.monotonicMs()
      let isAccepting = hasPlace(now) && now >= pausedUntilMs
      entries.removeAll(keepingCapacity: true)
      entries.append(pollfd(fd: state.wake.readEnd, events: Int16(POLLIN), revents: 0))
      if isAccepting {
        for (listener, _) in listeners {
          entries.append(pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0))
        }
      }
      let pendingStart = entries.count
      for connection in pending.all {
        entries.append(pollfd(fd: connection.descriptor, events: connection.events(nowMs: now), revents: 0))
      }
      _ = poll(&entries, nfds_t(entries.count), waitMs(now))
      if entries[0].revents != 0 { state.wake.drain() }
      // From the end, so that one that leaves does not move those still to be looked at.
      for position in (pendingStart..<entries.count).reversed() where entries[position].revents != 0 {
        receive(pendingAt: position - pendingStart)
      }
      for position in 1..<pendingStart where entries[position].revents != 0 {
        accept(from: listeners[position - 1].listener, pool: listeners[position - 1].pool)
      }
      // Behind the loop above, whose positions are those of the listeners that were waited for.
      if entries[0].revents != 0 { state.takeOpened().forEach(add) }
      sweepIfDue()
    }
    closeListeners()
    while !pending.all.isEmpty { dismiss(pending.remove(at: pending.all.count - 1)) }
  }

  /// Milliseconds until there is something to do unasked; -1 for never.
  private func waitMs(_ now: UInt64) -> Int32 {
    var due: UInt64?
    if state.connections.count.load(ordering: .relaxed) > 0 { due = nextSweepMs }
    for again in [pausedUntilMs, busyUntilMs] where now < again { due = min(due ?? .max, again) }
    if let nextLookMs = pending.nextLookMs { due = min(due ?? .max, nextLookMs) }
    guard let due else { return -1 }
    return due > now ? Int32(clamping: due - now) : 0
  }

  private func accept(from listener: Listener, pool: Int) {
    for _ in 0..<Self.acceptsInOneGo where hasPlace(SystemCalls.monotonicMs()) {
      var address = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let descriptor = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { SystemCalls.accept(listener.number, $0, &length) }
      }
      guard descriptor >= 0 else { return acceptFailed(Errno.current) }
      if descriptor >= descriptorLimit { noteExhaustion(EMFILE) }
      let connection = PendingConnection(
        descriptor: descriptor, address: address, addressLength: length, pool: pool,
        sinceMs: SystemCalls.monotonicMs())
      // Answers are small and complete; waiting to join them to others only delays the client.
      if !listener.isUnix { SystemCalls.setNoDelay(descriptor) }
      state.accepted.increment()
      state.connections.count.add(1, ordering: .sequentiallyConsistent)
      makePlace(nowMs: connection.sinceMs)
      admit(connection)
    }
  }

  /// A client that has sent something goes on to a worker; one that has not stays pending.
  private func admit(_ connection: PendingConnection) {
    switch PendingConnections.look(connection.descriptor) {
    case .nothingYet: pending.add(connection)
    case .undecided:
      var connection = connection
      guard connection.waitForMore(nowMs: SystemCalls.monotonicMs()) else { return handOver(connection, speaking: nil) }
      pending.add(connection)
    case .bytes(let foreign): handOver(connection, speaking: foreign)
    case .gone:
      event(.silent(peer: connection.peer()))
      dismiss(connection)
    }
  }

  private func receive(pendingAt index: Int) {
    admit(pending.remove(at: index))
  }

  func dismiss(_ connection: PendingConnection) {
    SystemCalls.close(connection.descriptor)
    state.connectionClosed()
  }

  /// Hands a connection to the workers that speak what it does, whichever port it came to.
  private func handOver(_ connection: PendingConnection, speaking foreign: ForeignProtocol?) {
    let pool = foreign.flatMap { foreign in pools.firstIndex { $0.speaks == foreign } }
    if let foreign, pool == nil { event(.foreign(foreign, peer: connection.peer())) }
    let worker = pools[pool ?? connection.pool].next()
    if let worker, !makePlace(at: worker) {
      state.acceptPauses.increment()
      return dismiss(connection)
    }
    let (descriptor, length) = (connection.descriptor, connection.addressLength)
    let isTaken = connection.withAddress { worker?.add(descriptor, $0, length) == true }
    if !isTaken {
      state.connections.count.subtract(1, ordering: .sequentiallyConsistent)
      state.acceptErrors.increment()
    }
  }

  private func acceptFailed(_ code: Int32) {
    if Errno.isPassing(code) { return }
    // The backlog stays readable, so without a pause this thread would spin.
    pausedUntilMs = SystemCalls.monotonicMs() + Self.pauseMs
    if Errno.isExhaustion(code) {
      noteExhaustion(code)
      letGo(1, nowMs: SystemCalls.monotonicMs())
    } else {
      state.acceptErrors.increment()
      if !hasNotedError { note(.acceptFailed(reason: systemErrorText(code))) }
      hasNotedError = true
    }
  }

  /// No more connections than there are now: from here on each new one makes another give way.
  private func noteExhaustion(_ code: Int32) {
    places = min(places, max(1, openConnections))
    state.descriptorsExhausted.increment()
    if !hasNotedExhaustion { note(.descriptorsExhausted(reason: systemErrorText(code))) }
    hasNotedExhaustion = true
  }

  private func sweepIfDue() {
    let now = SystemCalls.monotonicMs()
    guard state.connections.count.load(ordering: .relaxed) > 0, now >= nextSweepMs else { return }
    // Whatever else had the descriptors may have given them back.
    if openConnections < places / 2 { places = maxConnections }
    nextSweepMs = now + min(deadlines.sweepIntervalMs, state.lateAnswers.sweepIntervalMs)
    for pool in pools {
      for worker in pool.workers { worker.sweep(deadlines, nowMs: now) }
    }
    state.lateAnswers.sweep(nowMs: now)
    state.bodies.sweep(nowMs: now)
    for index in pending.all.indices.reversed() {
      let stamp = PhaseStamp(.idle, sinceMs: pending.all[index].sinceMs)
      guard deadlines.verdict(stamp, nowMs: now) == .close else { continue }
      state.idleClosed.increment()
      dismiss(pending.remove(at: index))
    }
  }

  /// Takes a listener on the unix socket's path, whose file was gone.
  private func add(_ listener: Listener) {
    let old = listeners.indices.filter { listeners[$0].listener.isUnix && listeners[$0].pool == 0 }
    if old.count >= UnixSocketKeeper.listenersMax, let first = old.first { listeners.remove(at: first) }
    listeners.append((listener, 0))
  }

  private func closeListeners() {
    state.closeOpened()
    listeners = []
    hasClosedListeners = true
    state.listenersClosed.wake()
  }
}
