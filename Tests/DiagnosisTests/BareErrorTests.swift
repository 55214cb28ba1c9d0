import Terminal
import Testing

@testable import Diagnosis

@Suite("Errors that do not say whose they are")
struct BareErrorTests {
  /// As runtimes print a refused connection, with and without its address.
  static let pasted = [
    ("[Errno 61] Connection refused", "python", "RST001"),
    ("[Errno 111] Connection refused\n", "python", "RST001"),
    ("ConnectionRefusedError: [Errno 111] Connection refused", "python", "RST001"),
    ("\n  ConnectionRefusedError: [Errno 61] Connection refused\n\n", "python", "RST001"),
    ("socket.error: [Errno 111] Connection refused", "python", "RST001"),
    ("error: [Errno 61] Connection refused", "python", "RST001"),
    ("ConnectionRefusedError(111, 'Connection refused')", "python", "RST001"),
    ("socket.gaierror: [Errno -2] Name or service not known", "python", "RST008"),
    ("TimeoutError: [Errno 110] Connection timed out", "python", "RST011"),
    (
      "Traceback (most recent call last):\n  File \"app.py\", line 12, in send\n    connect()\n"
        + "ConnectionRefusedError: [Errno 111] Connection refused", "python", "RST001"
    ),
    ("connect ECONNREFUSED 127.0.0.1:8126", "nodejs", "RST001"), ("connect ECONNREFUSED ::1:8126", "nodejs", "RST001"),
    ("Error: connect ECONNREFUSED 127.0.0.1:8126", "nodejs", "RST001"),
    (
      "Error: connect ECONNREFUSED 127.0.0.1:8126\n    at TCPConnectWrap.afterConnect (node:net:1555:16)", "nodejs",
      "RST001"
    ),
    ("getaddrinfo ENOTFOUND agent", "nodejs", "RST008"),
    ("dial tcp 127.0.0.1:8126: connect: connection refused", "go", "RST001"),
    ("dial tcp 10.0.0.9:8126: i/o timeout", "go", "RST011"),
    ("java.net.ConnectException: Connection refused", "java", "RST001"),
    (
      "Exception in thread \"main\" java.net.ConnectException: Connection refused (Connection refused)", "java",
      "RST001"
    ),
    ("Errno::ECONNREFUSED: Connection refused - connect(2) for \"localhost\" port 8126", "ruby", "RST001"),
    (
      "Failed to open TCP connection to localhost:8126 (Connection refused - connect(2) for \"localhost\" port 8126)",
      "ruby", "RST001"
    ),
    ("cURL error 7: Failed to connect to localhost port 8126: Connection refused", "", "RST001"),
    ("System.Net.Sockets.SocketException (111): Connection refused", "dotnet", "RST001"),
    ("Connection refused (os error 111)", "", "RST001"), ("Connection refused", "", "RST001"),
    (
      "requests.exceptions.ConnectionError: HTTPConnectionPool(host='localhost', port=8126): Max retries exceeded "
        + "(Caused by NewConnectionError('[Errno 111] Connection refused'))", "python", "RST001"
    ),
  ]

  @Test("Pasted alone, it is an app's line to its agent", arguments: pasted)
  func alone(_ text: String, _ language: String, _ id: String) {
    let lines = LogReader.lines(of: text)
    #expect(lines.map(\.language) == [language], "\(lines)")
    let finding = LogConclusionTests.examine(text).findings.first
    #expect(finding?.id == id)
    #expect(finding?.severity == .problem)
    #expect(finding?.title.contains(/^An? (\.?\w+ )?program could not connect/) == true, "\(finding?.title ?? "")")
    #expect(finding?.because.contains { $0.hasPrefix("it means: ") } == true)
  }

  @Test("Each runtime's example is known", arguments: LogPattern.bare.map(\.id))
  func examples(_ id: String) throws {
    let pattern = try #require(LogPattern.find(id))
    #expect(LogPattern.bareMatch(LogText(pattern.example))?.id == id)
  }

