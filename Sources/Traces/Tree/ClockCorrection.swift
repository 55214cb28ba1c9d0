/// Moves what clocks of different machines tell apart.
///
/// A call cannot begin before its caller. Where a span of another service does, its clock is behind; it is moved, with
/// all below it, to the middle of its caller, as if request and answer took equally long to travel.
struct ClockCorrection {
  /// Less may come from how clients measure on one machine.
  static let toleranceNs: Int64 = 1_000_000

  private let services: [String]
  private(set) var times: [SpanTime]
  /// How much each service's clock is behind, in ns, where it differs most.
  private(set) var skews: [String: Int64] = [:]

  init(_ spans: [TraceSpan]) {
    let firstNs = spans.first?.startNs ?? 0
    services = spans.map(\.service)
    times = spans.map { span in
      let (after, overflow) = span.startNs.subtractingReportingOverflow(firstNs)
      return SpanTime(startNs: overflow ? .max : after, durationNs: span.durationNs)
    }
  }

  /// From the roots down; children are put in the order of their moved starts.
  mutating func run(roots: [Int], children: inout [[Int]]) {
    var waiting = roots.map { (span: $0, shiftNs: Int64(0)) }
    while let (span, shiftNs) = waiting.popLast() {
      for child in children[span] {
        var childShiftNs = shiftNs
        times[child] = SpanTime(startNs: times[child].startNs + shiftNs, durationNs: times[child].durationNs)
        let behindNs = times[span].startNs - times[child].startNs
        if behindNs >= Self.toleranceNs, services[child] != services[span] {
          let spareNs = max(0, times[span].durationNs - times[child].durationNs)
          let moveNs = behindNs + spareNs / 2
          times[child] = SpanTime(startNs: times[child].startNs + moveNs, durationNs: times[child].durationNs)
          skews[services[child]] = max(skews[services[child]] ?? 0, moveNs)
          childShiftNs += moveNs
        }
        waiting.append((child, min(childShiftNs, SpanTime.limitNs)))
      }
      if shiftNs != 0 || children[span].count > 1 {
        children[span].sort { (times[$0].startNs, $0) < (times[$1].startNs, $1) }
      }
    }
    // What was moved may have been the first.
    guard let firstNs = times.lazy.map(\.startNs).min(), firstNs > 0 else { return }
    for span in times.indices { times[span].startNs -= firstNs }
  }
}
