import Platform

/// Sends payloads to their destinations, again and again until they are taken, refused, or given up.
///
/// One thread of its own does all of it through libcurl, and sleeps when there is nothing to do. Payloads wait in memory,
/// bounded in bytes, and with a spool on disk when they are not taken at once; a later forwarder sends what is left there.
/// Delivery is at least once: a payload whose answer got lost is sent again.
package final class Forwarder: Sendable {
  private let core: ForwarderCore
  private let thread: Lock<JoinableThread?>

  /// Opens libcurl and starts the thread; no connection is made before there is something to send.
  ///
  /// - Parameters:
  ///   - destinations: where payloads go; each gets every payload of the kinds that it takes.
  ///   - spool: where payloads wait on disk; `nil` for in memory only.
  ///   - onOutcome: called with everything that happens to a payload: for each destination any number of `retrying` and one
  ///     final outcome. Called on the forwarder's thread, or on the one that enqueues; it must not block.
  ///   - onNotice: called with what a person should read, already thinned out. Called like `onOutcome`.
  ///   - onSafe: called on the forwarder's thread with the receipt of each payload that has one, when it has left, is on disk,
  ///     or was given up for another reason than that the forwarder stops.
  /// - Throws: when libcurl is missing or too old, or there is no destination.
  package init(
    destinations: [Destination], spool: SpoolSettings? = nil,
    onOutcome: @escaping @Sendable (OutgoingPayload.Summary, DeliveryOutcome) -> Void = { _, _ in },
    onNotice: @escaping @Sendable (ForwarderNotice) -> Void = { _ in },
    onSafe: @escaping @Sendable (OutgoingPayload.Receipt) -> Void = { _ in }
  ) throws(ForwarderError) {
    guard !destinations.isEmpty else { throw .noDestinations }
    let library = try CurlLibrary()
    let connections = destinations.flatMap(\.takes.values).reduce(0) { $0 + $1.connectionsMax }
    let multi = try CurlMulti(library: library, connectionsMax: connections)
    let core = ForwarderCore(
      destinations: destinations, spool: spool, library: library, multi: multi, onOutcome: onOutcome,
      onNotice: onNotice, onSafe: onSafe)
    self.core = core
    do {
      thread = Lock(
        try JoinableThread(name: "roost-forward") {
          var loop = ForwarderLoop(core: core)
          loop.run()
        })
    } catch {
      throw .noResources("no thread (\(error))")
    }
  }

  deinit { stop(deadline: .now) }

  /// Hands a payload over to all destinations that take its kind; never blocks. Where the queue is full the oldest waiting
  /// payload is given up for it. After `stop`, and when no destination takes its kind, it is given up itself.
  package func enqueue(_ payload: OutgoingPayload) { core.enqueue(payload) }

  /// Sends what waits in memory, without the pauses that earlier failures led to, and returns when all of it has ended or
  /// the time is over. What is left then goes to disk, or is given up with the reason `shutdown`. Called again, it does
  /// nothing.
  package func stop(deadline: ContinuousClock.Instant) {
    core.drain(until: deadline)
    thread.withLock { $0.take() }?.join()
  }

  /// From now on requests go out with the keys of these destinations, what waits too.
  /// - Returns: false, and nothing has changed, when their addresses are not those that the forwarder was given, in the same
  ///   order, or one of these has several keys.
  package func replaceKeys(by destinations: [Destination]) -> Bool { core.replaceKeys(by: destinations) }

  /// Whether any destination takes payloads of a kind.
  package func takes(_ kind: OutgoingPayload.Kind) -> Bool { takers(kind) > 0 }

  /// How many destinations take a kind of payload.
  package func takers(_ kind: OutgoingPayload.Kind) -> Int { core.destinations.count { $0.takes[kind] != nil } }

  /// Whether something is on disk, or would be, because a destination does not take it. What is gathered should not wait in
  /// memory then.
  package var isSpooling: Bool { core.withQueue { $0.lanes.contains(where: \.isSpooling) } }

  /// What has been done since the start, and what is held at this moment.
  package var counters: ForwarderCounters { core.counters }
}
