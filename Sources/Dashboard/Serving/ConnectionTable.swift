/// What browsers' connections are doing, and which of them has to go: decides, touches no socket.
struct ConnectionTable: Sendable {
  /// Connections at a time; a browser takes six for all its tabs. One more, and somebody gives way.
  static let connectionsMax = 64

  enum Phase: Sendable, Equatable {
    /// Nothing of a first request has come, or not the whole of its head.
    case new
    /// Between two requests, with perhaps a part of the next one.
    case idle
    /// A request is being answered.
    case answering
    /// It sleeps until there is something to say, and is bounded elsewhere.
    case asleep
  }

  /// How long a connection may stay in a phase, in ms. A browser opens connections before it needs them, and sends the
  /// head of a request in one piece; the largest answer takes it well below a second.
  static func limitMs(of phase: Phase) -> UInt64? {
    switch phase {
    case .new: 10_000
    case .idle: 30_000
    case .answering: 60_000
    case .asleep: nil
    }
  }

  private struct Entry: Sendable {
    var phase = Phase.new
    /// Milliseconds of a clock that never goes back.
    var sinceMs: UInt64
    var isToGo = false
  }

  private var entries: [UInt64: Entry] = [:]

  /// Those that are open and have not been sent away.
  var count: Int { entries.values.count { !$0.isToGo } }

  mutating func open(_ number: UInt64, nowMs: UInt64) { entries[number] = Entry(sinceMs: nowMs) }

  mutating func close(_ number: UInt64) { entries[number] = nil }

  mutating func enter(_ phase: Phase, _ number: UInt64, nowMs: UInt64) {
    entries[number]?.phase = phase
    entries[number]?.sinceMs = nowMs
  }

  /// Which connections go now: those that took too long, and, where there are too many, those that have been silent or
  /// unfinished longest; each is named once.
  mutating func takeLeaving(nowMs: UInt64) -> [UInt64] {
    var leaving = entries.filter { Self.isOverdue($0.value, nowMs: nowMs) }.map(\.key)
    for number in leaving { entries[number]?.isToGo = true }
    while count > Self.connectionsMax, let next = longest {
      entries[next]?.isToGo = true
      leaving.append(next)
    }
    return leaving
  }

  private static func isOverdue(_ entry: Entry, nowMs: UInt64) -> Bool {
    guard !entry.isToGo, let limit = limitMs(of: entry.phase) else { return false }
    return nowMs > entry.sinceMs && nowMs - entry.sinceMs > limit
  }

  /// Whoever asks for nothing gives way before one that reads an answer slowly.
  private var longest: UInt64? {
    entries.filter { !$0.value.isToGo && $0.value.phase != .asleep }
      .min { a, b in
        let (first, second) = (a.value.phase == .answering, b.value.phase == .answering)
        return first == second ? (a.value.sinceMs, a.key) < (b.value.sinceMs, b.key) : second
      }?.key
  }
}
