import Testing

@testable import Diagnosis

@Suite("Fixes of the fixtures")
struct FixTests {
  /// How a line of a fix is meant: to be typed, to be written into a file, or to be read.
  enum Kind { case command, file, advice, unknown }

  static let programs: Set<String> = [
    "roost", "env", "sudo", "rm", "rmdir", "kill", "pip", "python", "npm", "bundle", "go", "curl", "getent", "docker",
    "ulimit", "ls", "php", "node", "java", "ruby", "uwsgi", "gunicorn", "dotnet", "ddtrace-run", "export",
  ]
  /// Words that begin a sentence here and are no program; `set` is one, which a shell would take without effect.
  static let beginnings: Set<String> = [
    "set", "take", "put", "add", "leave", "or", "stop", "let", "start", "give", "use", "ask", "mount", "make", "in",
    "to", "if", "nothing", "write",
  ]

  static func kind(_ line: String) -> Kind {
    let words = command(line).split(separator: " ").map(String.init)
    let rest = words.drop {
      $0.contains("=") && $0.prefix { $0 != "=" }.allSatisfy { $0.isUppercase || "_0123456789".contains($0) }
    }
    guard let first = rest.first else { return .unknown }
    if programs.contains(first) { return .command }
    if beginnings.contains(first) { return .advice }
    return line.contains(": [") || line.contains(": true") || line.hasPrefix("env ") || line.hasPrefix("Environment=")
      || line.hasPrefix("#") ? .file : .unknown
  }

  /// The line without what is said about it.
  static func command(_ line: String) -> String {
    line.firstRange(of: "   # ").map { String(line[..<$0.lowerBound]) } ?? line
  }

  static func fixes(_ id: String) throws -> [String] {
    try #require(DiagnosisTable.find(id)).rule(try DiagnosisTests.evidence(id)).flatMap(\.fix)
  }

  @Test(
    "A line is one to type, one of a file, or advice that looks like neither", arguments: DiagnosisTable.all.map(\.id))
  func kinds(_ id: String) throws {
    for line in try Self.fixes(id) {
      #expect(Self.kind(line) != .unknown || Self.command(line).hasSuffix(";"), "\(line)")
    }
  }

  @Test(
    "A setting alone is no line to type: it would start nothing, and reach no app",
    arguments: DiagnosisTable.all.map(\.id))
  func settingAlone(_ id: String) throws {
    for line in Examination(try DiagnosisTests.evidence(id)).findings.flatMap(\.fix) {
      let words = Self.command(line).split(separator: " ")
      #expect(words.count > 1 || words.first?.wholeMatch(of: /[A-Z_][A-Z0-9_]*=.*/) == nil, "\(line)")
      #expect(words.first != "unset", "\(line)")
    }
  }

  @Test("A trace-agent that forwards to roost is no tracer with a path too many")
  func forwarder() throws {
    var evidence = try DiagnosisTests.evidence("healthy")
    let rule = try #require(DiagnosisTable.find("RST036")).rule
    evidence.agent?.clientIssues = ["/api/v0.2/traces", "/api/v0.2/stats", "/intake/api/v0.2/traces"].map {
      ClientIssueEvidence(kind: "not_found", detail: $0, client: "Datadog Trace Agent/7.60")
    }
    let findings = rule(evidence)
    #expect(findings.map(\.severity) == [.problem])
    let finding = try #require(findings.first)
    #expect(finding.title.contains("another trace-agent, forwards its traces to roost"))
    #expect(!finding.because.contains { $0.contains("ends in a path") })
    #expect(finding.fix.contains { $0.contains("DD_APM_DD_URL") })
  }

  @Test("Only errors about decoding are evidence of a payload that cannot be decoded")
  func recentErrors() throws {
    var evidence = try DiagnosisTests.evidence("healthy")
    let rule = try #require(DiagnosisTable.find("RST037")).rule
    let error = "cannot decode a v0.5 payload of 9 bytes from python 4.16.0: byte 2: an array was expected"
    evidence.agent?.recentErrors = ["the intake answered 403", "intake said 503", error]
    evidence.agent?.clientIssues = [ClientIssueEvidence(kind: "undecodable", client: "python 4.16.0")]
    #expect(rule(evidence).first?.because == [error])
    evidence.agent?.badPayloads = [
      BadPayloadEvidence(id: 9, client: "go 2.1"), BadPayloadEvidence(id: 8, client: "python 4.16.0"),
      BadPayloadEvidence(id: 7, client: "python 4.16.0"),
    ]
    #expect(rule(evidence).first?.fix.first == "roost inspect 8")
    evidence.agent?.badPayloads.removeLast(2)
    #expect(rule(evidence).first?.fix.first == "roost info -v")
    let encoding = "/v0.4/traces: Content-Encoding br is not supported: send gzip, zstd or none"
    evidence.agent?.clientIssues[0].detail = encoding
    let finding = try #require(rule(evidence).first)
    #expect(finding.because == [encoding])
    #expect(finding.title.hasSuffix("compressed in a way that roost does not know"))
    #expect(!finding.fix.contains { $0.contains("pip") })
  }

  @Test("Nothing in a line to type is left to be filled in but a secret", arguments: DiagnosisTable.all.map(\.id))
  func placeholders(_ id: String) throws {
    for line in try Self.fixes(id) where Self.kind(line) == .command {
      let words = Self.command(line).split(separator: " ")
      for word in ["CMD", "PID", "IMAGE", "CONTAINER", "SERVICE", "HOST", "PORT"] {
        #expect(!words.contains { $0 == word }, "\(line)")
      }
      #expect(!line.contains("…"), "\(line)")
    }
  }