  @Test(
    "Among other lines it is one only when it names an agent",
    arguments: [
      ("[Errno 111] Connection refused", []), ("ConnectionRefusedError: [Errno 111] Connection refused", []),
      ("java.net.ConnectException: Connection refused", []),
      ("connect ECONNREFUSED 127.0.0.1:6379", []),
      ("dial tcp 127.0.0.1:8126: i/o timeout", ["go.bare"]),
      ("connect ECONNREFUSED 127.0.0.1:8126", ["nodejs.connect"]),
      ("Failed to open TCP connection to localhost:8126 (Connection refused - connect(2))", ["ruby.open"]),
      ("ConnectionRefusedError: [Errno 111] Connect call failed ('127.0.0.1', 8126)", ["python.bare"]),
      ("dial tcp 10.0.0.9:9126: connect: connection refused", ["go.bare"]),
      ("dial unix /run/x/apm.socket: connect: no such file or directory", ["go.bare"]),
    ] as [(String, [String])])
  func among(_ line: String, _ patterns: [String]) {
    let agents = [Place(host: "10.0.0.9", port: 9126), Place(unix: "/run/x/apm.socket")]
    let text = "2026-11-24 INFO shop started\n\(line)\n2026-11-24 INFO shop stopped\n"
    #expect(LogReader.lines(of: text, agents: agents).map(\.pattern) == patterns)
  }

  @Test(
    "An error about another server is nobody's, alone or not",
    arguments: [
      "connect ECONNREFUSED 127.0.0.1:6379", "Error: connect ECONNREFUSED 127.0.0.1:5432",
      "Failed to open TCP connection to localhost:9200 (Connection refused - connect(2) for \"localhost\" port 9200)",
      "ConnectionRefusedError: [Errno 111] Connect call failed ('127.0.0.1', 5432)",
      "dial tcp 10.0.0.1:5432: connect: connection refused", "redis: Connection refused",
      "HTTPConnectionPool(host='localhost', port=9200): Max retries exceeded: [Errno 111] Connection refused",
      "java.net.ConnectException: Connection refused: kafka/10.0.0.5:9092",
      "curl: (7) Failed to connect to localhost port 80: Connection refused",
      "FileNotFoundError: [Errno 2] No such file or directory: 'x'",
      "PermissionError: [Errno 13] Permission denied: 'x'",
      "[Errno 2] No such file or directory", "OSError: [Errno 24] Too many open files",
    ])
  func foreign(_ line: String) {
    for text in [line, "started\n\(line)\n", "ddtrace.writer - ERROR - cannot send spans: [Errno 111] x\n\(line)"] {
      let found = LogReader.lines(of: text).map(\.pattern)
      #expect(found == (text.hasPrefix("ddtrace") ? ["python.cannot_send_spans"] : []))
    }
  }

  @Test("An address that is an agent's here makes it a line about the agent")
  func known() {
    let text = "x\nFailed to open TCP connection to agent:9200 (Connection refused - connect(2))\n"
    var evidence = Evidence()
    LogPlaceTests.app("http://agent:9200", "10.0.0.9:9200", .answered, in: &evidence)
    #expect(LogReader.lines(of: text).isEmpty)
    #expect(LogReader.lines(of: text, agents: evidence.agentPlaces).map(\.pattern) == ["ruby.open"])
  }

  @Test("Behind a tracer's line that gives no reason, it is the reason")
  func behind() {
    let text = "x\nERROR:ddtrace.writer:error sending spans\n[Errno 61] Connection refused\ny\n"
    let lines = LogReader.lines(of: text)
    #expect(lines.map(\.pattern) == ["python.error_sending_spans"])
    #expect(lines.map(\.errorName) == ["ECONNREFUSED"])
  }

  @Test(
    "A log without a tracer's line is said to explain nothing",
    arguments: [
      ("", "it is empty"), ("hello\n", "its one line is no tracer's"),
      ("a\nb\n[Errno 111] Connection refused\n", "no line of a tracer is among its 3 lines"),
      ("\u{0}\u{1}\n\u{0}", "it is no text, and no line of a tracer is among its 2 lines"),
    ])
  func mute(_ text: String, _ why: String) {
    var evidence = Evidence()
    evidence.take(LogReader.reading(of: text))
    #expect(evidence.notChecked == [NotChecked(what: "the log", why: why)])
    let report = DoctorReport(Examination(evidence), evidence)
    #expect(report.verdict.hasPrefix("Nothing explained: no line of a tracer is in the log; seen from here, no cause"))
    #expect(report.lines(Drawing(), verbose: false).contains { $0.contains("the log: not checked, \(why)") })
    evidence.agent = AgentEvidence()
    #expect(!DoctorReport(Examination(evidence), evidence).verdict.contains("Good"))
  }

  @Test("A log with one is not")
  func speaking() {
    for text in ["[Errno 61] Connection refused", "x\ncannot send spans: [Errno 61] Connection refused"] {
      #expect(LogReader.reading(of: text).notChecked.isEmpty)
    }
  }
}
