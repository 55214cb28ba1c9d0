import Control
import Foundation
import JSON
import TestFixtures
import Testing

@testable import Terminal

@Suite("Reports as they are printed")
struct ReportTests {
  static let texts: [(file: String, text: String)] = [
    ("services.txt", lines(ServicesReport(ReportSamples.services).lines(Drawing()))),
    ("services-80.txt", lines(ServicesReport(ReportSamples.services).lines(Drawing(width: 80)))),
    ("services-40.txt", lines(ServicesReport(ReportSamples.services).lines(Drawing(width: 40)))),
    ("services-color.txt", lines(ServicesReport(ReportSamples.services).lines(Drawing(colors: true)))),
    ("services-no-header.txt", lines(ServicesReport(ReportSamples.services).lines(Drawing(header: false)))),
    ("services-since.txt", lines(ServicesReport(ReportSamples.services, showsTime: true).lines(Drawing(colors: true)))),
    ("services.json", ReportSamples.services.document.text + "\n"),
    ("resources.txt", lines(ResourcesReport(ReportSamples.resources).lines(Drawing()))),
    ("resources-since.txt", lines(ResourcesReport(ReportSamples.resources, showsTime: true).lines(Drawing()))),
    ("resources-80.txt", lines(ResourcesReport(ReportSamples.resources).lines(Drawing(width: 80)))),
    ("resources-all-spans.txt", lines(ResourcesReport(ReportSamples.resourcesAllSpans).lines(Drawing()))),
    ("resources-all.txt", lines(ResourcesReport(ReportSamples.allResources).lines(Drawing()))),
    ("resources-no-share.txt", lines(ResourcesReport(ReportSamples.allResources, showsShare: false).lines(Drawing()))),
    ("resources-all.json", ReportSamples.allResources.document.text + "\n"),
    ("resources.json", ReportSamples.resources.document.text + "\n"),
    ("diff.txt", lines(DiffReport(ReportSamples.diff(.rate)).lines(Drawing()))),
    ("diff-share.txt", lines(DiffReport(ReportSamples.diff(.share), limit: 2).lines(Drawing(colors: true)))),
    ("diff-80.txt", lines(DiffReport(ReportSamples.diff(.rate)).lines(Drawing(width: 80)))),
    ("diff.json", ReportSamples.diff(.rate).document.text + "\n"),
    ("info.txt", lines(InfoReport(ReportSamples.info).lines(Drawing(), verbose: false))),
    ("info-verbose.txt", lines(InfoReport(ReportSamples.info).lines(Drawing(), verbose: true))),
    ("info-quiet.txt", lines(InfoReport(ReportSamples.quietInfo).lines(Drawing(), verbose: true))),
    ("info-tests.txt", lines(InfoReport(ReportSamples.testedInfo).lines(Drawing(), verbose: true))),
    (
      "info-tests-listed.txt",
      lines(InfoReport(ReportSamples.testedInfo, includesTests: true).lines(Drawing(), verbose: true))
    ),
    ("info.json", ReportSamples.info.document.text + "\n"),
    ("info-quiet.json", ReportSamples.quietInfo.document.text + "\n"),
    ("info-trouble.txt", lines(InfoReport(ReportSamples.troubledInfo).lines(Drawing(), verbose: false))),
    ("info-settings.txt", lines(InfoReport(ReportSamples.troubledInfo).settingLines(Drawing()))),
    ("info-trouble.json", ReportSamples.troubledInfo.document.text + "\n"),
    ("status.txt", status),
    ("empty.txt", empty),
    ("send-test.txt", lines(sendTest.stages.map { SendTestReport.line($0, colors: false) })),
    ("send-test.json", sendTest.document.text + "\n"),
    ("version.json", VersionDocument(version: "0.1.0", commit: "b6b65a1").document.text + "\n"),
    ("help.txt", ArgumentTests.program.help + "\n"),
  ]

  @Test("Every report reads as it was last accepted", arguments: texts)
  func golden(_ report: (file: String, text: String)) throws {
    #expect(report.text == (try Golden.text("cli/\(report.file)", accepting: report.text)))
  }

  @Test("Every document is one JSON object with its schema", arguments: texts.filter { $0.file.hasSuffix(".json") })
  func documents(_ report: (file: String, text: String)) throws {
    let document = try JSONSerialization.jsonObject(with: Data(report.text.utf8)) as? [String: Any]
    let name = report.file.split(whereSeparator: { $0 == "." || $0 == "-" })[0]
    let expected = report.file == "send-test.json" ? "roost.send_test.v1" : "roost.\(name).v1"
    #expect(document?["schema"] as? String == expected)
  }