  @Test("No second roost is offered beside the one that runs", arguments: DiagnosisTable.all.map(\.id))
  func secondRoost(_ id: String) throws {
    let diagnosis = try #require(DiagnosisTable.find(id))
    var evidence = try DiagnosisTests.evidence(id)
    var agent = evidence.agent ?? AgentEvidence()
    agent.pid = 377
    if agent.listeners.isEmpty { agent.listeners = ["127.0.0.1:8126"] }
    evidence.agent = agent
    for line in diagnosis.rule(evidence).flatMap(\.fix) where Self.kind(line) == .command {
      // On another machine none need run.
      #expect(!Self.command(line).contains("roost serve") || line.contains("# on "), "\(line)")
    }
  }

  @Test("No socket is offered in a folder that does not exist")
  func missingFolder() throws {
    var evidence = try DiagnosisTests.evidence("healthy")
    evidence.agent = nil
    evidence.host.listeners = []
    evidence.processes[0].environment["DD_TRACE_AGENT_URL"] = "unix:///nowhere/apm.socket"
    var socket = UnixSocketEvidence(path: "/nowhere/apm.socket", seenByPid: 812)
    let rule = try #require(DiagnosisTable.find("RST025")).rule
    evidence.host.unixSockets = [socket]
    #expect(rule(evidence).flatMap(\.fix).contains("roost serve --socket /nowhere/apm.socket"))
    socket.isFolderThere = false
    evidence.host.unixSockets = [socket]
    let fix = rule(evidence).flatMap(\.fix)
    #expect(!fix.isEmpty && !fix.contains { $0.contains("roost serve") }, "\(fix)")
  }

  @Test("A client that is no tracer is not told a tracer's variable")
  func notATracer() throws {
    var evidence = try DiagnosisTests.evidence("healthy")
    let rule = try #require(DiagnosisTable.find("RST036")).rule
    for (client, path) in [
      ("curl/8.5.0", "/health"), ("curl/8.5.0", "/v0.8/traces"), ("", "/v0.8/traces"), ("go 2.1", "/v1.1/traces"),
    ] {
      evidence.agent?.clientIssues = [ClientIssueEvidence(kind: "not_found", detail: path, client: client)]
      let fix = rule(evidence).flatMap(\.fix)
      #expect(!fix.isEmpty && !fix.contains { $0.contains("DD_") }, "\(client) \(path): \(fix)")
    }
  }

  @Test(
    "A place at which roost does not listen has advice that fits what is in the way",
    arguments: [
      ("/run/a b/s", "the directory does not exist", "sudo mkdir -p '/run/a b'"),
      ("/run/apm/s", "Permission denied", "let the user that roost runs as write to /run/apm"),
      ("/run/apm/s", "Operation not permitted", "let the user that roost runs as write to /run/apm"),
      ("apm.socket", "Permission denied", "let the user that roost runs as write to ."),
      ("/run/apm/s", "Read-only file system", "give roost another path"),
      ("/run/apm/s", "the path has 200 bytes, and a socket path may have 1 to 107", "give roost another path"),
      ("/run/apm/s", "Too many open files", "ulimit -n"), ("descriptor 5", "has no address", "with a descriptor"),
    ])
  func notListening(_ address: String, _ reason: String, _ said: String) throws {
    var evidence = try DiagnosisTests.evidence("RST058")
    var failure = ListenerFailureEvidence()
    (failure.address, failure.reason) = (address, reason)
    evidence.agent?.notListening = [failure]
    let fix = try #require(DiagnosisTable.find("RST058")?.rule(evidence).first).fix
    #expect(fix.count == 1 && fix[0].contains(said), "\(fix)")
    // Where it is all that there is to listen on, nothing arrives.
    #expect(DiagnosisTable.find("RST058")?.rule(evidence).first?.severity == .warning)
    evidence.agent?.listeners = []
    #expect(DiagnosisTable.find("RST058")?.rule(evidence).first?.severity == .problem)
  }

  @Test("Spans that are their own ancestors are a finding beside dropped traces, with an example")
  func parentCycles() throws {
    var evidence = try DiagnosisTests.evidence("RST048")
    var loss = ClientLossEvidence()
    (loss.client, loss.service, loss.loss, loss.reason) = ("python 4.16.0", "shop", "faulty", "parent_cycle")
    (loss.traces, loss.example) = (3, "trace 1 has span 2")
    evidence.agent?.clientLosses.append(loss)
    evidence.agent?.clientIssues.append(
      ClientIssueEvidence(kind: "malformed_trace", detail: "parent_cycle", client: "python 4.16.0", amount: 3))
    let findings = try #require(DiagnosisTable.find("RST048")).rule(evidence)
    #expect(findings.map(\.severity) == [.problem, .warning])
    let finding = try #require(findings.last)
    #expect(finding.title == "python 4.16.0 sent 3 traces with spans that are their own ancestors: parent_cycle")
    #expect(finding.because.contains("for example: trace 1 has span 2"))
  }

  @Test("A service of which something was counted is not one whose every trace is dropped")
  func silenced() throws {
    let rule = try #require(DiagnosisTable.find("RST048")).rule
    var evidence = try DiagnosisTests.evidence("RST048")
    #expect(rule(evidence)[0].title.hasPrefix("Every trace of billing is dropped"))
    evidence.agent?.missingThreads = 1
    #expect(rule(evidence)[0].title.hasPrefix("python 4.16.0 sent 6 traces that roost dropped"))
    evidence.agent?.missingThreads = 0
    evidence.agent?.clientLosses = []
    #expect(rule(evidence)[0].title.hasPrefix("python 4.16.0 sent 6 traces that roost dropped"))
  }
}
