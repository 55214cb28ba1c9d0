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
  /// Looks at which a trace was due and not answered in time; then it is only named.
  static let failedLooks = 3
  /// Time for each span of a trace, beside that of any question: reading ten thousand takes a second of a slow machine.
  static let timeOfSpan = Duration.microseconds(100)
  /// The longest time for one trace: signals wait for it.
  static let readingMax = Duration.seconds(2)
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
    /// Looks at which it could not be read.
    var failed = 0
    var isDone = false
  }

  private let startedNs: Int64
  private var seen: [TraceID: Seen] = [:]
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
    var drawn: [TraceAnswer] = []
    var left: [TraceSummary] = []
    var reports: [RunAction] = []
    for row in Self.mostTelling(rows.rows.filter { isDue($0, isLast: isLast) }) {
      guard drawn.count < Self.drawnMax else {
        seen[row.id]?.isDone = true
        left.append(row)
        continue
      }
      let time = min(limit + Self.timeOfSpan * min(row.spanCount, 100_000), max(limit, Self.readingMax))
      let selector = ControlQuery.trace(.hexPrefix(row.id.hex))
      guard case .trace(let trace)? = try? system.answer(selector, at: controlPath, within: time) else {
        reports += failure(row, isLast: isLast)
        continue
      }
      guard isLast || Self.hasRoot(trace.trace) || seen[row.id]?.quiet ?? 0 >= Self.quietLooksWithoutRoot else {
        continue
      }
      seen[row.id]?.isDone = true
      if belongs(Self.process(of: trace.trace)) { drawn.append(trace) }
    }
    drawn.sort { $0.trace.spans.first?.startNs ?? 0 < $1.trace.spans.first?.startNs ?? 0 }
    if !left.isEmpty { reports.append(.report(Self.words(for: left))) }
    return drawn.map { .showTrace($0) } + reports
  }

  /// The traces in the order in which they are drawn while there is place: those that failed, then one of each resource,
  /// and of equals the longest.
  private static func mostTelling(_ rows: [TraceSummary]) -> [TraceSummary] {
    guard rows.count > drawnMax else { return rows }
    var resources: Set<[String]> = []
    let byLength = rows.sorted { ($0.durationNs, $1.startNs) > ($1.durationNs, $0.startNs) }
    let ranked = byLength.map { row in
      let isFirst = resources.insert([row.rootService, row.rootResource]).inserted
      return (row: row, rank: (row.errorCount > 0 ? 0 : 2) + (isFirst ? 0 : 1))
    }
    return (0...3).flatMap { rank in ranked.filter { $0.rank == rank }.map(\.row) }
  }

  /// Traces for which there was no place, by what they are.
  private static func words(for rows: [TraceSummary]) -> String {
    let counts = Dictionary(rows.map { ($0.rootResource, 1) }, uniquingKeysWith: +)
    let kinds = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let named = kinds.prefix(3).map { ($0.value > 1 ? "\($0.value) × " : "") + String($0.key.prefix(60)) }
    let what = named.joined(separator: ", ") + (kinds.count > 3 ? ", …" : "")
    return "\(rows.count) more trace\(rows.count == 1 ? "" : "s") ended meanwhile (\(what)): roost traces"
  }

  /// One that could not be read in time is read again at the next looks, and then named.
  private mutating func failure(_ row: TraceSummary, isLast: Bool) -> [RunAction] {
    seen[row.id]?.failed += 1
    guard isLast || seen[row.id]?.failed ?? 0 >= Self.failedLooks else { return [] }
    seen[row.id]?.isDone = true
    let name = "\(row.rootResource.prefix(60)) of \(row.rootService)"
    let size = "\(row.spanCount) span\(row.spanCount == 1 ? "" : "s")"
    return [.report("\(name) could not be read in time (\(size)): roost trace \(row.id.hex)")]
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

  private mutating func isDue(_ row: TraceSummary, isLast: Bool) -> Bool {
    guard var known = seen[row.id] else {
      seen[row.id] = Seen(startNs: row.startNs, spans: row.spanCount)
      return isLast
    }
    if known.isDone { return false }
    known.quiet = known.spans == row.spanCount ? known.quiet + 1 : 0
    known.spans = row.spanCount
    seen[row.id] = known
    return isLast || known.quiet >= Self.quietLooks
  }

  /// Those that a look does not ask for any more.
  private mutating func forget(_ answer: TracesAnswer) {
    guard seen.count > Self.rowsMax * 2 else { return }
    let asked = Set(answer.rows.map(\.id))
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
