import Testing

@testable import Diagnosis

@Suite("A log line belongs to what was found at the same place")
struct LogPlaceTests {
  /// An app that sends to `url`, which the doctor tried with this outcome.
  static func app(
    _ url: String, _ address: String, _ outcome: ProbeEvidence.Outcome, pid: Int64 = 812, in evidence: inout Evidence
  ) {
    var process = ProcessEvidence(pid: pid)
    process.isEnvironmentReadable = true
    process.environment = ["DD_TRACE_AGENT_URL": url]
    evidence.processes.append(process)
    var probe = ProbeEvidence(url: url, address: address, outcome: outcome)
    probe.forPid = pid
    if outcome == .answered { probe.product = ProductEvidence(name: "unknown-http") }
    evidence.probes.append(probe)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let line: String
    let id: String
    let url: String
    let address: String
    let outcome: ProbeEvidence.Outcome
    let isSame: Bool

    init(
      _ line: String, _ id: String, _ url: String, _ address: String, _ outcome: ProbeEvidence.Outcome, isSame: Bool
    ) {
      self.line = line
      self.id = id
      self.url = url
      self.address = address
      self.outcome = outcome
      self.isSame = isSame
    }

    var testDescription: String { "\(line) beside \(url)" }
  }

  static let cases = [
    Case(
      "Error: connect ECONNREFUSED 127.0.0.1:8126", "RST001", "http://localhost:9999", "127.0.0.1:9999", .refused,
      isSame: false),
    Case(
      "Error: connect ECONNREFUSED 127.0.0.1:8126", "RST001", "http://localhost:8126", "127.0.0.1:8126", .refused,
      isSame: true),
    Case(
      "Error: connect ECONNREFUSED ::1:8126", "RST001", "http://127.0.0.1:8126", "127.0.0.1:8126", .refused,
      isSame: true),
    Case(
      "cannot send spans: [Errno 111] Connection refused", "RST001", "http://localhost:8126", "127.0.0.1:8126",
      .refused, isSame: true),
    Case(
      "cannot send spans: [Errno 111] Connection refused", "RST001", "http://10.0.0.9:8126", "10.0.0.9:8126", .refused,
      isSame: false),
    Case(
      "cannot send spans to 10.0.0.9:8126: [Errno 111] Connection refused", "RST001", "http://agent:8126",
      "10.0.0.9:8126", .refused, isSame: true),
    Case(
      "cannot send spans to 10.0.0.8:8126: [Errno 111] Connection refused", "RST001", "http://agent:8126",
      "10.0.0.9:8126", .refused, isSame: false),
    Case(
      "cannot send spans to 10.0.0.9:8126: timed out", "RST011", "http://10.0.0.9:8126", "10.0.0.9:8126", .timedOut,
      isSame: true),
    Case(
      "cannot send spans to 10.0.0.9:8126: timed out", "RST011", "http://10.0.0.9:8127", "10.0.0.9:8127", .timedOut,
      isSame: false),
    Case(
      "cannot send spans to 10.0.0.9:8126: [Errno 104] Connection reset by peer", "RST006", "http://10.0.0.9:8126",
      "10.0.0.9:8126", .closedAtOnce, isSame: true),
    Case(
      "cannot send spans to 10.0.0.9:8126: [Errno 104] Connection reset by peer", "RST006", "http://10.0.0.7:8126",
      "10.0.0.7:8126", .closedAtOnce, isSame: false),
    Case(
      "dropping 1 at http://10.0.0.9:8126/: An error occurred while sending 1 traces to the agent at http://10.0.0.9:8126/ response status 405",
      "RST016", "http://10.0.0.9:8126", "10.0.0.9:8126", .answered, isSame: true),
    Case(
      "An error occurred while sending 1 traces to the agent at http://10.0.0.9:8126/ response status 405", "RST016",
      "http://10.0.0.7:8126", "10.0.0.7:8126", .answered, isSame: false),
  ]

