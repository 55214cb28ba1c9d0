import Diagnosis
import Testing

@Suite("An examination")
struct ExaminationTests {
  private static func explanation(_ id: String) -> Explanation { Explanation(id: id, name: id, text: "") }

  static func diagnosis(
    _ id: String, _ severity: Severity = .problem, explains: [String] = [], pid: Int64? = nil,
    systems: Set<String> = ["linux", "darwin"]
  ) -> Diagnosis {
    Diagnosis(
      explanation(id), severity, systems: systems,
      rule: { _ in [Finding(id, severity, id, because: [], fix: [], explains: explains, pid: pid)] },
      passed: { _ in "all is well" })
  }

  @Test("What follows from a cause is folded under it")
  func folding() {
    let examination = Examination(
      Evidence(), table: [Self.diagnosis("A"), Self.diagnosis("B", explains: ["A"], pid: 1)])
    #expect(examination.findings.map(\.id) == ["B"])
    #expect(examination.consequences["B"]?.map(\.id) == ["A"])
  }

  @Test("A cause in one process does not hide what is wrong in another")
  func otherProcess() {
    let examination = Examination(
      Evidence(), table: [Self.diagnosis("A", pid: 2), Self.diagnosis("B", explains: ["A"], pid: 1)])
    #expect(examination.findings.map(\.id) == ["A", "B"])
    #expect(examination.consequences.isEmpty)
  }

  @Test("One about several processes is folded only when each of them is explained")
  func severalProcesses() {
    func shared(_ id: String, _ pids: Set<Int64>) -> Diagnosis {
      Diagnosis(
        Self.explanation(id), .problem, rule: { _ in [Finding(id, .problem, id, because: [], fix: [], pids: pids)] },
        passed: { _ in "" })
    }
    let one = Self.diagnosis("B", explains: ["A"], pid: 1)
    let two = Self.diagnosis("C", explains: ["A"], pid: 2)
    #expect(Examination(Evidence(), table: [shared("A", [1, 2]), one]).findings.map(\.id) == ["A", "B"])
    #expect(Examination(Evidence(), table: [shared("A", [1, 2]), one, two]).findings.map(\.id) == ["B", "C"])
  }

  @Test("What the log speaks of comes first, and is not folded under a process that runs here")
  func logFirst() {
    let line = LogEvidence(line: 3, text: "refused", language: "", pattern: "", meaning: "")
    let logged = Diagnosis(
      Self.explanation("A"), .problem,
      rule: { _ in [Finding("A", .problem, "A", because: [line.quote], fix: [])] }, passed: { _ in "" })
    let table = [Self.diagnosis("0"), logged, Self.diagnosis("B", explains: ["A"], pid: 1)]
    #expect(Examination(Evidence(), table: table).findings.map(\.id) == ["A", "0", "B"])
  }

  @Test("What only an agent could tell is not checked without one")
  func needsAgent() {
    let asking = Diagnosis(Self.explanation("A"), .note, needsAgent: true, rule: { _ in [] }, passed: { _ in "" })
    let alone = Examination(Evidence(), table: [asking])
    #expect(alone.checked == 0)
    #expect(alone.notChecked.map(\.id) == ["A"])
    var evidence = Evidence()
    evidence.agent = AgentEvidence()
    #expect(Examination(evidence, table: [asking]).checked == 1)
  }

  @Test("Of two that claim each other the first stays")
  func cycle() {
    let examination = Examination(
      Evidence(), table: [Self.diagnosis("A", explains: ["B"]), Self.diagnosis("B", explains: ["A"])])
    #expect(examination.findings.map(\.id) == ["A"])
    #expect(examination.consequences["A"]?.map(\.id) == ["B"])
  }

  @Test("The worst comes first, equals in the order of the table")
  func order() {
    let table = [
      Self.diagnosis("A", .note), Self.diagnosis("B"), Self.diagnosis("C", .warning), Self.diagnosis("D"),
    ]
    #expect(Examination(Evidence(), table: table).findings.map(\.id) == ["B", "D", "C", "A"])
  }

  @Test("What the system or the evidence does not offer is named with the reason")
  func notChecked() {
    var evidence = Evidence()
    evidence.host.system = "darwin"
    evidence.notChecked = [NotChecked(what: "environment of pid 812", why: "permission denied")]
    let examination = Examination(evidence, table: [Self.diagnosis("A", systems: ["linux"]), Self.diagnosis("B")])
    #expect(examination.checked == 1)
    #expect(examination.findings.map(\.id) == ["B"])
    #expect(examination.notChecked.map(\.id) == ["A", "environment of pid 812"])
    #expect(examination.notChecked.map(\.why) == ["only Linux shows what it needs", "permission denied"])
  }
}
