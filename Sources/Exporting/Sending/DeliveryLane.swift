/// The way of one kind of payload to one destination: what waits there, what is under way, what it may hold, and how the
/// destination feels. Lanes share nothing, so that what happens in one does not reach another.
struct DeliveryLane: Sendable {
  let kind: OutgoingPayload.Kind
  /// The index of the destination in the list that the forwarder was given.
  let destination: Int
  /// The destination for people to read.
  let label: String
  let limits: Destination.LaneLimits
  let retry: RetryPolicy

  /// What a lane holds: of payloads that wait and of those under way.
  struct Held: Sendable, Equatable {
    /// Bytes of their bodies, wherever these are kept.
    var bytes = 0
    /// What is inside of them.
    var counts = PayloadCounts()
  }

  /// An entry that is being sent, and since when.
  struct UnderWay: Sendable {
    let entry: DeliveryQueue.Entry
    let startedAt: ContinuousClock.Instant
    /// Where it is on disk; `nil` when it is in memory only.
    var spooled: Spool.Reference?
  }

  /// What is on disk and neither waits in memory nor is under way.
  struct Spooled: Sendable, Equatable {
    var payloads = 0
    /// Bytes of their bodies, without what describes them.
    var bytes = 0
    var counts = PayloadCounts()
    /// Since when the oldest of them waits, about; `nil` when there is none.
    var since: ContinuousClock.Instant?
  }

  private(set) var held = Held()
  /// Not under way, the oldest first; a payload that comes back stands before newer ones.
  private(set) var waiting: [DeliveryQueue.Entry] = []
  /// Entries that are being sent, by their numbers.
  private(set) var underWay: [UInt64: UnderWay] = [:]
  /// Failures on the way to this destination: one more with each, halved by each success. Shared by all its payloads.
  private(set) var attempt = 0
  /// Nothing is started before this time; `nil` for no pause.
  private(set) var pausedUntil: ContinuousClock.Instant?
  /// Payloads may wait on disk.
  let hasSpool: Bool
  var spooled = Spooled()
  /// Payloads that an earlier agent left on disk: how many, and what was inside of them.
  var restored = (payloads: 0, counts: PayloadCounts())
  /// Payloads that are being read from disk to be sent.
  var reading = 0
  /// Nothing is written to disk before this time, because that has failed.
  var spoolPausedUntil: ContinuousClock.Instant?
  /// Failed attempts to send what is on disk; only where they are limited.
  var failuresOnDisk: [Spool.Reference: Int] = [:]
  /// What was started last had not been on disk.
  private var wasLastFresh = false

  init(
    kind: OutgoingPayload.Kind, destination: Int, of value: Destination, limits: Destination.LaneLimits,
    hasSpool: Bool = false
  ) {
    self.kind = kind
    self.destination = destination
    self.hasSpool = hasSpool
    label = value.label
    self.limits = limits
    retry = value.retry
  }

  var isEmpty: Bool { waiting.isEmpty && underWay.isEmpty && reading == 0 }

  var isOverfull: Bool { held.bytes > limits.queueBytesMax }

  /// Whether one more request may be started, the pause aside. A destination that fails gets one request at a time.
  var hasFreeConnection: Bool { underWay.count + reading < (attempt == 0 ? limits.connectionsMax : 1) }

  /// Since when the oldest of all that it holds has been waiting for its end; `nil` when it holds nothing.
  var heldSince: ContinuousClock.Instant? {
    [waiting.first?.enqueuedAt, underWay.values.map(\.entry.enqueuedAt).min(), spooled.since].compactMap(\.self).min()
  }

  /// When the request was started that has waited longest for its answer; `nil` when none is under way.
  var unansweredSince: ContinuousClock.Instant? { underWay.values.map(\.startedAt).min() }

  func isPaused(at now: ContinuousClock.Instant) -> Bool { pausedUntil.map { now < $0 } ?? false }

  /// Takes a new entry in, behind all others.
  mutating func enqueue(_ entry: DeliveryQueue.Entry) {
    hold(entry)
    insert(entry)
  }

