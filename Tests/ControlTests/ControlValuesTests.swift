import JSON
import Testing
import Traces

@testable import Control

@Suite("Values on the control connection")
struct ControlValuesTests {
  static let answers: [ControlAnswer] = [
    .info(Samples.info), .services(Samples.services), .observations(Samples.observations),
    .resources(Samples.resources), .series(Samples.series), .histogram(Samples.histogram),
    .traces(Samples.thinnedTraces), .diff(Samples.diff),
    .badPayload(BadPayloadAnswer(found: Samples.badPayload, ids: [96])),
  ]

  @Test(
    "Every question comes back as it was sent",
    arguments: [
      ControlQuery.ping, .info, .observations, .services(ServicesQuery()),
      .services(ServicesQuery(windowNs: 900_000_000_000, env: "prod")),
      .services(ServicesQuery(range: TimeRange(sinceNs: .min, untilNs: .max))),
      .resources(ResourcesQuery(service: nil, range: TimeRange(untilNs: 1))),
      .series(SeriesQuery(range: TimeRange(sinceNs: 1))), .histogram(HistogramQuery(range: TimeRange())),
      .resources(ResourcesQuery(service: "shop", windowNs: 1, env: "", allSpans: true)),
      .resources(ResourcesQuery(service: "sh\u{0}öp")),
      .series(SeriesQuery()),
      .series(
        SeriesQuery(
          StatisticsSelection(service: "shop", resource: "GET /", operation: "web", env: "prod", allSpans: true),
          windowNs: 1, stepNs: 2, grouping: .resources, includesLatency: true)),
      .histogram(HistogramQuery(StatisticsSelection(service: "shop"), windowNs: 1)),
      .traces(TracesQuery()),
      .traces(
        TracesQuery(
          filter: .anyOf([
            .condition(.words(SearchWords("no \"way"))), .not(.condition(.field(.env, TextPattern("p*")))),
          ]),
          sinceNs: .min, untilNs: .max, order: .duration, arrivedAfter: .max, limit: 7)),
      .trace(.last), .trace(.hexPrefix("00ab")), .trace(.low(.max)), .trace(.error(service: "a b")),
      .trace(.slowest(service: "", resource: "GET /\u{0}")),
      .diff(
        DiffQuery(
          a: DiffSelection(name: "2h..1h", sinceNs: 1, untilNs: 2),
          b: DiffSelection(name: "b", version: "1"),
          comparesRates: true, service: "shop", env: "prod", allSpans: true)),
      .badPayload(BadPayloadQuery(id: nil)), .badPayload(BadPayloadQuery(id: .max)),
    ])
  func queriesSurvive(_ query: ControlQuery) throws {
    #expect(try ControlQuery(through(query.message)) == query)
  }

  @Test(
    "Every answer comes back as it was sent",
    arguments: answers + [
      .pong, .refused("no"), .busy("later"), .observations(ObservationsAnswer()),
      .services(ServicesAnswer(nowNs: .max, rows: [], hitsWithoutRow: .max)), .trace(Samples.trace),
      .trace(TraceAnswer(Trace(id: TraceID(high: 0, low: 0), spans: [], isKept: false, keptBy: ""))),
      .trace(TraceAnswer(Samples.trace.trace, isSearchCut: true)), .noTrace(NoTraceAnswer(isSearchCut: true)),
      .badPayload(BadPayloadAnswer()),
      .noTrace(NoTraceAnswer()), .noTrace(NoTraceAnswer(candidates: [TraceID(high: 1, low: 2)])),
      .traces(TracesAnswer(nowNs: 1, rows: [], arrivedUpTo: .max)),
      .info(InfoAnswer(version: "", commit: "", pid: .min, startedNs: .min, nowNs: .max, hostname: "")),
    ])
  func answersSurvive(_ answer: ControlAnswer) throws {
    #expect(try ControlAnswer(through(answer.message)) == answer)
  }

  @Test("No property is forgotten: the samples set every one, and so every one came back", arguments: answers)
  func samplesAreComplete(_ answer: ControlAnswer) {
    #expect(Properties.unset(in: answer, path: "") == [])
  }

