import Control
import JSON
import Platform
import Traces

extension APIAnswers {
  /// Traces in a list unless the query says how many.
  private static let tracesUsual = 50
  /// Traces in a list at most: more are no list that anybody reads.
  private static let tracesMax = 1_000

  /// `roost.traces.v1`: the traces that a query finds.
  func traces(_ target: PageTarget) throws(APIProblem) -> JSONValue {
    let parameters = try APIParameters(target, known: ["query", "since", "from", "to", "sort", "limit"])
    let filter: TraceFilter
    do throws(TraceQueryError) {
      filter = try TraceFilter(parsing: parameters.text("query") ?? "")
    } catch {
      throw APIProblem("bad_query", error.message, position: error.position)
    }
    var query = TracesQuery(
      filter: filter, sinceNs: try parameters.moment("from"), untilNs: try parameters.moment("to"),
      order: try parameters.choice("sort") ?? .start,
      limit: try parameters.count("limit", 1...Self.tracesMax) ?? Self.tracesUsual)
    if query.sinceNs == nil, let age = try parameters.age("since") { query.sinceNs = Self.nowNs &- age }
    guard case .traces(let answer) = try answer(.traces(query)) else { throw Self.unexpected }
    return answer.document
  }

  /// `roost.trace.v1`: one trace, named as for `roost trace`: by the begin of its id, `last`, `slowest` with service and
  /// resource, or `error` with a service.
  func trace(_ words: [String], _ target: PageTarget) throws(APIProblem) -> JSONValue {
    _ = try APIParameters(target, known: [])
    guard let selector = TraceSelector(words: words) else {
      throw APIProblem("bad_trace", "this names no trace: an id, last, slowest/SERVICE/RESOURCE or error/SERVICE does")
    }
    switch try answer(.trace(selector)) {
    case .trace(let answer): return answer.document
    case .noTrace(let answer) where answer.candidates.isEmpty:
      throw APIProblem("no_trace", "no trace that is kept fits", status: 404)
    case .noTrace(let answer):
      let ids = answer.candidates.joined(separator: ", ")
      throw APIProblem("ambiguous_trace", "several traces begin like this: \(ids)", status: 404)
    default: throw Self.unexpected
    }
  }

  /// The clock that spans' times are compared with: the page is served by the agent's own process.
  private static var nowNs: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
  }
}
