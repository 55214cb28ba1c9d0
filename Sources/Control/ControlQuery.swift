import Traces

/// What a command wants to know of the running agent; one connection carries one. All only read: where a group may query
/// the agent, its members can change nothing.
package enum ControlQuery: Sendable, Equatable {
  /// Is there an agent? Answered with `ControlAnswer.pong`.
  case ping
  /// Counters, clients and configuration; answered with `ControlAnswer.info`.
  case info
  /// Client issues, sampling by tracers, processes and services; answered with `ControlAnswer.observations`.
  case observations
  /// The table of services; answered with `ControlAnswer.services`.
  case services(ServicesQuery)
  /// The table of resources; answered with `ControlAnswer.resources`.
  case resources(ResourcesQuery)
  /// Counts and percentiles over time; answered with `ControlAnswer.series`.
  case series(SeriesQuery)
  /// How durations are spread; answered with `ControlAnswer.histogram`.
  case histogram(HistogramQuery)
  /// Traces that were stored; answered with `ControlAnswer.traces`.
  case traces(TracesQuery)
  /// One trace; answered with `ControlAnswer.trace`, or `.noTrace`.
  case trace(TraceSelector)
  /// Two parts of the statistics compared; answered with `ControlAnswer.diff`.
  case diff(DiffQuery)
  /// A payload that could not be decoded; answered with `ControlAnswer.badPayload`.
  case badPayload(BadPayloadQuery)
}

extension ControlQuery {
  /// Whether its answer may take long: it reads what is stored. Others must not wait for it.
  /// - Parameter isInMemory: whether the statistics of so many nanoseconds back from now are in memory.
  package func mayTakeLong(isInMemory: (Int64) -> Bool = { $0 <= ControlProtocol.historyNs }) -> Bool {
    func reachesBack(_ windowNs: Int64?, _ range: TimeRange?) -> Bool {
      range != nil || !isInMemory(windowNs ?? ControlProtocol.historyNs)
    }
    return switch self {
    case .ping, .info, .badPayload: false
    case .observations: reachesBack(nil, nil)
    case .traces, .trace, .diff: true
    case .services(let query):
      // Services of which all is dropped are known by what the last hour has counted.
      reachesBack(query.windowNs.map { max($0, ControlProtocol.historyNs) }, query.range)
    case .resources(let query): reachesBack(query.windowNs, query.range)
    case .series(let query): reachesBack(query.windowNs, query.range)
    case .histogram(let query): reachesBack(query.windowNs, query.range)
    }
  }

  /// Whether it looks through many traces; one that names its trace by the id does not.
  package var isSearch: Bool {
    switch self {
    case .traces, .trace(.last), .trace(.slowest), .trace(.error): true
    default: false
    }
  }

  /// Bytes of memory that an answer read from what is stored takes at most, nearly, until it is written. 0 for what the
  /// last hour has: an agent that has it in memory already gives it without a claim, and one that reads it from its store
  /// after a restart is asked for it just when memory is short.
  package var answerMemoryBytes: Int {
    func table(_ windowNs: Int64?, _ range: TimeRange?) -> Int {
      range == nil && windowNs ?? 0 <= ControlProtocol.historyNs ? 0 : Self.tableMemoryBytes
    }
    return switch self {
    case .ping, .info, .observations: 0
    case .badPayload: Self.badPayloadMemoryBytes
    case .trace: Self.traceMemoryBytes
    case .traces, .diff: Self.tableMemoryBytes
    case .services(let query): table(query.windowNs, query.range)
    case .resources(let query): table(query.windowNs, query.range)
    case .series(let query): table(query.windowNs, query.range)
    case .histogram(let query): table(query.windowNs, query.range)
    }
  }

  /// The kept bytes of a payload, and what is written of them: their text, and the document around it, copied as it grows.
  package static let badPayloadMemoryBytes = 12 << 20
  /// The texts of a trace and what is written of them.
  package static let traceMemoryBytes = 64 << 20
  /// A list or a table, with the block of traces that is being looked through.
  package static let tableMemoryBytes = 16 << 20

  /// How long a command waits for the answer: longer where it may be read from what is stored, which the store ends in
  /// time by itself.
  var timeLimit: Duration {
    switch self {
    case .ping, .info, .badPayload: ControlProtocol.timeout
    default: ControlProtocol.storedTimeout
    }
  }
}

