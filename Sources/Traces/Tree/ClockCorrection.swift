/// Moves what clocks of different machines tell apart.
///
/// A call cannot begin before its caller. Where a span of another service does, its clock is behind; it is moved, with
/// all below it, to the middle of its caller, as if request and answer took equally long to travel. Nor can what answers
/// a call begin after the caller had its answer: its clock is ahead then, and it is moved the same way. A call that failed
/// may have been given up before, and a message is worked on whenever somebody comes to it.
///
/// No trace is longer for it than the clocks say: what would pull it apart is left as it came. A search by duration counts
/// on that, because it has no more than the clocks' times of the chunks.
struct ClockCorrection {
  /// Less may come from how clients measure on one machine.
  static let toleranceNs: Int64 = 1_000_000

  private let spans: [TraceSpan]
  private(set) var times: [SpanTime]
  /// How much each service's clock is behind, in ns, where it differs most; less than 0 where it is ahead.
  private(set) var skews: [String: Int64] = [:]

  init(_ spans: [TraceSpan]) {
    let firstNs = spans.first?.startNs ?? 0
    self.spans = spans
    times = spans.map { span in
      let (after, overflow) = span.startNs.subtractingReportingOverflow(firstNs)
      return SpanTime(startNs: overflow ? .max : after, durationNs: span.durationNs)
    }
  }

  /// Children are put in the order of their moved starts.
  mutating func run(roots: [Int], children: inout [[Int]]) {
    let measured = times
    correct(roots: roots, children: &children)
    guard !skews.isEmpty, durationNs > measured.lazy.map(\.endNs).max() ?? 0 else { return }
    times = measured
    skews = [:]
    for span in children.indices where children[span].count > 1 {
      children[span].sort { (times[$0].startNs, $0) < (times[$1].startNs, $1) }
    }
  }

  /// The trace's length, in ns.
  var durationNs: Int64 { times.lazy.map(\.endNs).max() ?? 0 }

  /// Moves spans from the roots down, each with all below it.
  private mutating func correct(roots: [Int], children: inout [[Int]]) {
    var waiting = roots.map { (span: $0, shiftNs: Int64(0)) }
    while let (span, shiftNs) = waiting.popLast() {
      for child in children[span] {
        times[child] = SpanTime(startNs: times[child].startNs + shiftNs, durationNs: times[child].durationNs)
        let moveNs = move(of: child, calledBy: span)
        if moveNs != 0 {
          times[child] = SpanTime(startNs: times[child].startNs + moveNs, durationNs: times[child].durationNs)
          let service = spans[child].service
          if moveNs.magnitude > (skews[service] ?? 0).magnitude { skews[service] = moveNs }
        }
        waiting.append((child, min(max(shiftNs + moveNs, -SpanTime.limitNs), SpanTime.limitNs)))
      }
      if children[span].count > 1 { children[span].sort { (times[$0].startNs, $0) < (times[$1].startNs, $1) } }
    }
    // What was moved may have been the first.
    guard let firstNs = times.lazy.map(\.startNs).min(), firstNs > 0 else { return }
    for span in times.indices { times[span].startNs -= firstNs }
  }

  /// How far a span has to go to stand within its caller, in ns; 0 where it may stay.
  private func move(of child: Int, calledBy caller: Int) -> Int64 {
    guard spans[child].service != spans[caller].service else { return 0 }
    let (time, callerTime) = (times[child], times[caller])
    let isBehind = callerTime.startNs - time.startNs >= Self.toleranceNs
    let isAhead =
      time.startNs - callerTime.endNs >= Self.toleranceNs && time.durationNs <= callerTime.durationNs
      && spans[caller].isCall && !spans[caller].isError
    guard isBehind || isAhead else { return 0 }
    return callerTime.startNs + max(0, callerTime.durationNs - time.durationNs) / 2 - time.startNs
  }
}