  /// Takes an entry into the account of what is in memory.
  mutating func hold(_ entry: DeliveryQueue.Entry) {
    held.bytes += entry.payload.body.byteCount
    held.counts += entry.payload.counts
  }

  /// Takes an entry back that was under way, before newer ones. It is still held.
  mutating func putBack(_ entry: DeliveryQueue.Entry) { insert(entry) }

  /// Starts the oldest entry that waits, unless the lane is paused or has no free connection. It is under way from then on.
  mutating func startOldest(at now: ContinuousClock.Instant) -> DeliveryQueue.Entry? {
    guard hasFreeConnection, !isPaused(at: now), let entry = takeOldest() else { return nil }
    start(entry, at: now)
    wasLastFresh = true
    return entry
  }

  /// An entry is under way from now on.
  mutating func start(_ entry: DeliveryQueue.Entry, at now: ContinuousClock.Instant) {
    underWay[entry.id] = UnderWay(entry: entry, startedAt: now, spooled: entry.spooled)
  }

  /// Whether the next one is to be read from disk. Old and new ones take turns, so that neither waits for the other.
  mutating func startReading(at now: ContinuousClock.Instant) -> Bool {
    guard spooled.payloads > reading, waiting.isEmpty || wasLastFresh, hasFreeConnection, !isPaused(at: now) else {
      return false
    }
    reading += 1
    wasLastFresh = false
    return true
  }

  /// Ends the attempt to send an entry. One that was not under way would be accounted for twice.
  mutating func endAttempt(_ entry: DeliveryQueue.Entry) -> UnderWay {
    guard let ended = underWay.removeValue(forKey: entry.id) else {
      preconditionFailure("an entry that is not under way")
    }
    return ended
  }

  /// Where an entry that is under way is on disk too; `nil` for nowhere.
  mutating func note(_ id: UInt64, isAt reference: Spool.Reference?) { underWay[id]?.spooled = reference }

  /// Removes an entry that waits. It is held until `release`.
  mutating func takeWaiting(_ id: UInt64) -> DeliveryQueue.Entry? {
    waiting.firstIndex { $0.id == id }.map { waiting.remove(at: $0) }
  }

  /// Removes the oldest entry that waits. It is held until `release`.
  mutating func takeOldest() -> DeliveryQueue.Entry? { waiting.isEmpty ? nil : waiting.removeFirst() }

  /// Removes all that have waited since before `instant`. They are held until `release`.
  mutating func takeWaiting(since instant: ContinuousClock.Instant) -> [DeliveryQueue.Entry] {
    guard let oldest = waiting.first, oldest.enqueuedAt < instant else { return [] }
    let count = waiting.prefix { $0.enqueuedAt < instant }.count
    defer { waiting.removeFirst(count) }
    return [DeliveryQueue.Entry](waiting.prefix(count))
  }

  /// Removes all that wait. They are held until `release`.
  mutating func takeAll() -> [DeliveryQueue.Entry] {
    defer { waiting = [] }
    return waiting
  }

  /// Takes an entry that has come to its end out of the account.
  mutating func release(_ entry: DeliveryQueue.Entry) {
    held.bytes -= entry.payload.body.byteCount
    held.counts -= entry.payload.counts
    precondition(held.bytes >= 0, "an entry that was not held")
  }

  mutating func succeeded() { attempt /= 2 }

  /// One more failure. Past 16 nothing changes: so few successes make a destination well again.
  mutating func failed() { attempt = min(attempt + 1, 16) }

  mutating func pause(until instant: ContinuousClock.Instant) {
    pausedUntil = max(pausedUntil ?? instant, instant)
  }

  mutating func resume() { pausedUntil = nil }

  private mutating func insert(_ entry: DeliveryQueue.Entry) {
    var place = waiting.count
    while place > 0, waiting[place - 1].id > entry.id { place -= 1 }
    waiting.insert(entry, at: place)
  }
}
