/// The spans without which a trace would have been shorter.
///
/// From a span's end backwards it leads into the child that ended last, from that child's start on into the one that ended
/// last before it, and so on; of children that run on after their parent only the part within it counts.
enum CriticalPath {
  /// Whether each span is on the path that ends with the root's end.
  static func spans(from root: Int?, children: [[Int]], times: [SpanTime]) -> [Bool] {
    var isCritical = [Bool](repeating: false, count: times.count)
    guard let root else { return isCritical }
    var waiting = [(span: root, time: times[root])]
    while let (span, time) = waiting.popLast() {
      isCritical[span] = true
      let parts = children[span].map { (span: $0, time: time.clip(times[$0])) }.filter { $0.time.durationNs > 0 }
        .sorted { ($0.time.endNs, $0.time.startNs, $0.span) > ($1.time.endNs, $1.time.startNs, $1.span) }
      var untilNs = time.endNs
      for part in parts where part.time.endNs <= untilNs {
        waiting.append(part)
        untilNs = part.time.startNs
      }
    }
    return isCritical
  }
}
