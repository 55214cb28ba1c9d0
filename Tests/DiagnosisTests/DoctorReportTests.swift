import Diagnosis
import Foundation
import JSON
import Terminal
import TestFixtures
import Testing

@Suite("The doctor's report")
struct DoctorReportTests {
  static func report(_ fixture: String, _ change: (inout Evidence) -> Void = { _ in }) throws -> DoctorReport {
    var evidence = try DiagnosisTests.evidence(fixture)
    change(&evidence)
    return DoctorReport(Examination(evidence, table: table), evidence, table: table)
  }

  /// Diagnoses from elsewhere in the table do not change these texts.
  static let table = DiagnosisTable.all.filter { $0.id <= "RST026" }

  static func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

  @Test("Texts and documents read as they were last accepted")
  func golden() throws {
    let folded = try Self.report("RST004")
    let blind = try Self.report("healthy") {
      $0.notChecked = (1...5).map { NotChecked(what: "environment of pid 81\($0)", why: "permission denied") }
    }
    let mac = try Self.report("RST001") { $0.host.system = "darwin" }
    let diagnosis = try #require(DiagnosisTable.find("RST021"))
    let explained = ExplainReport(diagnosis)
    let texts = [
      ("report-verbose.txt", Self.text(folded.lines(Drawing(), verbose: true))),
      ("report-color.txt", Self.text(folded.lines(Drawing(colors: true), verbose: false))),
      ("report.json", DoctorDocument(folded.examination).document.text + "\n"),
      ("report-healthy.txt", Self.text(try Self.report("healthy").lines(Drawing(), verbose: false))),
      ("report-healthy.json", DoctorDocument(try Self.report("healthy").examination).document.text + "\n"),
      ("report-blind.txt", Self.text(blind.lines(Drawing(), verbose: false))),
      ("report-mac.txt", Self.text(mac.lines(Drawing(), verbose: true))),
      ("explain.txt", Self.text(explained.lines(Drawing()))),
      ("explain-40.txt", Self.text(explained.lines(Drawing(width: 40)))),
      ("explain.json", ExplainDocument(diagnosis).document.text + "\n"),
    ]
    for (file, text) in texts { #expect(text == (try Golden.text("doctor/\(file)", accepting: text)), "\(file)") }
  }

  @Test("The document has exactly the members that scripts were promised")
  func schema() throws {
    let text = DoctorDocument(try Self.report("RST004").examination).document.text
    let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(Set(document.keys) == ["schema", "findings", "checked", "not_checked"])
    #expect(document["schema"] as? String == "roost.doctor.v1")
    let finding = try #require((document["findings"] as? [[String: Any]])?.first)
    #expect(Set(finding.keys) == ["id", "severity", "title", "because", "fix"])
  }

  @Test(
    "The verdict counts, and says whose traces do not arrive",
    arguments: [
      ("healthy", "Good to go: roost listens on 127.0.0.1:8126, [::1]:8126, 12 traces have arrived."),
      ("RST021", "1 problem — traces from pid 812 do not reach roost."),
      ("RST014", "1 problem — traces do not reach roost."),
      ("RST017", "Good to go: no cause was found that keeps traces away."),
    ])
  func verdict(_ fixture: String, _ expected: String) throws {
    let report = try Self.report(fixture)
    #expect(report.verdict == expected)
    #expect(report.lines(Drawing(), verbose: false).last == expected)
    #expect(report.lines(Drawing(), verbose: true).last == expected)
  }

  @Test("A problem that does not bar traces is not said to")
  func otherProblem() {
    let table = [ExaminationTests.diagnosis("RST047"), ExaminationTests.diagnosis("RST045", .warning)]
    let report = DoctorReport(Examination(Evidence(), table: table), Evidence(), table: table)
    #expect(report.verdict == "1 problem, 1 warning — start with the first: roost explain RST047")
  }

  @Test("No control character of a process's name or a log line reaches the terminal")
  func hostileText() throws {
    let report = try Self.report("RST001") {
      $0.processes[0].commandLine = ["python\u{1b}[2J", "a\nb"]
      $0.log[0].text = "\u{1b}]0;title\u{07}"
    }
    let text = Self.text(report.lines(Drawing(), verbose: true))
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    #expect(
      text.contains("in front of its command"), "a command that a shell would read otherwise is not offered for pasting"
    )
  }
}
