import Diagnosis
import Testing

/// Variants of the fixtures: the same cause with other evidence, and what looks alike and is not.
@Suite("Rules on cases near the fixtures")
struct RuleCaseTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let fixture: String
    /// What is expected of the diagnosis `id`: a severity, or `nil` for silence.
    let id: String
    let severity: Severity?
    let change: @Sendable (inout Evidence) -> Void

    init(
      _ name: String, _ fixture: String, _ id: String, _ severity: Severity?,
      _ change: @escaping @Sendable (inout Evidence) -> Void
    ) {
      self.name = name
      self.fixture = fixture
      self.id = id
      self.severity = severity
      self.change = change
    }

    var testDescription: String { name }
  }

  @Test("The finding has this severity, or is not there", arguments: cases)
  func severity(_ example: Case) throws {
    var evidence = try DiagnosisTests.evidence(example.fixture)
    example.change(&evidence)
    let diagnosis = try #require(DiagnosisTable.find(example.id))
    #expect(diagnosis.rule(evidence).first?.severity == example.severity, "\(diagnosis.rule(evidence))")
  }

  @Test("A process in another namespace is told the address that leads here from there")
  func addressFromThere() throws {
    var evidence = try DiagnosisTests.evidence("RST004")
    evidence.processes[0].reachableHostAddress = "10.200.1.1"
    let finding = try #require(DiagnosisTable.find("RST004")?.rule(evidence).first)
    #expect(finding.fix.first?.contains("DD_TRACE_AGENT_URL=http://10.200.1.1:8126 in the app's container") == true)
    evidence.processes[0].environment = ["DD_AGENT_HOST": "10.200.1.1"]
    #expect(Examination(evidence).findings.map(\.id) == ["RST005"])
  }

  @Test("What a foreign program speaks is said where it is known")
  func spoken() throws {
    var evidence = try DiagnosisTests.evidence("RST014")
    evidence.probes[0].outcome = .notHTTP
    evidence.probes[0].spoken = "tls"
    let finding = try #require(DiagnosisTable.find("RST014")?.rule(evidence).first)
    #expect(finding.because.contains("it speaks tls, not HTTP"))
  }

  static let cases =
    listening + localhost + containers + network + programs + protocols + sockets + settings + versions
    + telemetry

  private static let listening = [
    Case("a listener on another address only leaves localhost without one", "RST001", "RST001", .problem) {
      $0.host.listeners = [ListenerEvidence(address: "192.168.1.5", port: 8126, pid: 377, process: "roost serve")]
    },
    Case("a refusal seen from here says nothing of a process in another namespace", "RST001", "RST001", nil) {
      $0.probes = $0.probes.filter { $0.forPid != nil }
      $0.processes[0].networkNamespace = "net:[1]"
      $0.log = []
    },
    Case("a remote host that refuses has no listener", "RST012-not", "RST001", .problem) { _ in },
  ]

  private static let localhost = [
    Case("clients that try the second address are late, not lost", "RST002", "RST002", .warning) {
      $0.processes[0].language = "python"
    },
    Case("a Node that was heard goes on to the second address", "RST002", "RST002", .warning) {
      var agent = AgentEvidence()
      agent.clients = [
        ClientEvidence(
          language: "nodejs", languageVersion: "v22.1.0", tracerVersion: "5.4.0", endpoint: "v0.4", payloads: 1,
          traces: 1, lastSeenSecondsAgo: 1)
      ]
      $0.agent = agent
    },
    Case("who names ::1 is refused, whatever localhost is", "RST002", "RST002", .problem) {
      $0.processes[0].language = "python"
      $0.processes[0].environment = ["DD_TRACE_AGENT_URL": "http://[::1]:8126"]
      $0.host.localhostAddresses = ["127.0.0.1"]
    },
    Case("only ::1 has a listener, and the app uses 127.0.0.1", "RST003", "RST003", .problem) {
      $0.host.listeners.removeFirst()
      $0.probes[0].outcome = .refused
      $0.processes = [ProcessEvidence(pid: 812)]
      $0.processes[0].environment = ["DD_AGENT_HOST": "127.0.0.1"]
    },
    Case("only ::1 has a listener, and nobody is known to use 127.0.0.1", "RST003", "RST003", .warning) {
      $0.host.listeners.removeFirst()
      $0.probes[0].outcome = .refused
    },
    Case("docker-proxy runs once for each family", "RST003", "RST003", nil) { evidence in
      for index in 0...1 { evidence.host.listeners[index].process = "/usr/bin/docker-proxy -proto tcp" }
      for index in 0...1 { evidence.probes[index].product = ProductEvidence(name: "datadog-agent") }
    },
    Case("an owner that may not be looked at proves no second program", "RST003", "RST003", nil) {
      $0.host.listeners[1].pid = nil
      $0.probes[1].product = ProductEvidence(name: "roost")
    },
  ]

  private static let containers = [
    Case("without namespaces nothing is elsewhere", "RST004", "RST004", nil) { $0.host.networkNamespace = "" },
    Case("a loopback listener and a call to our own outer address", "RST005", "RST005", .problem) {
      $0.host.bridgeAddresses = [:]
      $0.host.ownAddresses = ["172.17.0.1"]
    },
    Case("an address that is not ours is somebody else's refusal", "RST005", "RST005", nil) {
      $0.host.bridgeAddresses = [:]
    },
    Case("a program that closes by itself is no forwarder", "RST006", "RST006", nil) {
      $0.host.listeners[0].process = "openssl s_server -port 8126"
    },
    Case("a forwarder of another user is one that may not be looked at", "RST006", "RST006", .problem) {
      $0.host.listeners[0].pid = nil
      $0.host.listeners[0].process = ""
    },
    Case("a published port is another case", "RST007", "RST007", nil) { $0.host.publishedPorts = [8126] },
    Case("name servers that do not answer", "RST008", "RST008", .problem) {
      $0.resolutions[0].errorName = "ETIMEDOUT"
    },
    Case("host.docker.internal is a plain unknown name under WSL", "RST009", "RST008", .problem) {
      $0.host.isWSL = true
    },
    Case("nginx hands on what its configuration names", "RST013", "RST013", nil) {
      $0.processes[0].environment = ["DD_AGENT_HOST": "agent", "DD_SERVICE": "front"]
    },
    Case("names are not where traces go", "RST013", "RST013", .warning) {
      $0.processes[0].lostVariables = ["sudo": ["DD_SERVICE"]]
    },
  ]

  private static let network = [
    Case("an address that a neighbour has is not stale", "RST010", "RST010", nil) { $0.host.silentNeighbours = [] },
    Case("a name that leads to an address without a neighbour", "RST010", "RST010", .problem) {
      $0.probes[0].url = "http://agent:8126"
      $0.processes[0].environment = ["DD_AGENT_HOST": "agent"]
    },
    Case("a public address is no container's", "RST010", "RST010", nil) {
      $0.probes[0].url = "http://203.0.113.9:8126"
      $0.host.silentNeighbours = ["203.0.113.9"]
    },
    Case("a first packet sent again proves the silence in another namespace", "RST011", "RST011", .problem) {
      $0.probes = []
      $0.processes[0].networkNamespace = "net:[1]"
    },
    Case("a connection on its way proves nothing", "RST011", "RST011", nil) {
      $0.probes = []
      $0.processes[0].connections[0].retransmits = 0
    },
    Case("an empty ARP entry tells more than silence", "RST010", "RST011", .problem) {
      $0.probes[0].outcome = .timedOut
      $0.processes[0].networkNamespace = $0.host.networkNamespace
    },
    Case("a name in DD_AGENT_HOST is no node's address", "RST012", "RST012", nil) {
      $0.processes[0].environment["DD_AGENT_HOST"] = "agent"
    },
  ]

  private static let programs = [
    Case("a TLS server on the port", "RST014", "RST014", .problem) {
      $0.probes[0] = ProbeEvidence(url: "http://127.0.0.1:8126", address: "127.0.0.1:8126", outcome: .notHTTP)
    },
    Case("a server that closes at once, known by name", "RST014", "RST014", .problem) {
      $0.probes[0].outcome = .closedAtOnce
      $0.probes[0].product = nil
    },
    Case("an unknown web server elsewhere", "RST014", "RST016", .problem) {
      $0.host.listeners = []
      $0.probes = [ProbeEvidence(url: "http://10.0.0.9:8126", address: "10.0.0.9:8126", outcome: .answered)]
      $0.probes[0].product = ProductEvidence(name: "unknown-http")
    },
    Case("a roost whose control socket may not be asked", "RST001-not", "RST014", nil) { $0.agent = nil },
    Case("Datadog's agent elsewhere is what was asked for", "RST015", "RST015", .note) {
      $0.host.listeners = []
      $0.probes[0].url = "http://10.0.0.9:8126"
      $0.probes[0].address = "10.0.0.9:8126"
    },
    Case("systemd's port is not foreign", "RST017", "RST014", nil) { _ in },
  ]

  private static let protocols = [
    Case("numbers that no machine has", "RST041", "RST041", .problem) {
      $0.processes[0].openFiles = .max
      $0.processes[0].openFilesMax = .max
      $0.processes[0].connections[0].count = .max
      $0.processes[0].connections.append($0.processes[0].connections[0])
    },
    Case("https to an address that was not tried proves nothing", "RST018", "RST018", nil) {
      $0.agent?.clientIssues = []
      $0.probes = []
    },
    Case("an OTLP exporter at roost's port", "healthy", "RST019", nil) {
      $0.processes[0].tracer = TracerEvidence(library: "opentelemetry")
      $0.processes[0].environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://localhost:8126"
    },
    Case("an OTLP exporter at roost's port, over gRPC", "healthy", "RST019", nil) {
      $0.processes[0].tracer = TracerEvidence(library: "opentelemetry")
      $0.processes[0].environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://localhost:8126"
      $0.processes[0].environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc"
    },
    Case("calls of gRPC long ago, when they could not be taken", "healthy", "RST019", .note) {
      $0.agent?.clientIssues = [ClientIssueEvidence(kind: "http2_preface", lastSeenSecondsAgo: 600)]
    },
    Case("TLS seen long ago may be mended", "healthy", "RST018", .note) {
      $0.agent?.clientIssues = [ClientIssueEvidence(kind: "tls_hello", lastSeenSecondsAgo: 600)]
    },
    Case("TLS seen just now, by whom is not known", "healthy", "RST018", .problem) {
      $0.agent?.clientIssues = [ClientIssueEvidence(kind: "tls_hello", lastSeenSecondsAgo: 5)]
    },
    Case("TLS of some client beside an app that was asked about", "healthy", "RST018", .warning) {
      $0.agent?.clientIssues = [ClientIssueEvidence(kind: "tls_hello", lastSeenSecondsAgo: 5)]
      $0.question.kind = "process"
    },
    Case("https:// asked for where plain HTTP is answered", "healthy", "RST018", .problem) {
      $0.question.kind = "url"
      $0.question.url = "https://127.0.0.1:8126"
      $0.processes = []
      $0.probes = [ProbeEvidence(url: "https://127.0.0.1:8126", address: "127.0.0.1:8126", outcome: .answered)]
    },
    Case("a payload that could not be decoded long ago", "healthy", "RST037", .note) {
      $0.agent?.clientIssues = [ClientIssueEvidence(kind: "undecodable", lastSeenSecondsAgo: 600)]
    },
    Case("an endpoint's path doubled by an address that has one", "healthy", "RST036", .problem) {
      $0.agent?.clientIssues = [
        ClientIssueEvidence(kind: "not_found", detail: "/v0.4/traces/v0.5/traces", client: "python 4.16.0")
      ]
    },
    Case("an OTLP endpoint at its own port", "healthy", "RST019", nil) {
      $0.processes[0].environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://localhost:4318"
    },
    Case("StatsD text on the port", "healthy", "RST020", .problem) {
      $0.agent?.clientIssues = [ClientIssueEvidence(kind: "statsd_text", count: 3)]
    },
  ]

  private static let sockets = [
    Case("a folder where the socket should be", "healthy", "RST025", .problem) {
      $0.processes[0].environment["DD_TRACE_AGENT_URL"] = "unix:///run/apm.socket"
      var folder = UnixSocketEvidence(path: "/run/apm.socket", seenByPid: 812)
      folder.exists = true
      folder.kind = "directory"
      $0.host.unixSockets = [folder]
    },
    Case("a path asked for at which nothing is", "healthy", "RST025", .problem) {
      $0.question.kind = "url"
      $0.question.url = "unix:///nope.sock"
      $0.host.unixSockets = [UnixSocketEvidence(path: "/nope.sock")]
    },
    Case("a tracer that does not look for sockets", "RST021", "RST021", nil) {
      $0.processes[0].tracer?.version = "0.38.0"
    },
    Case("a URL goes before the socket", "RST021", "RST021", nil) {
      $0.processes[0].environment["DD_TRACE_AGENT_URL"] = "http://localhost:8126"
    },
    Case("an empty variable does not count as set", "RST021", "RST021", .problem) {
      $0.processes[0].environment["DD_AGENT_HOST"] = ""
    },
    Case("a stale socket that nobody is known to use", "RST022", "RST022", .warning) {
      $0.processes = []
      $0.probes.append(
        ProbeEvidence(
          url: "unix:///var/run/datadog/apm.socket", address: "/var/run/datadog/apm.socket", outcome: .refused))
    },
    Case("a folder on the way that is closed", "RST023-not", "RST023", .problem) {
      $0.host.unixSockets[1].blockedFolder = "/var/run/datadog"
    },
    Case("root may write everywhere", "RST023", "RST023", nil) { $0.processes[0].uid = 0 },
    Case("a group of the process opens the socket", "RST023", "RST023", nil) {
      $0.host.unixSockets[1].mode = 0o720
      $0.host.unixSockets[1].ownerGID = 33
    },
    Case("an old file mounted in the container", "RST025-not", "RST025", .problem) {
      $0.host.unixSockets[1].inode = 7
      $0.host.unixSockets[1].isListening = false
    },
    Case("no socket anywhere", "RST025", "RST025", .problem) {
      $0.host.unixSockets.removeFirst()
      $0.processes[0].isInContainer = false
    },
    Case("a closed folder hides whether there is a socket", "RST025", "RST025", nil) {
      $0.host.unixSockets[1].blockedFolder = "/var/run/datadog"
    },
    Case("macOS takes four bytes less", "RST026-not", "RST026", .problem) { $0.host.system = "darwin" },
  ]

  /// A sender of traces for the service of the tracer in RST061.
  private static func sender(_ language: String, lastSeenSecondsAgo: Double) -> SenderEvidence {
    var sender = SenderEvidence(pid: 4_242)
    sender.service = "batch"
    sender.language = language
    sender.lastSeenSecondsAgo = lastSeenSecondsAgo
    return sender
  }

  private static let telemetry = [
    Case("a tracer that was heard of some minutes ago", "RST060", "RST060", .warning) {
      $0.agent?.tracerReports[0].lastSeenSecondsAgo = 290
    },
    Case("a tracer that was killed, and so did not say that it ends", "RST060", "RST060", nil) {
      $0.agent?.tracerReports[0].lastSeenSecondsAgo = 310
    },
    Case("a tracer that is off and was killed", "RST061", "RST061", nil) {
      $0.agent?.tracerReports[0].lastSeenSecondsAgo = 310
    },
    Case("traces of the service came before it was turned off", "RST061", "RST061", .warning) {
      $0.agent?.senders = [sender("python", lastSeenSecondsAgo: 9)]
    },
    Case("traces of the service come all the same", "RST061", "RST061", nil) {
      $0.agent?.senders = [sender("python", lastSeenSecondsAgo: 1)]
    },
    Case("traces of Java come, which telemetry calls jvm", "RST061", "RST061", nil) {
      $0.agent?.tracerReports[0].language = "jvm"
      $0.agent?.senders = [sender("java", lastSeenSecondsAgo: 1)]
    },
    Case("traces of .NET come, which telemetry calls dotnet", "RST061", "RST061", nil) {
      $0.agent?.tracerReports[0].language = "dotnet"
      $0.agent?.senders = [sender(".NET", lastSeenSecondsAgo: 1)]
    },
  ]
}
