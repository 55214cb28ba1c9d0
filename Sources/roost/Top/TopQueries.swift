import Control
import Terminal
import Text
import Traces

/// Asks the agent for what `roost top` shows.
struct TopQueries {
  let agent: ControlClient
  /// Only this environment; `nil` is all of them.
  let env: String?

  /// Traces in a list at most: more than a person looks through.
  private static let tracesMax = 200

  /// - Parameter drawing: how a trace's report is drawn.
  func answer(_ request: TopRequest, _ drawing: Drawing) throws(CommandFailure) -> TopData {
    switch request.place {
    case .services:
      return .services(
        try agent.services(ServicesQuery(windowNs: request.window.ns, env: env)),
        try arrivals(StatisticsSelection(env: env), .services))
    case .resources(let service, let env):
      return .resources(
        try agent.resources(ResourcesQuery(service: service, windowNs: request.window.ns, env: env)),
        try arrivals(StatisticsSelection(service: service, env: env), .resources))
    case .traces(let scope):
      let query = TracesQuery(
        filter: scope.filter, order: request.longestFirst ? .duration : .start, limit: Self.tracesMax)
      guard case .traces(let answer) = try ask(.traces(query)) else { throw Self.unexpected }
      return .traces(answer)
    case .trace(let id):
      switch try ask(.trace(.hexPrefix(id))) {
      case .trace(let answer):
        return .trace(TraceReport(answer, time: .here, isVerbose: request.isVerbose).lines(drawing))
      case .noTrace: throw CommandFailure(.findings, "this trace is not stored any more")
      default: throw Self.unexpected
      }
    }
  }

  /// What came in the last minute, whatever the window of the numbers.
  private func arrivals(
    _ selection: StatisticsSelection, _ grouping: SeriesGrouping
  ) throws(CommandFailure) -> SeriesAnswer {
    let query = SeriesQuery(selection, windowNs: TopWindow.minute.ns, grouping: grouping)
    guard case .series(let answer) = try ask(.series(query)) else { throw Self.unexpected }
    return answer
  }

  private func ask(_ query: ControlQuery) throws(CommandFailure) -> ControlAnswer {
    do {
      return try agent.query(query)
    } catch {
      throw CommandFailure(error)
    }
  }

  private static let unexpected = CommandFailure(.internalError, "the agent answered another question than was asked")
}
