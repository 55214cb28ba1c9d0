/// When a span begins and ends, in ns after the trace's start. Extremes that clients send are cut, so that sums of a few
/// cannot overflow.
package struct SpanTime: Sendable, Equatable {
  package var startNs: Int64
  package var durationNs: Int64

  /// About 73 years: a quarter of what 64 bits hold.
  static let limitNs = Int64.max / 4

  /// A time within the limits.
  init(startNs: Int64, durationNs: Int64) {
    self.startNs = min(max(startNs, 0), Self.limitNs)
    self.durationNs = min(max(durationNs, 0), Self.limitNs)
  }

  /// When it ends, in ns after the trace's start.
  package var endNs: Int64 { startNs + durationNs }

  /// The part of another time that lies within this one.
  func clip(_ other: SpanTime) -> SpanTime {
    let start = min(max(other.startNs, startNs), endNs)
    return SpanTime(startNs: start, durationNs: min(other.endNs, endNs) - start)
  }

  /// How much of this time none of others covers, in ns.
  /// - Parameter others: in the order of their starts.
  func uncovered(by others: some Sequence<SpanTime>) -> Int64 {
    var covered: Int64 = 0
    var reached = startNs
    for other in others {
      let part = clip(other)
      guard part.endNs > reached else { continue }
      covered += part.endNs - max(part.startNs, reached)
      reached = part.endNs
    }
    return durationNs - covered
  }
}
