/// The way of one kind of payload to one endpoint: what waits there, what is under way, and how the endpoint feels.
struct DeliveryLane: Sendable {
  let endpoint: Endpoint
  let kind: OutgoingPayload.Kind
  let connectionsMax: Int

  /// Oldest first.
  private(set) var waiting: [DeliveryQueue.Entry] = []
  private(set) var inFlight = 0
  /// Failures on the way to this endpoint: one more with each, halved by each success. Shared by all its payloads.
  private(set) var attempt = 0
  /// Nothing is started before.
  private(set) var pausedUntil: ContinuousClock.Instant?

  init(endpoint: Endpoint, kind: OutgoingPayload.Kind, connectionsMax: Int) {
    self.endpoint = endpoint
    self.kind = kind
    self.connectionsMax = max(1, connectionsMax)
  }

  var isEmpty: Bool { waiting.isEmpty && inFlight == 0 }

  /// Whether one more request may be started, the pause aside. An endpoint that fails is asked by one request at a time.
  var hasFreeConnection: Bool { inFlight < (attempt == 0 ? connectionsMax : 1) }

  func isPaused(at now: ContinuousClock.Instant) -> Bool { pausedUntil.map { now < $0 } ?? false }

  /// Puts an entry where its age belongs: at the end when it is new, before newer ones when it comes back.
  mutating func insert(_ entry: DeliveryQueue.Entry) {
    let place = waiting.lastIndex { $0.id < entry.id }.map { $0 + 1 } ?? 0
    waiting.insert(entry, at: place)
  }

  mutating func takeOldest() -> DeliveryQueue.Entry? { waiting.isEmpty ? nil : waiting.removeFirst() }

  /// Removes all that have waited since before `instant`.
  mutating func takeWaiting(since instant: ContinuousClock.Instant) -> [DeliveryQueue.Entry] {
    let count = waiting.prefix { $0.enqueuedAt < instant }.count
    defer { waiting.removeFirst(count) }
    return [DeliveryQueue.Entry](waiting.prefix(count))
  }

  mutating func takeAll() -> [DeliveryQueue.Entry] {
    defer { waiting = [] }
    return waiting
  }

  mutating func started() { inFlight += 1 }

  mutating func ended() { inFlight -= 1 }

  mutating func succeeded() { attempt /= 2 }

  /// One more failure. Past 16 nothing changes: so few successes make an endpoint well again.
  mutating func failed() { attempt = min(attempt + 1, 16) }

  mutating func pause(until instant: ContinuousClock.Instant) {
    pausedUntil = max(pausedUntil ?? instant, instant)
  }

  mutating func resume() { pausedUntil = nil }
}
