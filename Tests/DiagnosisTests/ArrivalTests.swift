import Diagnosis
import Terminal
import Testing

@Suite("What the agent has received is right")
struct ArrivalTests {
  private static func sender(_ pid: Int64, firstSeen: Double = 40, lastSeen: Double = 2) -> SenderEvidence {
    var sender = SenderEvidence(pid: pid)
    sender.service = "shop"
    sender.traces = 12
    sender.firstSeenSecondsAgo = firstSeen
    sender.lastSeenSecondsAgo = lastSeen
    return sender
  }

  private static func evidence(_ fixture: String, lastSeen: Double = 2) throws -> Evidence {
    var evidence = try DiagnosisTests.evidence(fixture)
    if evidence.agent == nil { evidence.agent = AgentEvidence() }
    evidence.agent?.senders = evidence.processes.map {
      sender($0.pid, firstSeen: max(40, lastSeen), lastSeen: lastSeen)
    }
    return evidence
  }

  static let keepingAway = DiagnosisTable.all.filter(\.keepsTracesAway).map(\.id)

  /// What they find is about a port of the machine, or about clients whose numbers the agent does not know.
  private static let ofNoProcess: Set = ["RST003", "RST006", "RST007", "RST014", "RST015", "RST016", "RST019"]

  @Test("No process from which traces come is said to be cut off, whatever the rule", arguments: keepingAway)
  func disproved(_ id: String) throws {
    let examination = Examination(try Self.evidence(id))
    let denied = DiagnosisTests.findings(examination).filter { $0.id == id && !$0.pids.isEmpty }
    #expect(denied.isEmpty == Self.ofNoProcess.contains(id))
    for finding in denied {
      #expect(finding.severity < .problem, "\(finding)")
      if finding.severity == .note {
        #expect(finding.because.contains { $0.contains("12 traces of shop, the last 2 s ago") }, "\(finding)")
      }
    }
  }

  @Test(
    "Traces of long ago disprove what a process was started with, and not what may have changed since",
    arguments: [
      ("RST031", Severity.note), ("RST028", .note), ("RST033", .note), ("RST004", .note), ("RST009", .note),
      ("RST024", .note), ("RST035", .note), ("RST011", .warning), ("RST008", .warning),
    ])
  func age(_ id: String, _ severity: Severity) throws {
    let examination = Examination(try Self.evidence(id, lastSeen: 1200))
    let finding = try #require(DiagnosisTests.findings(examination).first { $0.id == id })
    #expect(finding.severity == severity, "\(finding)")
    #expect(finding.isArrivalUncertain == (severity == .warning))
    #expect(finding.because.contains { $0.contains("12 traces of shop, the last 20 min ago") }, "\(finding)")
  }

  @Test(
    "Where the agent forgot senders it is not known whether a process's traces came, unless it is younger",
    arguments: [(300.0, Severity.warning), (60, .problem)])
  func forgotten(_ ageSeconds: Double, _ severity: Severity) throws {
    var evidence = try Self.evidence("RST031")
    evidence.question.kind = "process"
    evidence.processes[0].ageSeconds = ageSeconds
    evidence.agent?.senders = []
    evidence.agent?.forgottenSendersSecondsAgo = 120
    let examination = Examination(evidence)
    let finding = try #require(examination.findings.first)
    #expect(finding.severity == severity)
    #expect(finding.title.contains("whether traces of pid 812 arrive is not known") == (severity == .warning))
    let verdict = DoctorReport(examination, evidence).verdict
    #expect(verdict.hasPrefix("Not certain, see the warning: ") == (severity == .warning), "\(verdict)")
    #expect(verdict.contains("whether a trace of pid 812 has arrived is not known") == (severity == .warning))
  }

  @Test(
    "Of two containers of one image neither is acquitted by what the other may have sent",
    arguments: [
      ("another image", "ruby", [] as [Int64], Severity.note), ("the same image", "python", [], .problem),
      ("its own worker", "python", [900], .note),
    ])
  func replicas(_ name: String, _ language: String, _ descendants: [Int64], _ severity: Severity) throws {
    var evidence = try Self.evidence("RST031")
    evidence.processes[0].innerPids = [1]
    evidence.processes[0].descendants = descendants
    var other = evidence.processes[0]
    other.pid = 900
    other.language = language
    other.descendants = []
    evidence.processes.append(other)
    var sender = Self.sender(1)
    sender.language = "python"
    sender.tracerVersion = "4.16.0"
    evidence.agent?.senders = [sender]
    let findings = DiagnosisTests.findings(Examination(evidence))
    let finding = try #require(findings.first { $0.id == "RST031" && $0.pids.contains(812) })
    #expect(finding.severity == severity, "\(name)")
    #expect(finding.because.contains { $0.contains("another process of the same number") } == (severity == .problem))
  }