/// Which statistics a table of services is made of.
package struct ServicesQuery: Sendable, Equatable, Codable {
  /// How far back from now, in nanoseconds; `nil` is everything that is kept (the last hour).
  package var windowNs: Int64?
  /// A part of the past, in place of a window that ends now.
  package var range: TimeRange?
  /// Only this environment; `nil` is all of them.
  package var env: String?
  /// Whether the service of `roost send-test` has a row too.
  package var includesTests: Bool

  /// Everything of apps that is kept unless it is narrowed.
  package init(windowNs: Int64? = nil, range: TimeRange? = nil, env: String? = nil, includesTests: Bool = false) {
    self.windowNs = windowNs
    self.range = range
    self.env = env
    self.includesTests = includesTests
  }
}

/// Which statistics a table of resources is made of.
package struct ResourcesQuery: Sendable, Equatable, Codable {
  /// As spans name it, after normalizing; `nil` is every service but that of `roost send-test`.
  package var service: String?
  /// How far back from now, in nanoseconds; `nil` is everything that is kept (the last hour).
  package var windowNs: Int64?
  /// A part of the past, in place of a window that ends now.
  package var range: TimeRange?
  /// Only this environment; `nil` is all of them.
  package var env: String?
  /// False counts only service-entry (top-level) spans: those through which a trace enters the service. True counts
  /// every span that has statistics (measured spans and span kinds as well).
  package var allSpans: Bool

  /// Service-entry spans of everything that is kept unless it says otherwise.
  package init(
    service: String?, windowNs: Int64? = nil, range: TimeRange? = nil, env: String? = nil, allSpans: Bool = false
  ) {
    self.service = service
    self.windowNs = windowNs
    self.range = range
    self.env = env
    self.allSpans = allSpans
  }
}

extension ControlQuery {
  /// What is written to the control socket: a kind, and a body where it has one.
  var message: ControlMessage {
    get throws(ControlError) {
      switch self {
      case .ping: ControlMessage("ping")
      case .info: ControlMessage("info")
      case .observations: ControlMessage("observations")
      case .services(let query): try ControlMessage("services", query)
      case .resources(let query): try ControlMessage("resources", query)
      case .series(let query): try ControlMessage("series", query)
      case .histogram(let query): try ControlMessage("histogram", query)
      case .traces(let query): try ControlMessage("traces", TracesQuestion(query))
      case .trace(let selector): try ControlMessage("trace", TraceQuestion(selector: selector.words))
      case .diff(let query): try ControlMessage("diff", query)
      case .badPayload(let query): try ControlMessage("bad_payload", query)
      }
    }
  }

  /// Throws `refused` when the query is not known.
  init(_ message: ControlMessage) throws(ControlError) {
    switch message.kind {
    case "ping": self = .ping
    case "info": self = .info
    case "observations": self = .observations
    case "services": self = .services(try message.body())
    case "resources": self = .resources(try message.body())
    case "series": self = .series(try message.body())
    case "histogram": self = .histogram(try message.body())
    case "traces": self = .traces(try (message.body() as TracesQuestion).query)
    case "trace":
      let question: TraceQuestion = try message.body()
      guard let selector = TraceSelector(words: question.selector) else {
        throw .refused("\"\(question.selector.joined(separator: " "))\" names no trace")
      }
      self = .trace(selector)
    case "diff": self = .diff(try message.body())
    case "bad_payload": self = .badPayload(try message.body())
    case let name: throw .refused("\(ControlError.unknownQuery) \"\(name)\"")
    }
  }
}

/// A `TracesQuery` as it travels: with its filter as text.
private struct TracesQuestion: Codable {
  var filter: String
  var sinceNs: Int64?
  var untilNs: Int64?
  var order: String
  var arrivedAfter: Int64?
  var limit: Int

  init(_ query: TracesQuery) {
    filter = query.filter.description
    sinceNs = query.sinceNs
    untilNs = query.untilNs
    order = query.order.rawValue
    arrivedAfter = query.arrivedAfter
    limit = query.limit
  }

  var query: TracesQuery {
    get throws(ControlError) {
      do throws(TraceQueryError) {
        return TracesQuery(
          filter: try TraceFilter(described: filter), sinceNs: sinceNs, untilNs: untilNs,
          order: TracesQuery.Order(rawValue: order) ?? .start, arrivedAfter: arrivedAfter, limit: limit)
      } catch {
        throw .refused("the query is not understood at character \(error.position + 1): \(error.message)")
      }
    }
  }
}

/// A `TraceSelector` as it travels: the words that were typed.
private struct TraceQuestion: Codable {
  var selector: [String]
}
