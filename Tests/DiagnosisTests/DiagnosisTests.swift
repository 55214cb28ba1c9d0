import Diagnosis
import Foundation
import Terminal
import TestFixtures
import Testing

@Suite("Every diagnosis in both directions")
struct DiagnosisTests {
  static let ids = DiagnosisTable.all.map(\.id)

  static func evidence(_ name: String) throws -> Evidence {
    try Evidence(json: String(decoding: try Fixtures.bytes("doctor/\(name).json"), as: UTF8.self))
  }

  static func findings(_ examination: Examination) -> [Finding] {
    examination.findings + examination.consequences.values.flatMap { $0 }
  }

  @Test("It is the first finding where it applies, and reads as it was last accepted", arguments: ids)
  func applies(_ id: String) throws {
    let evidence = try Self.evidence(id)
    let examination = Examination(evidence)
    #expect(examination.findings.first?.id == id, "\(examination.findings.map(\.id))")
    let text = DoctorReport(examination, evidence).lines(Drawing(), verbose: false).map { $0 + "\n" }.joined()
    #expect(text == (try Golden.text("doctor/\(id).txt", accepting: text)))
  }

  @Test("It is silent where one thing is different", arguments: ids)
  func isSilent(_ id: String) throws {
    let examination = Examination(try Self.evidence("\(id)-not"))
    #expect(!Self.findings(examination).contains { $0.id == id })
  }

  @Test("It says nothing of a healthy machine", arguments: ids)
  func isSilentOnHealth(_ id: String) throws {
    let diagnosis = try #require(DiagnosisTable.find(id))
    #expect(diagnosis.rule(try Self.evidence("healthy")) == [])
  }

  @Test("Where it passed, it says what it found, and not the name of its fault", arguments: ids)
  func passed(_ id: String) throws {
    let diagnosis = try #require(DiagnosisTable.find(id))
    for name in ["healthy", "\(id)-not"] {
      let text = diagnosis.passed(try Self.evidence(name))
      #expect(!text.isEmpty && text.count < 200 && text != diagnosis.name, "\(text)")
      #expect(text.first?.isUppercase == false && !text.hasSuffix("."), "\(text)")
    }
    #expect(!diagnosis.passed(Evidence()).isEmpty)
  }

  @Test("It says nothing when nothing was seen", arguments: ids)
  func isSilentInTheDark(_ id: String) throws {
    let diagnosis = try #require(DiagnosisTable.find(id))
    #expect(diagnosis.rule(Evidence()) == [])
  }

  @Test("It concludes nothing from an environment that may not be read", arguments: ids)
  func respectsWhatIsUnreadable(_ id: String) throws {
    let diagnosis = try #require(DiagnosisTable.find(id))
    var evidence = try Self.evidence("healthy")
    for index in evidence.processes.indices {
      evidence.processes[index].isEnvironmentReadable = false
      evidence.processes[index].environment = [:]
    }
    #expect(diagnosis.rule(evidence) == [])
  }

  @Test("Its findings carry its own id, say why, and give something to paste", arguments: ids)
  func isWhole(_ id: String) throws {
    let diagnosis = try #require(DiagnosisTable.find(id))
    let findings = diagnosis.rule(try Self.evidence(id))
    #expect(!findings.isEmpty)
    for finding in findings {
      #expect(finding.id == id)
      #expect(!finding.title.isEmpty && !finding.because.isEmpty && !finding.fix.isEmpty)
      #expect(!finding.explains.contains(id))
    }
    let explanation = diagnosis.explanation
    #expect(!(explanation.lines + explanation.signs).isEmpty && explanation.text.count > 120)
    #expect(diagnosis.name.count < 100)
  }
}

@Suite("The table of diagnoses")
struct DiagnosisTableTests {
  @Test("Ids are in order, each once, and found in any case")
  func ids() {
    let ids = DiagnosisTable.all.map(\.id)
    #expect(ids == Set(ids).sorted())
    #expect(DiagnosisTable.find("rst001")?.id == "RST001")
    #expect(DiagnosisTable.find("RST999") == nil)
  }

  @Test("A machine on which all is well has no finding and a good verdict")
  func healthy() throws {
    let evidence = try DiagnosisTests.evidence("healthy")
    let examination = Examination(evidence)
    #expect(DiagnosisTests.findings(examination) == [])
    let lines = DoctorReport(examination, evidence).lines(Drawing(), verbose: true)
    #expect(lines.last?.hasPrefix("Good to go: roost listens on 127.0.0.1:8126, [::1]:8126, 12 traces") == true)
    #expect(lines.filter { $0.hasPrefix("✓ RST") }.count == DiagnosisTable.all.count)
  }

  @Test("Each diagnosis has its text in a file of its own, and no other texts lie there")
  func explanations() throws {
    let folder = Fixtures.folder.deletingLastPathComponent().appending(path: "Sources/Diagnosis/Explanations")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(files == DiagnosisTable.all.map { "\($0.id).swift" })
    for file in files {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      #expect(text.contains("id: \"\(file.prefix(6))\""), "\(file)")
    }
  }

  @Test("One more row is judged, counted, listed and explained without another change")
  func oneMore() {
    let text = Explanation(
      id: "RST999", name: "The moon is full", lines: ["howling"], signs: ["tides"], text: "Wait.\n\nThen wait.")
    let row = Diagnosis(
      text, .problem, keepsTracesAway: true,
      rule: { evidence in
        evidence.host.isWSL ? [Finding("RST999", .problem, "The moon is full", because: ["seen"], fix: ["wait"])] : []
      }, passed: { "a half moon over \($0.host.system)" })
    var evidence = Evidence()
    let table = DiagnosisTable.all + [row]
    let calm = DoctorReport(Examination(evidence, table: table), evidence, table: table)
    #expect(calm.lines(Drawing(), verbose: true).contains("✓ RST999  a half moon over linux"))
    evidence.host.isWSL = true
    let examination = Examination(evidence, table: table)
    #expect(examination.checked == DiagnosisTable.all.filter { !$0.needsAgent }.count + 1)
    let report = DoctorReport(examination, evidence, table: table)
    #expect(report.lines(Drawing(), verbose: false).contains("✗ RST999  The moon is full"))
    #expect(report.verdict == "1 problem — traces do not reach roost.")
    #expect(
      ExplainReport(row).lines(Drawing()) == [
        "RST999  The moon is full (problem)", "", "Wait.", "", "Then wait.", "", "What you may see", "  howling", "",
        "What you may notice", "  tides",
      ])
  }

  @Test("Every fixture belongs to a diagnosis")
  func noPartialTraces() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Fixtures.folder.appending(path: "doctor").path)
    let ids = Set(DiagnosisTable.all.map(\.id))
    for name in names where name.hasPrefix("RST") { #expect(ids.contains(String(name.prefix(6))), "\(name)") }
  }
}
