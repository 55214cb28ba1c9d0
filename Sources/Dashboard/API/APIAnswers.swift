import Control
import JSON
import Text
import Traces

/// What the API answers: the documents that the commands print with `--json`, from the same queries.
struct APIAnswers: Sendable {
  let answering: any ControlAnswering

  /// The document that the path asks for; `nil` when there is none of that name.
  /// - Parameter path: what stands behind `/api/v1/`, one segment or more.
  func document(_ path: ArraySlice<String>, _ target: PageTarget) throws(APIProblem) -> APIDocument? {
    guard let name = path.first else { return nil }
    let document =
      name == "trace" && path.count > 1
      ? try trace(Array(path.dropFirst()), target)
      : path.count == 1 ? try table(name, target).map(APIDocument.init(json:)) : nil
    if let document, document.bytes.count > APIDocument.bytesMax { throw .tooLarge }
    return document
  }

  /// Whether the document may take long to make: it reads what is stored. Others must not wait for it.
  func mayTakeLong(_ path: ArraySlice<String>, _ target: PageTarget) -> Bool {
    switch path.first {
    case "traces", "trace": true
    default: table(path, target).map(answering.mayTakeLong) ?? false
    }
  }

  /// The query behind a table, as far as its time goes: what is wrong with the rest is found when it is answered.
  private func table(_ path: ArraySlice<String>, _ target: PageTarget) -> ControlQuery? {
    let windowNs = target["since"].flatMap(AgeText.ns)
    let range = target["from"] != nil || target["to"] != nil ? TimeRange() : nil
    return switch path.first {
    case "services": .services(ServicesQuery(windowNs: windowNs, range: range))
    case "resources": .resources(ResourcesQuery(service: nil, windowNs: windowNs, range: range))
    case "series": .series(SeriesQuery(windowNs: windowNs, range: range))
    case "histogram": .histogram(HistogramQuery(windowNs: windowNs, range: range))
    default: nil
    }
  }

  /// Whether making the document looks through many traces.
  func isSearch(_ path: ArraySlice<String>) -> Bool {
    switch path.first {
    case "traces": true
    case "trace": TraceSelector(words: Array(path.dropFirst())).map { ControlQuery.trace($0).isSearch } ?? false
    default: false
    }
  }

  /// Claims the memory for a document that may take long to make; `nil` when there is none.
  func claim(_ path: ArraySlice<String>, _ target: PageTarget) -> AnswerClaim? {
    let bytes =
      path.first == "trace"
      ? ControlQuery.traceMemoryBytes : table(path, target)?.answerMemoryBytes ?? ControlQuery.tableMemoryBytes
    return bytes == 0 ? AnswerClaim {} : answering.claim(bytes: bytes)
  }

  private func table(_ name: String, _ target: PageTarget) throws(APIProblem) -> JSONValue? {
    switch name {
    case "info": return try info(target)
    case "services": return try services(target)
    case "resources": return try resources(target)
    case "series": return try series(target)
    case "histogram": return try histogram(target)
    case "traces": return try traces(target)
    default: return nil
    }
  }

  private func info(_ target: PageTarget) throws(APIProblem) -> JSONValue {
    _ = try APIParameters(target, known: [])
    guard case .info(let answer) = try answer(.info) else { throw Self.unexpected }
    return answer.document
  }

  /// The agent's own metrics in Prometheus's text format.
  func metrics() throws(APIProblem) -> APIDocument {
    guard case .info(let answer) = try answer(.info) else { throw Self.unexpected }
    return APIDocument(text: PrometheusText.text(answer), mediaType: PrometheusText.contentType)
  }

  private func services(_ target: PageTarget) throws(APIProblem) -> JSONValue {
    let parameters = try APIParameters(target, known: ["since", "from", "to", "env", "tests"])
    let query = ServicesQuery(
      windowNs: try parameters.age("since"), range: try parameters.range(), env: parameters.text("env"),
      includesTests: try parameters.flag("tests"))
    guard case .services(let answer) = try answer(.services(query)) else { throw Self.unexpected }
    return answer.document
  }

  private func resources(_ target: PageTarget) throws(APIProblem) -> JSONValue {
    let parameters = try APIParameters(target, known: ["service", "since", "from", "to", "env", "all_spans"])
    let query = ResourcesQuery(
      service: parameters.text("service"), windowNs: try parameters.age("since"), range: try parameters.range(),
      env: parameters.text("env"), allSpans: try parameters.flag("all_spans"))
    guard case .resources(let answer) = try answer(.resources(query)) else { throw Self.unexpected }
    return answer.document
  }

  private static let selectionNames: Set = [
    "service", "resource", "operation", "env", "all_spans", "since", "from", "to",
  ]

  private func selection(_ parameters: APIParameters) throws(APIProblem) -> StatisticsSelection {
    StatisticsSelection(
      service: parameters.text("service"), resource: parameters.text("resource"),
      operation: parameters.text("operation"), env: parameters.text("env"),
      allSpans: try parameters.flag("all_spans"))
  }

  private func series(_ target: PageTarget) throws(APIProblem) -> JSONValue {
    let parameters = try APIParameters(
      target, known: Self.selectionNames.union(["step", "by", "percentiles"]))
    let query = SeriesQuery(
      try selection(parameters), windowNs: try parameters.age("since"), range: try parameters.range(),
      stepNs: try parameters.age("step"), grouping: try parameters.choice("by") ?? .total,
      includesLatency: try parameters.flag("percentiles"))
    guard case .series(let answer) = try answer(.series(query)) else { throw Self.unexpected }
    return answer.document
  }

  private func histogram(_ target: PageTarget) throws(APIProblem) -> JSONValue {
    let parameters = try APIParameters(target, known: Self.selectionNames)
    let query = HistogramQuery(
      try selection(parameters), windowNs: try parameters.age("since"), range: try parameters.range())
    guard case .histogram(let answer) = try answer(.histogram(query)) else { throw Self.unexpected }
    return answer.document
  }

  static let unexpected = APIProblem("unexpected", "the agent answered something else than was asked", status: 500)

  func answer(_ query: ControlQuery) throws(APIProblem) -> ControlAnswer {
    let answer = answering.answer(query)
    if case .refused(let why) = answer { throw APIProblem("refused", why, status: 503) }
    if case .busy(let why) = answer { throw APIProblem("busy", why, status: 503) }
    return answer
  }
}

extension APIProblem {
  /// The document of an error: `{"schema":"roost.error.v1","error":{…}}`.
  package var document: JSONValue {
    var members: [(String, JSONValue)] = [("code", .string(code)), ("message", .string(message))]
    if let position { members.append(("position", .int(Int64(position)))) }
    return .object([("schema", .string("roost.error.v1")), ("error", .object(members))])
  }
}
