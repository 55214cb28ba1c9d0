import Decoding
import Receiver

/// What is done with the requests of a path.
enum ReceiverRoute: Sendable {
  /// Payloads of traces in one format.
  case traces(TraceFormat)
  /// The document in which tracers read what they may send.
  case info
  /// Answered `OK` and not looked at: what old tracers report of their services, for which nobody asks any more.
  case acknowledge
  /// Refused with OTLP's own answer for what a server does not take: what an exporter of OpenTelemetry sends besides
  /// traces.
  case unimplemented(signal: String)
  /// Another part of the agent takes them: what is for another intake than that of traces.
  case product(any ProductEndpoint)
}

/// A part of the agent that takes requests which carry no traces.
protocol ProductEndpoint: Sendable {
  /// Takes one request and counts it; called by all receiving threads. What it wants to keep of the request it copies.
  /// - Parameter headers: those that every answer of the agent has.
  func receive(_ request: borrowing Request, headers: [AnswerHeader]) -> ProductReply

  /// Counts a request that was refused before it was whole; it is answered already.
  func noteBroken(_ request: borrowing RejectedRequest)
}

/// What became of a request at a `ProductEndpoint`.
struct ProductReply: Sendable {
  /// What happened, as far as the sender of the request is concerned; the endpoint counts what it was for.
  enum Outcome: Sendable {
    case taken
    /// Answered with an error; counted as refused for this reason.
    case refused(reason: String)
  }

  let outcome: Outcome
  /// The answer, or that one comes later, from `Request.answerLater`.
  let reply: Reply
}

/// The table of what the agent serves. Routing, `/info`, `roost info` and docs/protocol.md follow it.
struct ServedRoutes: Sendable {
  /// One thing that is served, under all of its paths.
  struct Row: Sendable {
    let paths: [ServedPath]
    let route: ReceiverRoute

    /// Any route but one of traces, whose format brings its paths.
    init(_ paths: [ServedPath], _ route: ReceiverRoute) {
      self.paths = paths
      self.route = route
    }

    init(_ format: TraceFormat) { self.init(format.paths, .traces(format)) }
  }

  /// In the order of the Datadog agent's `/info`.
  var rows: [Row]

  /// Without products: the formats of traces, and what else every agent serves.
  static let standard = ServedRoutes()

  init(_ products: ProductRoutes = ProductRoutes()) {
    rows = Self.traces + products.beforeStatistics + [Self.statistics, Self.otlp] + products.rest + Self.others
  }

  /// First, so that requests with traces are found without a look at all others.
  private static let traces: [Row] = [
    Row(
      TraceFormat(
        name: "v0.1", paths: [.hidden("/v0.1/spans"), .hidden("/spans")], encoding: .json(TracesV01.decode),
        answer: .okText, client: .headers, shapes: [.jsonSpans])),
    Row([.hidden("/services"), .hidden("/v0.1/services"), .hidden("/v0.2/services")], .acknowledge),
    Row(
      TraceFormat(
        name: "v0.2", paths: [.hidden("/v0.2/traces")], encoding: .json(TracesJSON.decode),
        answer: .okText, client: .headers, shapes: [.jsonTraces])),
    Row(
      TraceFormat(
        name: "v0.3", paths: [.listed("/v0.3/traces")],
        encoding: .messagePackOrJSON(TracesV04.decode, json: TracesJSON.decode), answer: .okText, client: .headers,
        shapes: [.arrayOfTraces, .jsonTraces])),
    Row([.listed("/v0.3/services")], .acknowledge),
    Row(
      TraceFormat(
        name: "v0.4", paths: [.listed("/v0.4/traces")],
        encoding: .messagePackOrJSON(TracesV04.decode, json: TracesJSON.decode), answer: .rates, client: .headers,
        shapes: [.arrayOfTraces, .jsonTraces])),
    Row([.listed("/v0.4/services")], .acknowledge),
    Row(
      TraceFormat(
        name: "v0.5", paths: [.listed("/v0.5/traces")], encoding: .messagePack(TracesV05.decode),
        answer: .rates, client: .headers, shapes: [.tableAndTraces])),
    Row(
      TraceFormat(
        name: "v0.7", paths: [.listed("/v0.7/traces")], encoding: .messagePack(TracesV07.decode),
        answer: .rates, client: .body, shapes: [.namedMap])),
    Row(
      TraceFormat(
        name: "v1.0", paths: [.listed("/v1.0/traces")], encoding: .messagePack(TracesV10.decode),
        answer: .rates, client: .body, shapes: [.numberedMap], refusesOpenly: true)),
  ]