  @Test("No report lets a control character of a name through", arguments: texts)
  func noControlCharacters(_ report: (file: String, text: String)) {
    let text = report.text.replacing(#/\u{1b}\[[0-9]*m/#, with: "")
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
  }

  @Test("A percentile of fewer than twenty hits is marked, the maximum is not")
  func fewHits() {
    var row = ReportSamples.services.rows[0]
    for (hits, mark) in [(19 as UInt64, "~8.2ms"), (20, " 8.2ms")] {
      row.hits = hits
      let line = ServicesReport(ServicesAnswer(nowNs: ReportSamples.now, rows: [row])).lines(Drawing(header: false))[0]
      #expect(line.contains(mark), "\(line)")
      #expect(!line.contains("~1.90s"))
    }
  }

  @Test(
    "Nothing was dropped is not said beside losses, of traces or of statistics",
    arguments: ["queue_full", "stats_too_old"])
  func losses(_ reason: String) {
    var info = ReportSamples.quietInfo
    let claim = "nothing was dropped, refused or repaired"
    #expect(InfoReport(info).lines(Drawing(), verbose: false).contains(claim))
    info.lost = [reason: LossCounts(payloads: 1)]
    #expect(!InfoReport(info).lines(Drawing(), verbose: false).contains(claim))
  }

  @Test(
    "A refusal has the time of its last attempt, and is no trouble once it is long ago and nothing waits",
    arguments: [
      (1, 200, 200, 0, "! http://127.0.0.1:8080 refused the last payload of traces: HTTP 413, 3m ago"),
      (4, 200, 40, 0, "✗ http://127.0.0.1:8080 refuses traces: HTTP 413, for 2m40s, the last 40s ago (4 attempts)"),
      (4, 200, 100, 1, "✗ http://127.0.0.1:8080 refuses traces: HTTP 413, for 1m40s, the last 1m ago (4 attempts)"),
      (1, 30, 30, 0, "✗ http://127.0.0.1:8080 refuses traces: HTTP 413, 30s ago"),
    ])
  func refusals(_ attempts: UInt64, _ since: Int64, _ last: Int64, _ waiting: UInt64, _ line: String) {
    var info = ReportSamples.quietInfo
    let url = "http://127.0.0.1:8080"
    info.configuration.forwarding = .on(url)
    info.queued.payloads = waiting
    let now = ReportSamples.now
    info.nowNs = now
    info.intake.troubles = [
      IntakeTrouble(
        .refusing, payloads: "traces", endpoint: url, sinceNs: now - since * 1_000_000_000,
        last: Timestamp(unixNs: now - last * 1_000_000_000), attempts: attempts, status: 413, text: "HTTP 413")
    ]
    let none = ServicesAnswer(nowNs: now, rows: [])
    let lines = StatusReport.lines(info, services: none, drawing: Drawing())
    #expect(lines.contains(line), "\(lines)")
  }

  @Test(
    "A refused key and payloads that were given up are past once the intake has taken something, or nothing was sent",
    arguments: [
      (
        IntakeTrouble.State.refusing, 403, 20, 3, 1,
        "! http://127.0.0.1:8080 refused the last payload of traces: HTTP 403, 20s ago"
      ),
      (
        .refusing, 403, 3, 1, 0,
        "✗ http://127.0.0.1:8080 refuses traces: HTTP 403, the key or the site is wrong, for 9m57s (9 attempts)"
      ),
      (.failing, 503, 20, 3, 0, "! http://127.0.0.1:8080 did not take the last payload of traces: HTTP 503, 20s ago"),
      (.failing, 503, 90, 600, 0, "! http://127.0.0.1:8080 did not take the last payload of traces: HTTP 503, 1m ago"),
      (.failing, 503, 20, 3, 1, "✗ http://127.0.0.1:8080 does not take traces: HTTP 503, for 10m00s (9 attempts)"),
      (
        .refusing, 413, 20, 3, 0,
        "✗ http://127.0.0.1:8080 refuses traces: HTTP 413, for 9m40s, the last 20s ago (9 attempts)"
      ),
    ] as [(IntakeTrouble.State, Int64, Int64, Int64, UInt64, String)])
  func pastTroubles(
    _ state: IntakeTrouble.State, _ status: Int64, _ last: Int64, _ taken: Int64, _ waiting: UInt64, _ line: String
  ) {
    var info = ReportSamples.quietInfo
    let url = "http://127.0.0.1:8080"
    let now = ReportSamples.now
    info.configuration.forwarding = .on(url)
    info.queued.payloads = waiting
    info.nowNs = now
    info.intake.lastSuccess = Timestamp(unixNs: now - taken * 1_000_000_000)
    info.intake.troubles = [
      IntakeTrouble(
        state, payloads: "traces", endpoint: url, sinceNs: now - 600_000_000_000,
        last: Timestamp(unixNs: now - last * 1_000_000_000), attempts: 9, status: status, text: "HTTP \(status)")
    ]
    let lines = StatusReport.lines(info, services: ServicesAnswer(nowNs: now, rows: []), drawing: Drawing())
    #expect(lines.contains(line), "\(lines)")
  }

  @Test("A service name goes into the suggested command as one word")
  func pasteable() {
    var services = ReportSamples.services
    services.rows = [services.rows[0]]
    var info = ReportSamples.info
    info.notListening = []
    services.rows[0].service = "my shop; rm -rf 'x'"
    let next = StatusReport.lines(info, services: services, drawing: Drawing()).last
    #expect(next == #"→ type: roost resources 'my shop; rm -rf '\''x'\'''"#)
  }

  private static func lines(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

  private static var status: String {
    var one = ReportSamples.services
    one.rows = [one.rows[2]]
    let none = ServicesAnswer(nowNs: ReportSamples.now, rows: [])
    let path = "/run/user/1000/roost/8126.sock"
    return [
      StatusReport.lines(ReportSamples.info, services: ReportSamples.services, drawing: Drawing()),
      StatusReport.lines(ReportSamples.info, services: one, drawing: Drawing()),
      StatusReport.lines(ReportSamples.info, services: none, drawing: Drawing()),
      StatusReport.lines(ReportSamples.quietInfo, services: none, drawing: Drawing()),
      StatusReport.lines(ReportSamples.troubledInfo, services: one, drawing: Drawing()),
      StatusReport.lines(ReportSamples.silentInfo, services: one, drawing: Drawing()),
      StatusReport.lines(ReportSamples.testedInfo, services: none, drawing: Drawing()),
      StatusReport.lines(
        hidden: "the agent of dd-agent (roost 0.1.0, pid 812) is running on 127.0.0.1:8126",
        obstacle: "what it has received is for its user and root only", command: "sudo -u dd-agent roost",
        drawing: Drawing()),
      StatusReport.lines(
        hidden: "roost 0.1.0 is running on 127.0.0.1:8126", obstacle: "its process cannot be seen from here",
        command: nil, drawing: Drawing()),
      StatusReport.lines(noAgentAt: path, taken: nil, drawing: Drawing()),
      StatusReport.lines(noAgentAt: path, taken: "127.0.0.1:8126", drawing: Drawing()),
    ].map(lines).joined(separator: "\n")
  }

  private static var empty: String {
    let known = ["shop", "shop-db", "mailer"]
    return [
      EmptyReport.lines(ReportSamples.quietInfo, window: "15m", env: nil, envs: []),
      EmptyReport.lines(ReportSamples.info, window: "15m", env: "prod", envs: ["prod"]),
      EmptyReport.lines(ReportSamples.info, window: nil, env: "Prod", envs: ["dev", "prod"]),
      EmptyReport.lines(ReportSamples.info, window: nil, env: "test", envs: ["dev", "prod"]),
      EmptyReport.lines(ReportSamples.info, window: nil, env: nil, envs: ["prod"]),
      EmptyReport.lines(service: "shpo", known: known), EmptyReport.lines(service: "billing", known: known),
      EmptyReport.lines(service: "shop", known: known),
      EmptyReport.lines(service: "x", known: (1...12).map { "service-\($0)" }),
    ].map(lines).joined(separator: "\n")
  }

  private static var sendTest: SendTestResult {
    var result = SendTestResult(traceID: 1_234_567_890)
    result.add(.init("connected", .passed, "127.0.0.1:8126"))
    result.add(.init("accepted", .passed, "HTTP 200"))
    result.add(.init("counted", .passed, "see: roost resources roost-test"))
    result.add(.init("kept", .failed, "sampling kept no trace within 20 s"))
    result.add(.init("forwarded", .skipped, "forwarding is off: no API key (set DD_API_KEY)"))
    return result
  }
}
