import TraceModel

/// How many traces were thinned in each minute of the last day, so that a list of traces can say what it lacks.
struct ThinnedMinutes: ~Copyable, Sendable {
  /// As many as a day has; what is older is forgotten.
  private static let places = 1_440

  private struct Minute: BitwiseCopyable {
    /// Counted from 1970 on; -1 for a place without a minute.
    var number: Int64 = -1
    var traces: UInt64 = 0
  }

  /// Made when there first is too much; a minute has the place of its number's remainder.
  private var minutes = GrowableBuffer<Minute>()

  /// One more that was left out.
  mutating func add(second: Int64) {
    guard second >= 0 else { return }
    if minutes.isEmpty { minutes.append(repeating: Minute(), count: Self.places) }
    let number = second / 60
    let place = Int(number % Int64(Self.places))
    if minutes[place].number != number { minutes[place] = Minute(number: number) }
    minutes[place].traces &+= 1
  }

  /// Those of whole minutes, from the one that holds `sinceNs` to the one that holds `untilNs`; ns since 1970.
  func count(sinceNs: Int64?, untilNs: Int64?) -> UInt64 {
    let minuteNs: Int64 = 60_000_000_000
    let first = (sinceNs ?? 0) / minuteNs
    let last = (untilNs ?? .max) / minuteNs
    var sum: UInt64 = 0
    for place in 0..<minutes.count where minutes[place].number >= max(first, 0) && minutes[place].number <= last {
      sum &+= minutes[place].traces
    }
    return sum
  }
}
