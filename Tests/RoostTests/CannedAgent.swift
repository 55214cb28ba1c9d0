import Control
import Foundation
import Platform
import Testing
import Traces

/// A control socket with prepared answers behind it, and the binary pointed at it.
final class CannedAgent: Sendable {
  private let folder: String
  private let answers: CannedAnswers
  private let server: ControlServer

  init() throws {
    folder = "/tmp/roost-test-\(UInt32.random(in: 0 ... .max))"
    answers = CannedAnswers()
    server = try ControlServer(path: folder + "/c.sock", answering: answers)
  }

  deinit {
    server.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// All that was asked so far.
  var queries: [ControlQuery] { answers.state.withLock { $0.queries } }

  /// From now on the answers are those of an agent that has counted and kept the test trace.
  func countTestTrace() { answers.state.withLock { $0.hasTestTrace = true } }

  /// From now on the next searches end early and find nothing: each says that it came back to the next of these times.
  func endSearches(at timesNs: [Int64]) { answers.state.withLock { $0.searchEndsNs = timesNs } }

  /// From now on it has no time to say what it observed.
  func beBusy() { answers.state.withLock { $0.isBusy = true } }

  /// From now on the next queries for what has arrived are refused, each with the next of these reasons.
  func refuseArrivals(_ reasons: [String]) { answers.state.withLock { $0.refusals = reasons } }

  func run(_ words: [String], _ environment: [String: String] = [:]) throws -> RoostBinary.Outcome {
    let own = ["ROOST_CONTROL_SOCKET": folder + "/c.sock", "DD_APM_RECEIVER_PORT": "0"]
    return try RoostBinary.run(words, environment: own.merging(environment) { $1 })
  }

  /// The first lines that a command prints which goes on until it is ended.
  func watch(_ words: [String], lines: Int) throws -> [String] {
    let own = ["ROOST_CONTROL_SOCKET": folder + "/c.sock", "DD_APM_RECEIVER_PORT": "0"]
    return try RoostBinary.watch(words, environment: own, lines: lines)
  }

  func json(
    _ words: [String], _ environment: [String: String] = [:], code: Int32 = 0
  ) throws -> [String: Any] {
    let outcome = try run(words, environment)
    #expect(outcome.code == code, "\(outcome.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require(document as? [String: Any])
  }
}

private final class CannedAnswers: ControlAnswering {
  struct State {
    var queries: [ControlQuery] = []
    var hasTestTrace = false
    var searchEndsNs: [Int64] = []
    var refusals: [String] = []
    var isBusy = false
  }

  static let nowNs: Int64 = 1_795_503_600_000_000_000
  let state = Lock(State())

  func answer(_ query: ControlQuery) -> ControlAnswer {
    let hasTestTrace = state.withLock { state in
      state.queries.append(query)
      return state.hasTestTrace
    }
    switch query {
    case .ping: return .pong
    case .info: return .info(info(hasTestTrace))
    case .observations:
      if state.withLock({ $0.isBusy }) { return .busy("the agent is at other queries") }
      var answer = ObservationsAnswer()
      answer.tcpRequests = 5
      answer.clientIssues = [
        clientIssues("tls_hello"), clientIssues("client_vanished", "after /info"),
        clientIssues("client_vanished", "without a request"),
      ]
      return .observations(answer)
    case .services(let query):
      let names = hasTestTrace && query.includesTests ? ["shop", TestTraffic.service] : ["shop"]
      let rows = isKnown(query.env) ? names.map(service) : []
      return .services(ServicesAnswer(nowNs: Self.nowNs, rows: rows))
    case .resources(let query):
      let isThere = isKnown(query.env) && query.service ?? "shop" == "shop"
      let rows = [resource("GET /cart", 2), resource("GET /a", 0), resource("POST /checkout", 3)]
      return .resources(ResourcesAnswer(service: query.service, nowNs: Self.nowNs, rows: isThere ? rows : []))
    case .series, .histogram: return .refused("not of this agent")
    case .traces(let query):
      if let early = early(query) { return early }
      // The trace has arrived as the second of two, and once more since somebody asked first.
      let traces = query.arrivedAfter ?? 0 < 3 ? [Self.trace].filter(query.filter.matches) : []
      let reached: Int64 = query.arrivedAfter == nil ? 2 : 3
      let found = TracesFound(summaries: traces.map { TraceSummary($0) }, arrivedUpTo: reached)
      return .traces(TracesAnswer(found, nowNs: Self.nowNs))
    case .trace(.last), .trace(.hexPrefix("ab")): return .trace(TraceAnswer(Self.trace))
    case .trace(.hexPrefix("a")):
      return .noTrace(NoTraceAnswer(candidates: [Self.trace.id, TraceID(high: 0, low: 10)]))
    case .trace(.slowest("shop", _)): return .trace(TraceAnswer(Self.trace, isSearchCut: true))
    case .trace(.slowest): return .noTrace(NoTraceAnswer(isSearchCut: true))
    case .trace: return .noTrace(NoTraceAnswer())
    case .diff(let query): return .diff(diff(query))
    case .badPayload(let query):
      let found = [nil, 7].contains(query.id) ? Self.badPayload : nil
      return .badPayload(BadPayloadAnswer(found: found, ids: [7, 6, 5]))
    }
  }

