import Control
import JSON
import Platform
import Text
import Traces

extension APIAnswers {
  /// Traces in a list unless the query says how many.
  private static let tracesUsual = 50
  /// Traces in a list at most: more are no list that anybody reads.
  private static let tracesMax = 1_000

  /// `roost.traces.v1`: the traces that a query finds.
  func traces(_ target: PageTarget) throws(APIProblem) -> JSONValue {
    let parameters = try APIParameters(
      target, known: ["query", "since", "from", "to", "min", "max", "arrived_after", "sort", "limit"])
    let range = try parameters.range()
    var query = TracesQuery(
      filter: try filter(parameters), sinceNs: range?.sinceNs, untilNs: range?.untilNs,
      order: try parameters.choice("sort") ?? .start, arrivedAfter: try parameters.integer("arrived_after"),
      limit: try parameters.count("limit", 1...Self.tracesMax) ?? Self.tracesUsual)
    if query.sinceNs == nil, let age = try parameters.age("since") {
      let (moment, isTooEarly) = (query.untilNs ?? Self.nowNs).subtractingReportingOverflow(age)
      query.sinceNs = isTooEarly ? .min : moment
    }
    guard case .traces(let answer) = try answer(.traces(query)) else { throw Self.unexpected }
    return answer.document
  }

  /// What a query says, and between which durations.
  private func filter(_ parameters: APIParameters) throws(APIProblem) -> TraceFilter {
    let shortestNs = try parameters.duration("min")
    let longestNs = try parameters.duration("max")
    if let shortestNs, let longestNs, shortestNs > longestNs {
      throw APIProblem("bad_parameter", "min is longer than max, so no trace fits")
    }
    let bounds = [(Comparison.atLeast, shortestNs), (.atMost, longestNs)].compactMap { comparison, ns in
      ns.map { TraceFilter.condition(.number(.duration, comparison, $0)) }
    }
    do throws(TraceQueryError) {
      return TraceFilter.allOf([try TraceFilter(parsing: parameters.text("query") ?? "")] + bounds)
    } catch {
      throw APIProblem("bad_query", error.message, position: error.position)
    }
  }

  private enum TraceFormat: String, CaseIterable { case json, md, otlp, folded }

  /// One trace, named as for `roost trace`: by the begin of its id, `last`, `slowest` with service and resource, or `error`
  /// with a service. It comes as `roost.trace.v1`, or as `format` says.
  func trace(_ words: [String], _ target: PageTarget) throws(APIProblem) -> APIDocument {
    let parameters = try APIParameters(target, known: ["format"])
    let format: TraceFormat = try parameters.choice("format") ?? .json
    guard let selector = TraceSelector(words: words) else {
      throw APIProblem("bad_trace", "this names no trace: an id, last, slowest/SERVICE/RESOURCE or error/SERVICE does")
    }
    switch try answer(.trace(selector)) {
    case .trace(let answer): return Self.written(answer, as: format)
    case .noTrace(let answer): throw Self.problem(answer)
    default: throw Self.unexpected
    }
  }

  private static func problem(_ answer: NoTraceAnswer) -> APIProblem {
    let (code, message) =
      if answer.searchEndedEarly == true {
        ("search_ended_early", "no trace that fits was found in time, and not all were looked at")
      } else if answer.candidates.isEmpty {
        ("no_trace", "no trace that is kept fits")
      } else {
        ("ambiguous_trace", "several traces begin like this: \(answer.candidates.joined(separator: ", "))")
      }
    let missing = MissingThreads.note(onTraces: answer.missingThreads).map { "; " + $0 } ?? ""
    return APIProblem(code, message + missing, status: 404)
  }

  private static func written(_ answer: TraceAnswer, as format: TraceFormat) -> APIDocument {
    switch format {
    case .json: return APIDocument(json: answer.document)
    case .md:
      let tree = TraceTree(answer.trace)
      return APIDocument(
        text: tree.markdown(startText: Timestamp(unixNs: tree.startNs).text),
        mediaType: "text/markdown; charset=utf-8")
    case .otlp: return APIDocument(json: answer.trace.otlp)
    case .folded:
      return APIDocument(text: TraceTree(answer.trace).foldedStacks.map { safeText($0) + "\n" }.joined())
    }
  }

  /// The clock that spans' times are compared with: the page is served by the agent's own process.
  private static var nowNs: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
  }
}