  @Test("It is quoted with its meaning there, else it has a finding of its own", arguments: cases)
  func place(_ example: Case) throws {
    var evidence = Evidence()
    Self.app(example.url, example.address, example.outcome, in: &evidence)
    evidence.log = LogReader.lines(of: example.line)
    let findings = try #require(DiagnosisTable.find(example.id)).rule(evidence)
    let quoting = findings.filter(\.quotesLog)
    #expect(findings.count == (example.isSame ? 1 : 2), "\(findings)")
    #expect(quoting.map(\.pid) == [example.isSame ? 812 : nil])
    let because = try #require(quoting.first).because
    let quote = try #require(because.firstIndex { $0.hasPrefix("line 1 of the log: ") })
    #expect(because[quote + 1] == "it means: " + (evidence.log.first?.meaning ?? ""))
    // Whatever is folded under what: the line is told, and not as if it were the other place's.
    let told = Examination(evidence).findings.filter(\.quotesLog)
    #expect(told.map { $0.pid == 812 } == [example.isSame])
  }

  @Test(
    "A name belongs to the finding of that name",
    arguments: [
      ("dial tcp: lookup agent: no such host", true),
      ("Failed to send traces to Datadog Agent at http://agent:8126: [Errno -2]", true),
      ("Failed to send traces to Datadog Agent at http://other:8126: [Errno -2] Name or service not known", false),
      ("cannot send spans: getaddrinfo ENOTFOUND agent", true),
      ("cannot send spans: getaddrinfo ENOTFOUND other", false),
    ])
  func names(_ line: String, _ isSame: Bool) throws {
    var evidence = Evidence()
    evidence.resolutions = [ResolutionEvidence(name: "agent", forPid: 812, errorName: "EAI_NONAME")]
    evidence.log = LogReader.lines(of: line)
    let findings = try #require(DiagnosisTable.find("RST008")).rule(evidence)
    #expect(findings.filter(\.quotesLog).map(\.pid) == [isSame ? 812 : nil], "\(findings)")
  }

  @Test("What roost itself saw explains lines about roost, and no others")
  func roost() throws {
    let line = "failed to send, dropping 1 traces to intake at http://PLACE/v0.5/traces: Error code: 413"
    for (place, isSame) in [("127.0.0.1:8126", true), ("localhost:8126", true), ("10.0.0.7:8126", false)] {
      var evidence = Evidence()
      evidence.agent = AgentEvidence()
      evidence.agent?.listeners = ["127.0.0.1:8126"]
      evidence.agent?.clientIssues = [ClientIssueEvidence(kind: "too_large", client: "python 4.16.0", amount: 3e7)]
      evidence.log = LogReader.lines(of: line.replacing("PLACE", with: place))
      let findings = try #require(DiagnosisTable.find("RST038")).rule(evidence)
      #expect(findings.count == (isSame ? 1 : 2), "\(findings)")
    }
  }

  @Test("Lines about many places make few findings, and every line is counted")
  func many() throws {
    var evidence = Evidence()
    evidence.log = LogReader.lines(
      of: (0..<1000).map { "cannot send spans to host\($0):8126: [Errno 111] refused\n" }.joined())
    let findings = try #require(DiagnosisTable.find("RST001")).rule(evidence)
    #expect(findings.count == 3)
    #expect(findings[0].title.contains("to host0:8126: "))
    #expect(findings[2].title.contains("to host2:8126 and 197 other addresses: "))
    #expect(findings[2].because.contains("998 such lines"))
  }

  @Test(
    "A refusal is mended where it was refused",
    arguments: [
      ("cannot send spans to localhost:8126: [Errno 111]", "roost serve"),
      ("cannot send spans to 127.0.0.1:9126: [Errno 111]", "roost serve --port 9126"),
      (
        "cannot send spans to 10.0.0.9:8126: [Errno 111]",
        "roost serve --non-local-traffic   # on 10.0.0.9, where the traces are sent"
      ),
      (
        "cannot send spans to agent:9126: [Errno 111]",
        "roost serve --non-local-traffic --port 9126   # on agent, where the traces are sent"
      ),
    ])
  func remote(_ line: String, _ fix: String) {
    let examination = LogConclusionTests.examine(line)
    #expect(examination.findings.first?.fix.first == fix)
    #expect(examination.findings.first?.fix.contains { $0.contains("roost doctor --pid") } == true)
  }

  @Test("No answer of an agent is called one that no agent gives")
  func answers() {
    for status in [413, 429, 400] {
      let line = "failed to send traces to intake at http://localhost:8126/v0.5/traces: HTTP error status \(status)"
      #expect(LogReader.lines(of: line).allSatisfy { !$0.meaning.contains("no trace agent") })
    }
  }
}