  @Test("Bytes travel as digits, and nothing else is read as bytes")
  func hexBytes() {
    let all = (0...255).map { UInt8($0) }
    #expect(HexBytes(text: HexBytes(all).text)?.bytes == all)
    for text in ["0", "0G", "g0", "00 ", "0A", "é"] { #expect(HexBytes(text: text) == nil) }
  }

  @Test("Members that are missing or of another type read as nothing, and unknown members are skipped")
  func strangeMembersAreHarmless() throws {
    let answer = try answer(
      """
      {"v": 2, "kind": "services", "extra": 1, "body": {"now_ns": 7, "from_the_future": ["x"], "services": [
        {"service": "shop", "hits": "many", "errors": -1, "rate_per_s": 2, "p50_ns": 3, "brand_new": 1}, 5]}}
      """)
    guard case .services(let services) = answer else {
      Issue.record("not services: \(answer)")
      return
    }
    #expect(services.nowNs == 7 && services.hitsWithoutRow == nil)
    #expect(services.rows.map(\.service) == ["shop", ""])
    #expect(services.rows.first?.hits == 0)
    #expect(services.rows.first?.errors == 0)
    #expect(services.rows.first?.ratePerSecond == 2)
    #expect(services.rows.first?.latency == LatencyQuantiles(p50Ns: 3))
  }

  @Test("Of a trace that is too large the last spans are left out, and counted")
  func largeTrace() {
    let spans = (0..<20).map { place in
      TraceSpan(
        spanID: UInt64(place + 1), service: "shop", operation: "o",
        resource: String(repeating: "x", count: 1 << 20), startNs: Int64(place), durationNs: 1)
    }
    var answer = TraceAnswer(Trace(id: TraceID(high: 0, low: 1), spans: spans, isKept: true, keptBy: ""))
    answer.missingThreads = 3
    #expect(answer.trace.spans.count == 15 && answer.leftOutSpans == 5)
    #expect(answer.document.compactBytes.count < ControlProtocol.answerBytesMax)
    #expect(TraceAnswer(document: answer.document) == answer)
  }

  @Test("A trace that is no document reads as an empty one", arguments: ["{}", "[]", #"{"spans": [1, {"meta": []}]}"#])
  func strangeTrace(_ text: String) throws {
    let answer = TraceAnswer(document: try JSONValue.parse(text))
    #expect(answer.trace.spans.allSatisfy { $0.spanID == 0 && $0.meta.isEmpty } && answer.leftOutSpans == 0)
  }

  @Test("An answer without any member is an empty one", arguments: ["", #", "body": {}"#, #", "body": [1]"#])
  func emptyInfo(body: String) throws {
    #expect(
      try answer(#"{"v": 2, "kind": "info"\#(body)}"#)
        == .info(InfoAnswer(version: "", commit: "", pid: 0, startedNs: 0, nowNs: 0, hostname: "")))
  }

  @Test("A command that knows fewer counters than the agent, or more, reads those that both know")
  func otherVersionsOfCounters() throws {
    struct Newer: Codable {
      @Flattened var known = ConnectionSummary()
      var brandNew: UInt64 = 9
    }
    var newer = Newer()
    newer.known.accepted = 5
    let toOlder: ConnectionSummary = try through(ControlMessage("x", newer)).body()
    #expect(toOlder == newer.known)
    let toNewer: Newer = try through(ControlMessage("x", newer.known)).body()
    #expect(toNewer.known == newer.known && toNewer.brandNew == 0)
  }

  @Test("Another version, or no version, is named in the error")
  func otherVersions() throws {
    #expect(throws: ControlError.versionMismatch(theirs: 3)) { try answer(#"{"v": 3, "kind": "pong"}"#) }
    for text in ["null", "0", "[]", "{}", #"{"v": "2"}"#, #"{"v": -2}"#, #"{"v": 2.5}"#] {
      #expect(throws: ControlError.versionMismatch(theirs: 0)) { try ControlMessage(reading: .parse(text)) }
    }
  }

  @Test("A question that nobody knows is refused by name, and an answer too")
  func unknownKinds() throws {
    #expect(throws: ControlError.refused("this agent does not know the question \"flames\"")) {
      try ControlQuery(ControlMessage(reading: .parse(#"{"v": 2, "kind": "flames"}"#)))
    }
    #expect(throws: ControlError.malformed("an answer of the unknown kind \"flames\"")) {
      try answer(#"{"v": 2, "kind": "flames"}"#)
    }
  }

  @Test(
    "The uptime of an agent whose clock was set back is nothing",
    arguments: [(Int64.max, Int64.min, 0), (9, 5, 0), (5, 12, 7), (.min, .max, 0)] as [(Int64, Int64, UInt64)])
  func uptimeNeverNegative(startedNs: Int64, nowNs: Int64, uptimeNs: UInt64) {
    let info = InfoAnswer(version: "", commit: "", pid: 0, startedNs: startedNs, nowNs: nowNs, hostname: "")
    #expect(info.uptimeNs == uptimeNs)
  }

  private func through(_ message: ControlMessage) throws -> ControlMessage {
    try ControlMessage(reading: .parse(message.value.compactText))
  }

  private func answer(_ text: String) throws -> ControlAnswer {
    try ControlAnswer(ControlMessage(reading: .parse(text)))
  }
}

/// Looks into values by reflection.
private enum Properties {
  /// Paths of all properties inside of `value` that are zero, false, empty or `nil`.
  static func unset(in value: Any, path: String) -> [String] {
    switch value {
    case let number as any BinaryInteger: return Int64(truncatingIfNeeded: number) == 0 ? [path] : []
    case let number as Double: return number == 0 ? [path] : []
    case let flag as Bool: return flag ? [] : [path]
    case let text as String: return text.isEmpty ? [path] : []
    default: break
    }
    let mirror = Mirror(reflecting: value)
    // The keys of dictionaries are data, and may be empty.
    if mirror.displayStyle == .dictionary, let entries = value as? [String: Any], !entries.isEmpty {
      return entries.flatMap { unset(in: $0.value, path: path + "/" + $0.key) }
    }
    let children = mirror.children
    // A choice among texts is always made.
    if mirror.displayStyle == .enum, children.isEmpty { return [] }
    guard !children.isEmpty else { return [path] }
    return children.enumerated().flatMap { index, child in
      unset(in: child.value, path: path + "/" + (child.label ?? String(index)))
    }
  }
}