  private static let statistics = Row(
    TraceFormat(
      name: "v0.6/stats", paths: [.listed("/v0.6/stats")], encoding: .clientStatistics, answer: .empty,
      client: .headers, shapes: [.capitalizedMap], refusesOpenly: true))

  /// Exporters of OpenTelemetry know the path; Datadog's tracers do not look for it.
  private static let otlp = Row(
    TraceFormat(
      name: "otlp", paths: [.hidden("/v1/traces"), .export(to: "trace.v1.TraceService")], encoding: .otlp,
      answer: .otlp, client: .body, shapes: [.resourceSpans], refusesOpenly: true))

  private static let others: [Row] = [
    Row(
      [.hidden("/v1/metrics"), .export(to: "metrics.v1.MetricsService")],
      .unimplemented(signal: "OpenTelemetry metrics")),
    Row([.hidden("/v1/logs"), .export(to: "logs.v1.LogsService")], .unimplemented(signal: "OpenTelemetry logs")),
    Row([.hidden("/info")], .info),
  ]

  /// Paths of products that look like those of a format of traces.
  static let pipelineStatisticsPath = "/v0.1/pipeline_stats"
  static let remoteConfigurationPath = "/v0.7/config"

  /// Paths of other products than tracing, by what they begin with, and what people call them: those of Datadog's
  /// trace-agent, for which tracers look and without which they trace all the same. Only what has no row comes to them:
  /// products that are turned off, and paths of theirs that are none.
  private static let productsNotOffered: [(path: StaticString, name: String)] = [
    ("/telemetry/", "telemetry"), ("/v0.7/config", "remote configuration"), ("/profiling/", "profiling"),
    ("/evp_proxy/", "the event platform"), ("/debugger/", "dynamic instrumentation"),
    ("/symdb/", "the symbol database"), ("/v0.1/pipeline_stats", "data streams"),
    ("/openlineage/", "OpenLineage"), ("/dogstatsd/", "DogStatsD"), ("/tracer_flare/", "tracer flares"),
  ]

  /// The product that an unserved path belongs to; `nil` for any other path.
  static func productNotOffered(at path: UnsafeRawBufferPointer) -> String? {
    productsNotOffered.first { product in
      path.starts(with: UnsafeBufferPointer(start: product.path.utf8Start, count: product.path.utf8CodeUnitCount))
    }?.name
  }

  /// The paths that `/info` names, in its order.
  var listedPaths: [String] { rows.flatMap(\.paths).filter(\.isListed).map(\.text) }

  /// Whether clients may send events through the agent.
  var offersEvents: Bool { listedPaths.contains { $0.hasPrefix("/evp_proxy/") } }

  /// Whether tracers may send statistics that they computed themselves.
  var takeStatistics: Bool { formats.contains { if case .clientStatistics = $0.encoding { true } else { false } } }

  /// Those of `formats` whose payloads can be taken apart for a person.
  var inspectedFormats: [TraceFormat] { formats.filter { !$0.shapes.isEmpty } }

  /// The formats of traces and of statistics of them, in the order of the table.
  var formats: [TraceFormat] {
    rows.compactMap { if case .traces(let format) = $0.route { format } else { nil } }
  }

  /// What clients get that would take 429 for a broken agent, when there is no memory for what they send.
  var unchangedAnswers: [UnchangedAnswer] {
    formats.filter { !$0.refusesOpenly }.flatMap { format in
      format.paths.map { path in
        switch format.answer {
        case .okText: UnchangedAnswer(path: path.text, text: "OK\n", contentType: "text/plain; charset=utf-8")
        // Without rates a tracer keeps those that it has.
        case .rates, .empty, .otlp: UnchangedAnswer(path: path.text, text: "{}", contentType: "application/json")
        }
      }
    }
  }

  /// The same for looking up: what is served over HTTP/1.1, or the methods of gRPC.
  func routingTable(ofCalls: Bool) -> RoutingTable<ReceiverRoute> {
    RoutingTable(
      rows.flatMap { row in
        row.paths.filter { $0.isCall == ofCalls }.map { Endpoint($0.text, row.route) }
      })
  }
}

extension ReceiverRoute {
  /// Whether a refused request was to bring traces.
  var takesTraces: Bool {
    switch self {
    case .traces: true
    case .info, .acknowledge, .unimplemented, .product: false
    }
  }
}
