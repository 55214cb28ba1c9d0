/// What a connection is doing, and what the clock makes of it.
enum ConnectionPhase: UInt64, Sendable, CaseIterable {
  /// Between requests: nothing of the next one has come.
  case idle
  /// Some bytes of a request line have come, and not all of it.
  case beginning
  /// The request line is there, and the request has not arrived completely.
  case receiving
  /// There is no room for its body yet, so nothing of it is read.
  case waiting
  /// The handler has it, or somebody who answers it later.
  case handling
  /// The answer is on its way.
  case answering
  /// The request was refused; what the client still sends is thrown away so that it can read why.
  case discarding
}

/// A phase and since when, in one word that another thread may read at any time.
struct PhaseStamp: Sendable, Equatable {
  var phase: ConnectionPhase
  /// Milliseconds of the monotonic clock.
  var sinceMs: UInt64

  var word: UInt64 { (sinceMs << 3) | phase.rawValue }

  init(_ phase: ConnectionPhase, sinceMs: UInt64) {
    self.phase = phase
    self.sinceMs = sinceMs
  }

  init(word: UInt64) {
    phase = ConnectionPhase(rawValue: word & 7) ?? .idle
    sinceMs = word >> 3
  }
}

/// How long a connection may stay in each phase.
struct ConnectionDeadlines: Sendable, Equatable {
  var idleMs: UInt64
  var requestMs: UInt64

  enum Verdict: Sendable, Equatable {
    case leave
    /// Stop reading: the worker sees the end, answers 408 and closes.
    case timeOut
    /// Answer 408 and close: the worker knows of no request yet.
    case refuse
    /// Close both ways, without an answer.
    case close
  }

  /// How often connections are looked at: often enough that a limit is passed by a quarter at most.
  var sweepIntervalMs: UInt64 { Self.sweepIntervalMs(forLimit: min(idleMs, requestMs)) }

  static func sweepIntervalMs(forLimit limitMs: UInt64) -> UInt64 { min(max(limitMs / 4, 20), 1000) }

  func verdict(_ stamp: PhaseStamp, nowMs: UInt64) -> Verdict {
    let age = nowMs > stamp.sinceMs ? nowMs - stamp.sinceMs : 0
    switch stamp.phase {
    case .idle, .answering: return age > idleMs ? .close : .leave
    case .beginning: return age > requestMs ? .refuse : .leave
    case .receiving:
      // One who keeps dribbling after the time-out never lets the worker see the end.
      if age / 2 > requestMs { return .close }
      return age > requestMs ? .timeOut : .leave
    case .discarding: return age > requestMs ? .close : .leave
    // The handler's time is the agent's own; it is never cut off, because its work is being counted. Answers that come
    // later, and waits for room, have deadlines of their own.
    case .handling, .waiting: return .leave
    }
  }
}
