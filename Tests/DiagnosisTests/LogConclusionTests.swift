import Testing

@testable import Diagnosis

@Suite("What log lines alone let conclude")
struct LogConclusionTests {
  static func examine(_ text: String, _ change: (inout Evidence) -> Void = { _ in }) -> Examination {
    var evidence = Evidence()
    evidence.log = LogReader.lines(of: text)
    change(&evidence)
    return Examination(evidence)
  }

  @Test(
    "A pasted line is explained by the diagnosis whose symptom it is",
    arguments: [
      ("2017-12-10 ddtrace.writer - ERROR - cannot send services: [Errno 61] Connection refused", "RST001"),
      ("failed to send, dropping 1 traces to intake at http://localhost:8126/v0.5/traces after 3 retries", "RST001"),
      ("failed to send, dropping 1 traces to intake at unix:///x.sock/v0.5/traces: client error (Connect)", "RST025"),
      ("Failed to send traces to Datadog Agent at unix:///x.sock: [Errno 2] No such file or directory", "RST025"),
      ("Failed to send traces to Datadog Agent at unix:///x.sock: [Errno 111] Connection refused", "RST022"),
      ("Failed to send traces to Datadog Agent at unix:///x.sock: [Errno 13] Permission denied", "RST023"),
      ("Failed to send traces to Datadog Agent at unix:///dsd.socket: [Errno 91] Protocol wrong type", "RST020"),
      ("Failed to send traces to Datadog Agent at http://agent:8126: [Errno -2] Name or service not known", "RST008"),
      ("Failed to send traces to Datadog Agent at http://h:8126: [Errno 110] Connection timed out", "RST011"),
      ("Failed to send traces to Datadog Agent at http://localhost:8126: [Errno 99] Cannot assign", "RST002"),
      ("Error: HTTP error from agent: Error: connect ECONNREFUSED ::1:8126", "RST001"),
      ("Error while sending 1 (size=1KB) traces to the DD agent. java.net.SocketException: Connection reset", "RST006"),
      ("failed to send traces to intake at http://localhost:8126/v0.5/traces: HTTP error status 403", "RST035"),
      ("unsupported endpoint '/v0.5/traces': received response 404 from intake", "RST036"),
      (
        "[Error] An error occured while sending traces to the agent at http://a:1/ does not indicate success: 400",
        "RST037"
      ),
      ("Datadog Tracer v1.20.0 ERROR: lost 1645 traces: payload-too-large", "RST038"),
      ("failed to send, dropping 1 traces to intake at http://a:8126/: Error code: 429 Too Many", "RST040"),
      (
        "DATADOG TRACER CONFIGURATION {\"lang\":\"jvm\",\"agent_url\":\"http://a:8126\",\"agent_error\":true}", "RST001"
      ),
      ("DATADOG TRACER CONFIGURATION {\"lang\":\"go\",\"enabled\":false,\"agent_error\":\"\"}", "RST031"),
      ("DATADOG TRACER CONFIGURATION {\"lang\":\"go\",\"agent_url\":\"localhost:8126\"}", "RST028"),
      ("DATADOG TRACER CONFIGURATION {\"lang\":\"go\",\"sample_rate\":0}", "RST043"),
    ])
  func explained(_ line: String, _ id: String) {
    let examination = Self.examine(line)
    #expect(examination.findings.first?.id == id, "\(examination.findings)")
    #expect(examination.findings.first?.because.contains { $0.hasPrefix("line 1 of the log: ") } == true)
    #expect(examination.findings.first?.fix.isEmpty == false)
  }

  @Test(
    "Lines that cost no trace are no finding",
    arguments: [
      "failed to send telemetry to http://localhost:8126/telemetry/proxy/api/v2/apmtelemetry.",
      "IOException in StatsD client - /var/run/datadog/dsd.socket java.io.IOException: Connection refused",
      "[ddtrace] [error] Failed connecting to the sidecar: Connection refused (os error 111)",
      "DATADOG TRACER CONFIGURATION {\"lang\":\"go\",\"service\":\"shop\",\"env\":\"prod\",\"agent_error\":\"\"}",
    ])
  func harmless(_ line: String) { #expect(Self.examine(line).findings.map(\.id) == []) }

  @Test("A line is a warning when what it could not reach answers by now")
  func olderLine() {
    let line =
      "failed to send, dropping 4 traces to intake at http://localhost:8126/v0.5/traces: client error (Connect)"
    let examination = Self.examine(line) { evidence in
      var probe = ProbeEvidence(url: "http://127.0.0.1:8126", address: "127.0.0.1:8126", outcome: .answered)
      probe.product = ProductEvidence(name: "roost", version: "0.1.0")
      evidence.probes = [probe]
    }
    #expect(examination.findings.map(\.severity) == [.warning])
    #expect(examination.findings.first?.because.last?.hasPrefix("now roost 0.1.0 answers at 127.0.0.1:8126") == true)
  }

  @Test("A line whose cause is seen here is quoted under that cause")
  func quoted() throws {
    let examination = Self.examine("Datadog Tracer ERROR: lost 2 traces: payload-too-large") { evidence in
      evidence.agent = AgentEvidence()
      evidence.agent?.clientIssues = [ClientIssueEvidence(kind: "too_large", client: "go 1.20.0", amount: 3e7)]
    }
    let finding = try #require(examination.findings.first)
    #expect(finding.title.hasPrefix("go 1.20.0 sent a payload above the limit"))
    let told = finding.because.suffix(3)
    #expect(told.first?.hasPrefix("line 1 of the log: ") == true)
    #expect(told.dropFirst().first?.hasPrefix("it means: dd-trace-go could not deliver traces") == true)
    #expect(told.last == "1 such line, 2 traces lost")
  }
}
