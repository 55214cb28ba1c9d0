import Control
import Traces

/// Which traces a run draws while its command runs (`--live`): each once, when its root has come and no more of it comes.
/// Decides by what the agent has stored.
package struct LiveTraces: Sendable {
  /// Between looks: tracers send once a second, services of one trace not in the same moment.
  static let pause = Duration.milliseconds(500)
  /// Traces that are drawn after one look; of more only the number is said.
  static let drawnMax = 5
  /// Traces that are asked for at each look, the newest.
  static let rowsMax = 200
  /// Looks in a row between which nothing was added to a trace that has ended.
  static let quietLooks = 2
  /// The same for one whose root does not come: it may be that of a caller elsewhere.
  static let quietLooksWithoutRoot = 8
  /// A trace may be stored long after it began.
  static let lengthMaxNs: Int64 = 600_000_000_000

  /// What is known of a trace that was seen.
  private struct Seen: Sendable {
    var startNs: Int64
    var spans: Int
    /// Looks since it last grew.
    var quiet = 0
    var isDone = false
  }

  private let startedNs: Int64
  private var seen: [String: Seen] = [:]
  /// Said once: an agent without traces will not get any.
  private var isRefused = false
  /// The agent's clock at its last answer, ns since 1970.
  private var answeredNs = Int64.max

  /// - Parameter sinceNs: the command's start, in ns since 1970.
  package init(sinceNs: Int64) { startedNs = sinceNs }

  /// What is to be drawn and said now.
  ///
  /// - Parameters:
  ///   - isLast: at the end of the run; what has come by then is drawn as it is.
  ///   - belongs: whether a process is one whose traces are drawn.
  mutating func look(
    at controlPath: String, within limit: Duration, isLast: Bool, _ system: some RunSystem,
    belongs: (Int64) -> Bool
  ) -> [RunAction] {
    guard !isRefused, let rows = rows(controlPath, limit, system) else {
      return refusal(controlPath, limit, system)
    }
    forget(rows)
    var actions: [RunAction] = []
    var left = 0
    for row in rows.rows.reversed() where isDue(row, isLast: isLast) {
      guard actions.count < Self.drawnMax else {
        seen[row.traceID]?.isDone = true
        left += 1
        continue
      }
      let selector = ControlQuery.trace(.hexPrefix(row.traceID))
      guard case .trace(let trace)? = try? system.answer(selector, at: controlPath, within: limit) else { continue }
      guard isLast || Self.hasRoot(trace.trace) || seen[row.traceID]?.quiet ?? 0 >= Self.quietLooksWithoutRoot else {
        continue
      }
      seen[row.traceID]?.isDone = true
      if belongs(Self.process(of: trace.trace)) { actions.append(.showTrace(trace)) }
    }
    if left > 0 { actions.append(.report("\(left) more trace\(left == 1 ? "" : "s") ended meanwhile: roost traces")) }
    return actions
  }

  private mutating func rows(_ controlPath: String, _ limit: Duration, _ system: some RunSystem) -> TracesAnswer? {
    let query = TracesQuery(sinceNs: sinceNs, limit: Self.rowsMax)
    let answer = system.traces(query, at: controlPath, within: limit)
    if let answer { answeredNs = answer.nowNs }
    return answer
  }

  /// Traces that began before this are not asked for.
  private var sinceNs: Int64 {
    // A clock that is ahead says nothing of when other traces are to come.
    let newest = seen.values.lazy.map(\.startNs).filter { $0 <= answeredNs }.max() ?? startedNs
    return max(startedNs, newest.subtractingReportingOverflow(Self.lengthMaxNs).partialValue)
  }

  /// One that is not answered is asked again; one that is refused says why, once.
  private mutating func refusal(_ controlPath: String, _ limit: Duration, _ system: some RunSystem) -> [RunAction] {
    guard !isRefused else { return [] }
    do throws(ControlError) {
      guard
        case .refused(let why) = try system.answer(
          .traces(TracesQuery(limit: 1)), at: controlPath, within: limit)
      else { return [] }
      isRefused = true
      return [.report("no traces are drawn: \(why)")]
    } catch {
      guard case .refused(let why) = error else { return [] }
      isRefused = true
      return [.report("no traces are drawn: \(why)")]
    }
  }

  private mutating func isDue(_ row: TraceRow, isLast: Bool) -> Bool {
    guard var known = seen[row.traceID] else {
      seen[row.traceID] = Seen(startNs: row.startNs, spans: row.spanCount)
      return isLast
    }
    if known.isDone { return false }
    known.quiet = known.spans == row.spanCount ? known.quiet + 1 : 0
    known.spans = row.spanCount
    seen[row.traceID] = known
    return isLast || known.quiet >= Self.quietLooks
  }

  /// Those that a look does not ask for any more.
  private mutating func forget(_ answer: TracesAnswer) {
    guard seen.count > Self.rowsMax * 2 else { return }
    let asked = Set(answer.rows.map(\.traceID))
    let sinceNs = sinceNs
    seen = seen.filter { asked.contains($0.key) || $0.value.startNs >= sinceNs && !$0.value.isDone }
  }

  private static func hasRoot(_ trace: Trace) -> Bool { trace.spans.contains { $0.parentID == 0 } }

  /// As tracers name it on the first span of a process; 0 where none does.
  private static func process(of trace: Trace) -> Int64 {
    for span in trace.spans {
      if let number = span.metric("process_id") ?? span.metric("system.pid") {
        return Int64(exactly: number.rounded()) ?? 0
      }
    }
    return 0
  }
}
