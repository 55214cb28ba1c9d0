import Control
import Terminal
import Traces

/// What `roost traces --follow` has printed, and what is new to print.
///
/// A trace comes in parts: of several services, and within seconds of each other. It is printed when it is the same as a
/// second before, once.
struct TraceFollowing {
  /// How far before the newest trace later ones may begin that are still to come.
  private static let latenessNs: Int64 = 120_000_000_000
  /// Ids that are remembered; beyond it the oldest are forgotten, which are far below `latenessNs` then.
  private static let printedMax = 100_000

  private var printed: Set<String> = []
  private var spanCounts: [String: Int] = [:]
  private var newestNs: Int64
  private let beginNs: Int64

  /// - Parameter beginNs: traces that began before it are not printed; ns since 1970.
  init(beginNs: Int64) {
    self.beginNs = beginNs
    newestNs = beginNs
  }

  /// From when on traces are to be asked for, in ns since 1970.
  var sinceNs: Int64 { max(beginNs, newestNs &- Self.latenessNs) }

  /// Those of the newest traces that are to be printed now, in the order in which they began. One that begins after
  /// `nowNs`, by a clock that is ahead, says nothing of when others are to come.
  mutating func take(_ rows: [TraceRow], nowNs: Int64) -> [TraceRow] {
    let new = rows.filter { !printed.contains($0.traceID) }
    let ready = new.filter { spanCounts[$0.traceID] == $0.spanCount }
    spanCounts = Dictionary(new.map { ($0.traceID, $0.spanCount) }, uniquingKeysWith: max)
    if printed.count > Self.printedMax { printed = Set(rows.map(\.traceID)) }
    for row in ready { printed.insert(row.traceID) }
    newestNs = max(newestNs, rows.lazy.map(\.startNs).filter { $0 <= nowNs }.max() ?? newestNs)
    return ready.sorted { ($0.startNs, $0.traceID) < ($1.startNs, $1.traceID) }
  }
}
