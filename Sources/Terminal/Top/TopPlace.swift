import Control
import Traces

/// What `roost top` shows: services, the resources of one, the traces of one of those, or one trace.
package enum TopPlace: Sendable, Equatable {
  case services
  case resources(service: String, env: String?)
  case traces(TopTraceScope)
  /// One trace by its id, in hexadecimal digits.
  case trace(id: String)
}

/// Which traces are listed; `nil` is any.
package struct TopTraceScope: Sendable, Equatable {
  /// Of a span in the trace, as spans name it.
  package var service: String
  /// Of a span in the trace, as tables list it; not always the span of that service.
  package var resource: String?
  /// The environment that the trace is in.
  package var env: String?

  /// Holds for the traces of this scope, and for no others.
  package var filter: TraceFilter {
    var conditions: [TraceCondition] = [.field(.service, TextPattern(exactly: service))]
    if let resource { conditions.append(.field(.resource, TextPattern(exactly: resource))) }
    // The filter knows what statistics call `none`.
    if let env { conditions.append(.field(.env, TextPattern(exactly: hasNoEnv(env) ? "none" : env))) }
    return .and(conditions.map { .condition($0) })
  }
}

/// How far back the numbers reach.
package enum TopWindow: Int64, Sendable, CaseIterable {
  case minute = 60
  case quarter = 900
  case hour = 3_600

  /// In ns, as queries take it.
  package var ns: Int64 { rawValue * 1_000_000_000 }

  var text: String {
    switch self {
    case .minute: "last minute"
    case .quarter: "last 15 minutes"
    case .hour: "last hour"
    }
  }

  var next: TopWindow {
    switch self {
    case .minute: .quarter
    case .quarter: .hour
    case .hour: .minute
    }
  }
}

/// What is to be queried for what is shown.
package struct TopRequest: Sendable, Equatable {
  /// What the answer has to be about.
  package let place: TopPlace
  /// How far back its numbers are wanted.
  package let window: TopWindow
  /// Whether traces are wanted by their duration rather than by their start.
  package let longestFirst: Bool
  /// Whether a trace is wanted with all tags of its spans.
  package let isVerbose: Bool
}

/// What the agent has answered to a request.
package enum TopData: Sendable {
  case services(ServicesAnswer, SeriesAnswer)
  case resources(ResourcesAnswer, SeriesAnswer)
  case traces(TracesAnswer)
  /// The lines of a trace's report.
  case trace([String])
}