  /// The answer to a query that a test wants to fail or to end early.
  private func early(_ query: TracesQuery) -> ControlAnswer? {
    state.withLock { state in
      if query.arrivedAfter != nil { return state.refusals.isEmpty ? nil : .refused(state.refusals.removeFirst()) }
      guard !state.searchEndsNs.isEmpty else { return nil }
      let found = TracesFound(arrivedUpTo: 2, searchedBackToNs: state.searchEndsNs.removeFirst())
      return .traces(TracesAnswer(found, nowNs: Self.nowNs))
    }
  }

  /// Version 9 has no hits.
  private func diff(_ query: DiffQuery) -> DiffAnswer {
    func side(_ selection: DiffSelection) -> DiffSide {
      DiffSide(
        name: selection.name, covered: CoveredTime(startNs: Self.nowNs - 60_000_000_000, endNs: Self.nowNs),
        hits: selection.version == "9" ? 0 : 40, versions: selection.version == nil ? [] : ["1.0", "1.1"])
    }
    var changes = DiffChanges()
    changes.errorShare = .up
    let names = ["POST /checkout", "GET /cart"]
    let rows = names.map { name in
      let measures = DiffMeasures(hits: 20, errors: 1, ratePerSecond: 1, latency: LatencyQuantiles(p50Ns: 5))
      return DiffRow(
        service: "shop", resource: name, operation: "web.request", type: "web", spanKind: "server", env: "local",
        a: measures, b: measures, changes: name == names[0] ? changes : DiffChanges())
    }
    return DiffAnswer(
      a: side(query.a), b: side(query.b), level: 0.01, hitsBy: query.comparesRates ? .rate : .share, rows: rows,
      nowNs: Self.nowNs)
  }

  static let trace = {
    var root = TraceSpan(
      spanID: 1, service: "shop", operation: "flask.request", resource: "GET /cart", type: "web",
      startNs: nowNs - 9_000_000,
      durationNs: 5_000_000, isError: true)
    root.meta = [("http.status_code", "503"), ("error.message", "no route to host")]
    return Trace(id: TraceID(high: 0, low: 0xab00_0000_0000_0000), spans: [root], isKept: true, keptBy: "errors")
  }()

  /// A span of v0.4 whose service is whole and whose name is a number.
  static let badPayload = {
    let bytes: [UInt8] =
      [0x91, 0x92, 0x81, 0xA7] + Array("service".utf8) + [0xA4] + Array("shop".utf8) + [0x81, 0xA4]
      + Array("name".utf8) + [0x07]
    var fault = PayloadFault(
      message: "byte 22, trace 0, span 1, field name: expected string, saw unsigned integer", byteOffset: 22)
    (fault.trace, fault.span, fault.field) = (0, 1, "name")
    (fault.expected, fault.seen) = ("string", "unsigned integer")
    var row = BadPayloadRow(
      id: 7, atNs: nowNs, path: "/v0.4/traces", format: "v0.4", bytes: UInt64(bytes.count), fault: fault)
    (row.language, row.tracerVersion, row.pid, row.command) = ("python", "4.16.0", 812, "python app.py")
    row.keptBytes = row.bytes
    return BadPayload(row: row, beginning: bytes)
  }()

  private func info(_ hasTestTrace: Bool) -> InfoAnswer {
    var info = InfoAnswer(
      version: "0", commit: "", pid: 4711, startedNs: Self.nowNs - 5, nowNs: Self.nowNs, hostname: "")
    info.endpoints = ["/v0.4/traces"]
    info.configuration.forwarding = .off("no API key (set DD_API_KEY)")
    info.received = TrafficCounts(payloads: 1, bytes: 100, traces: 7, spans: 7)
    info.kept = TraceCounts(traces: hasTestTrace ? 8 : 7, spans: 7)
    return info
  }

  private func clientIssues(_ kind: String, _ detail: String = "") -> ClientIssueRow {
    ClientIssueRow(kind: kind, detail: detail, client: "", count: 1, amount: 0, lastSeenNs: Self.nowNs)
  }

  private func isKnown(_ env: String?) -> Bool { ["local", "prod"].contains(env ?? "local") }

  private func resource(_ name: String, _ errors: UInt64) -> ResourceRow {
    ResourceRow(
      service: "shop", resource: name, operation: "web.request", type: "web", spanKind: "server", env: "local", hits: 7,
      errors: errors, ratePerSecond: 1, latency: LatencyQuantiles(), timeShare: 0.3, lastSeenNs: Self.nowNs)
  }

  private func service(_ name: String) -> ServiceRow {
    ServiceRow(
      service: name, env: "local", type: "web", hits: 7, errors: 0, ratePerSecond: 1, latency: LatencyQuantiles(),
      lastSeenNs: Self.nowNs)
  }
}
