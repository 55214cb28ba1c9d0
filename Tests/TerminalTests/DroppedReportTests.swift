import Control
import Testing

@testable import Terminal

@Suite("An app whose traces never get into a table")
struct DroppedReportTests {
  private let now = ReportSamples.now

  private func dropped(_ service: String, _ traces: UInt64, isAll: Bool) -> DroppedServiceRow {
    DroppedServiceRow(
      service: service, reasons: ["foreign_span"], traces: traces, isAll: isAll, lastSeenNs: now - 3_000_000_000)
  }

  private var allDropped: (InfoAnswer, ServicesAnswer) {
    var info = ReportSamples.quietInfo
    info.received = TrafficCounts(payloads: 2, bytes: 90, traces: 12, spans: 24)
    var services = ServicesAnswer(nowNs: now, rows: [])
    services.dropped = [dropped("shop", 12, isAll: true)]
    return (info, services)
  }

  @Test("does not look healthy in `roost`")
  func status() {
    let (info, services) = allDropped
    let lines = StatusReport.lines(info, services: services, drawing: Drawing())
    #expect(
      lines.contains(
        "✗ every trace of shop was dropped: foreign_span (12 traces since the agent started, the last 3s ago)"),
      "\(lines)")
    #expect(lines.contains("– 12 traces have arrived, none in the last hour"), "\(lines)")
    #expect(lines.last == "→ type: roost doctor")
  }

  @Test("has its line below the table of services, and in place of an empty one")
  func services() {
    var answer = ReportSamples.services
    answer.dropped = [dropped("billing", 1, isAll: true), dropped("shop", 2, isAll: false)]
    let lines = ServicesReport(answer).lines(Drawing())
    #expect(
      lines.contains(
        "! every trace of billing was dropped: foreign_span (1 trace since the agent started, the last 3s ago); roost doctor says why"
      ))
    #expect(
      lines.contains(
        "! 2 traces of shop were dropped since the agent started: foreign_span (the last 3s ago); roost doctor says why"
      ))
    #expect(
      EmptyReport.dropped(allDropped.1) == [
        "Every trace of shop was dropped: foreign_span (12 traces since the agent started, the last 3s ago); roost doctor says why."
      ])
    #expect(EmptyReport.dropped(ReportSamples.services).isEmpty)
  }

  @Test("is counted as at least so much once rows were given up")
  func atLeast() {
    var row = dropped("shop", 12, isAll: true)
    row.isAtLeast = true
    #expect(
      DroppedLines.services([row], nowNs: now) == [
        "every trace of shop was dropped: foreign_span (at least 12 traces since the agent started, the last 3s ago)"
      ])
    var (info, _) = allDropped
    let others = ClientLossRow(client: ClientLossRow.othersName, loss: .dropped, reason: "r", lastSeenNs: now)
    info.clientLosses = [others]
    let minimum = "other clients have what rows counted before they gave way; so each number is a minimum"
    #expect(InfoReport(info).clientLossLines(Drawing()).last == minimum)
    row.isAll = false
    #expect(
      DroppedLines.services([row], nowNs: now) == [
        "at least 12 traces of shop were dropped since the agent started: foreign_span (the last 3s ago)"
      ])
  }

  @Test("is named as well when its payloads are refused, unless others of the same client are taken")
  func refused() {
    var info = ReportSamples.quietInfo
    var loss = ClientLossRow(client: "python 4.16.0", loss: .refused, reason: "decoding_error", lastSeenNs: now)
    (loss.requests, loss.traces) = (3, 7)
    info.clientLosses = [loss]
    let none = ServicesAnswer(nowNs: now, rows: [])
    let line = "every payload of python 4.16.0 was refused: decoding_error (3 payloads, the last just now)"
    let status = StatusReport.lines(info, services: none, drawing: Drawing())
    #expect(status.contains("✗ " + line) && status.last == "→ type: roost doctor", "\(status)")
    #expect(status.contains("– nothing has arrived that could be used"))
    #expect(
      EmptyReport.lines(info, window: nil, env: nil, envs: [])
        == ["E" + line.dropFirst() + "; roost doctor says why."])
    info.clients = [
      ClientRow(
        language: "python", languageVersion: "3", interpreter: "", tracerVersion: "4.16.0", endpoint: "v0.4",
        received: TrafficCounts(payloads: 1, traces: 1, spans: 1), lastSeenNs: now)
    ]
    #expect(!StatusReport.lines(info, services: none, drawing: Drawing()).contains("✗ " + line))
  }

  @Test("has one line for all reasons, and none once it is an hour ago or a client without a version was taken")
  func refusedLines() {
    func refused(_ client: String, _ reason: String, secondsAgo: Int64 = 9) -> ClientLossRow {
      var row = ClientLossRow(
        client: client, loss: .refused, reason: reason, lastSeenNs: now - secondsAgo * 1_000_000_000)
      (row.requests, row.traces) = (2, 2)
      return row
    }
    func client(_ language: String, _ version: String) -> ClientRow {
      ClientRow(
        language: language, languageVersion: "", interpreter: "", tracerVersion: version, endpoint: "v0.4",
        received: TrafficCounts(payloads: 1, traces: 1, spans: 1), lastSeenNs: now)
    }
    var info = ReportSamples.quietInfo
    info.nowNs = now
    let two = [refused("ruby", "decoding_error"), refused("ruby", "msgp_short_bytes", secondsAgo: 3)]
    let agent = refused("Go-http-client/1.1", "decoding_error")
    for (losses, clients, lines) in [
      (two, [], ["every payload of ruby was refused: decoding_error, msgp_short_bytes (4 payloads, the last 3s ago)"]),
      (two, [client("ruby", "")], []), ([refused("ruby", "decoding_error", secondsAgo: 3_601)], [], []),
      ([agent], [], ["every payload of Go-http-client/1.1 was refused: decoding_error (2 payloads, the last 9s ago)"]),
      ([agent], [client("", "")], []),
    ] as [([ClientLossRow], [ClientRow], [String])] {
      (info.clientLosses, info.clients) = (losses, clients)
      #expect(DroppedLines.refusedClients(info) == lines)
    }
  }

  @Test("A place at which the agent should listen and does not is named in `roost`, and what to type")
  func notListening() {
    var info = ReportSamples.quietInfo
    info.notListening = [ListenerFailureRow(address: "/run/apm.socket", reason: "the directory does not exist")]
    let status = StatusReport.lines(info, services: ServicesAnswer(nowNs: now, rows: []), drawing: Drawing())
    #expect(status.contains("✗ not on /run/apm.socket: the directory does not exist"), "\(status)")
    info.received = TrafficCounts()
    info.listeners = []
    let deaf = StatusReport.lines(info, services: ServicesAnswer(nowNs: now, rows: []), drawing: Drawing())
    #expect(deaf.last == "→ type: roost doctor", "\(deaf)")
  }

  @Test("A service that somebody else sent is marked in the tables of a run")
  func marked() {
    let name = ReportSamples.services.rows[0].service
    let lines = ServicesReport(ReportSamples.services, marking: [name]).lines(Drawing())
    #expect(lines.filter { $0.contains(" * ") }.map { String($0.prefix { $0 != "*" }) } == [name + " "], "\(lines)")
    #expect(ServicesReport(ReportSamples.services).lines(Drawing()).allSatisfy { !$0.contains(" * ") })
  }

  @Test("Requests for products that are not offered are apart from mistakes, and alone leave nothing to complain of")
  func notOffered() {
    var info = ReportSamples.quietInfo
    info.refused = ["not_offered": 2]
    info.dropped["not_offered"] = LossCounts(payloads: 3)
    info.clientIssues = [
      ClientIssueRow(
        kind: "not_offered", detail: "/telemetry/proxy/x", client: "python 4.16.0", count: 2, amount: 0, lastSeenNs: now
      )
    ]
    let lines = InfoReport(info).lines(Drawing(), verbose: false)
    #expect(lines.contains("nothing was dropped, refused or repaired"))
    #expect(
      lines.contains("not offered, harmless: 5 requests for other products (roost info -v lists them)"), "\(lines)")
    #expect(!lines.contains { $0.contains("CLIENT ISSUE") || $0.contains("/telemetry/") })
    let verbose = InfoReport(info).lines(Drawing(), verbose: true)
    #expect(verbose.contains { $0.contains("/telemetry/proxy/x") && $0.contains("python 4.16.0") })
  }
}