  /// What tells two containers of one image apart, and what becomes of a finding about pid 812.
  struct Replica: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let severity: Severity
    /// Changes pid 812, its replica, and the one sender.
    let change: @Sendable (inout ProcessEvidence, inout ProcessEvidence, inout SenderEvidence) -> Void
  }

  private static let ids = ["ab", "cd"].map { String(repeating: $0, count: 32) }

  @Test(
    "A process that was asked for is acquitted by its own container's traces, and not by those of a replica",
    arguments: [
      Replica(testDescription: "nothing tells them apart", severity: .problem) { _, _, _ in },
      Replica(testDescription: "its own id", severity: .note) { process, other, sender in
        (process.containerIDs, other.containerIDs) = ([ids[0], "in-1"], [ids[1], "in-2"])
        sender.containerID = ids[0]
      },
      Replica(testDescription: "the other's id", severity: .problem) { process, other, sender in
        (process.containerIDs, other.containerIDs) = ([ids[0]], [ids[1]])
        sender.containerID = ids[1]
      },
      Replica(testDescription: "its own inode", severity: .note) { process, other, sender in
        (process.containerIDs, other.containerIDs) = ([ids[0], "in-1"], [ids[1], "in-2"])
        sender.containerID = "in-1"
      },
      Replica(testDescription: "an id, where only inodes are seen", severity: .problem) { process, other, sender in
        (process.containerIDs, other.containerIDs) = (["in-1"], ["in-2"])
        sender.containerID = ids[0]
      },
      Replica(testDescription: "its own address", severity: .note) { process, other, sender in
        (process.ownAddresses, other.ownAddresses) = (["172.17.0.2"], ["172.17.0.3"])
        sender.address = "172.17.0.2"
      },
      Replica(testDescription: "the other's address", severity: .problem) { process, other, sender in
        (process.ownAddresses, other.ownAddresses) = (["172.17.0.2"], ["172.17.0.3"])
        sender.address = "172.17.0.3"
      },
      Replica(testDescription: "one address for both, as in a pod", severity: .problem) { process, other, sender in
        (process.ownAddresses, other.ownAddresses) = (["172.17.0.2"], ["172.17.0.2"])
        sender.address = "172.17.0.2"
      },
      Replica(testDescription: "this machine's address, as by a published port", severity: .problem) {
        process, other, sender in
        (process.ownAddresses, other.ownAddresses) = (["172.17.0.2"], ["172.17.0.3"])
        sender.address = "172.17.0.1"
      },
      Replica(testDescription: "the replica is of another service", severity: .note) { _, other, _ in
        other.environment["DD_SERVICE"] = "billing"
      },
      Replica(testDescription: "the replica is younger than the traces", severity: .note) { _, other, _ in
        other.ageSeconds = 0.2
      },
    ])
  func namesakes(_ replica: Replica) throws {
    var evidence = try Self.evidence("RST031")
    evidence.host.bridgeAddresses = ["docker0": "172.17.0.1"]
    evidence.processes[0].innerPids = [1]
    evidence.processes[0].networkNamespace = "net:[2]"
    var other = evidence.processes[0]
    other.pid = 900
    other.tracer = nil
    other.networkNamespace = "net:[3]"
    var sender = Self.sender(1)
    sender.language = "python"
    sender.tracerVersion = "4.16.0"
    replica.change(&evidence.processes[0], &other, &sender)
    evidence.namesakes = [other]
    evidence.agent?.senders = [sender]
    let findings = DiagnosisTests.findings(Examination(evidence))
    let finding = try #require(findings.first { $0.id == "RST031" })
    #expect(finding.severity == replica.severity, "\(finding)")
  }

  @Test("A number of this machine that a sender elsewhere has too acquits nobody here")
  func elsewhere() throws {
    var evidence = try Self.evidence("RST031")
    evidence.host.networkNamespace = "net:[1]"
    evidence.processes[0].networkNamespace = "net:[1]"
    evidence.host.ownAddresses = ["192.168.1.5"]
    for (address, severity) in [("10.0.0.7", Severity.problem), ("192.168.1.5", .note), ("", .note)] {
      evidence.agent?.senders[0].address = address
      let findings = DiagnosisTests.findings(Examination(evidence))
      #expect(findings.first { $0.id == "RST031" }?.severity == severity, "\(address)")
    }
  }

  @Test("A disproved finding explains no other, and the verdict is good")
  func verdict() throws {
    let evidence = try Self.evidence("RST031")
    let examination = Examination(evidence)
    let finding = try #require(examination.findings.first)
    #expect(finding.title.hasPrefix("Looks wrong, but traces of pid 812 arrive: Tracing is turned off"))
    #expect(finding.explains == [])
    #expect(DoctorReport(examination, evidence).verdict.hasPrefix("Good to go: "))
  }

  /// How the sender differs from pid 812, and whether it proves anything for it.
  struct Kin: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let proves: Bool
    let change: @Sendable (inout ProcessEvidence, inout SenderEvidence) -> Void
  }

  @Test(
    "Traces count for who sent them and for its ancestors, since they started",
    arguments: [
      Kin(testDescription: "a worker sends for its server", proves: true) {
        $0.descendants = [820, 821]
        $1.pid = 821
      },
      Kin(testDescription: "a container's number that is a worker's here", proves: false) {
        $0.descendants = [820, 821]
        $1.pid = 821
        $1.language = "ruby"
      },
      Kin(testDescription: "a stranger", proves: false) { $1.pid = 821 },
      Kin(testDescription: "a number that another had before", proves: false) { process, _ in process.ageSeconds = 0.5
      },
      Kin(testDescription: "another language of that number", proves: false) { $1.language = "ruby" },
      Kin(testDescription: "another release of that number", proves: false) { $1.tracerVersion = "2.21.0" },
      Kin(testDescription: "nothing but the number is known", proves: true) { process, _ in process.tracer?.version = ""
      },
      Kin(testDescription: "a container's own number, all agrees", proves: true) {
        $0.innerPids = [1, 7]
        $1.pid = 7
        $1.language = "python"
        $1.tracerVersion = "4.16.0"
      },
      Kin(testDescription: "a container's own number, another service", proves: false) {
        $0.innerPids = [1, 7]
        $1.pid = 7
        $1.language = "python"
        $1.service = "billing"
      },
      Kin(testDescription: "a sender without a number", proves: false) { $1.pid = 0 },
    ])
  func kin(_ kin: Kin) throws {
    var evidence = try Self.evidence("RST031")
    var sender = Self.sender(812)
    kin.change(&evidence.processes[0], &sender)
    evidence.agent?.senders = [sender]
    #expect((evidence.arrival(from: 812) != nil) == kin.proves)
    #expect(Examination(evidence).findings.first?.severity == (kin.proves ? .note : .problem))
  }

  /// Pid 812 sends since 4 s; what is left of the 404s of its predecessor.
  @Test(
    "What a successor disproves is a note",
    arguments: [
      ("the successor sends and nobody else is there", 8.0, 4.0, [] as [Int64], Severity.note),
      ("it was seen a moment ago", 1.0, 0.5, [], .problem),
      ("only one that sent all along", 8.0, 40.0, [], .problem),
      ("one that never sent is still there", 8.0, 4.0, [900], .problem),
    ])
  func successor(_ name: String, _ issueAgo: Double, _ firstSeen: Double, _ others: [Int64], _ severity: Severity)
    throws
  {
    var evidence = try DiagnosisTests.evidence("healthy")
    evidence.agent?.clientIssues = [
      ClientIssueEvidence(
        kind: "not_found", detail: "/v0.4/traces/v0.5/traces", client: "python 4.16.0", lastSeenSecondsAgo: issueAgo)
    ]
    evidence.processes[0].ageSeconds = firstSeen + 1
    evidence.agent?.senders[0].firstSeenSecondsAgo = firstSeen
    evidence.agent?.senders[0].lastSeenSecondsAgo = 0.2
    for pid in others {
      var other = evidence.processes[0]
      other.pid = pid
      other.ageSeconds = 300
      evidence.processes.append(other)
    }
    let finding = try #require(DiagnosisTable.find("RST036")?.rule(evidence).first)
    #expect(finding.severity == severity, "\(name)")
  }

  @Test("Payloads that were refused may be again, by whoever was there")
  func refusedPayloads() throws {
    var evidence = try DiagnosisTests.evidence("healthy")
    evidence.agent?.clientIssues = [
      ClientIssueEvidence(kind: "too_large", client: "python 4.16.0", amount: 3e7, lastSeenSecondsAgo: 8)
    ]
    evidence.agent?.senders[0].firstSeenSecondsAgo = 5
    let rule = try #require(DiagnosisTable.find("RST038")).rule
    #expect(rule(evidence).first?.severity == .problem)
    evidence.processes[0].ageSeconds = 6
    #expect(rule(evidence).first?.severity == .note)
  }

  @Test(
    "The verdict about one app is about its traces",
    arguments: [
      (
        true,
        "Good to go: roost listens on 127.0.0.1:8126, [::1]:8126, pid 812 sent 12 traces of shop, the last 2 s ago."
      ),
      (false, "Good to go: roost listens on 127.0.0.1:8126, [::1]:8126, no trace of pid 812 has arrived yet."),
    ])
  func verdictOfOne(_ hasSent: Bool, _ expected: String) throws {
    var evidence = try DiagnosisTests.evidence("healthy")
    evidence.question.kind = "process"
    evidence.agent?.senders = hasSent ? [Self.sender(812)] : []
    #expect(DoctorReport(Examination(evidence), evidence).verdict == expected)
  }

  @Test("A client that asked and is still there has not ended, and others are not the app's business")
  func stillThere() throws {
    var evidence = try DiagnosisTests.evidence("healthy")
    let rule = try #require(DiagnosisTable.find("RST034")).rule
    evidence.agent?.clientIssues = [
      ClientIssueEvidence(kind: "client_vanished", detail: "after /info", client: "pid 812")
    ]
    #expect(rule(evidence).isEmpty)
    evidence.agent?.clientIssues[0].client = "pid 7"
    #expect(rule(evidence).first?.severity == .warning)
    evidence.question.kind = "process"
    #expect(rule(evidence).isEmpty)
  }
}
