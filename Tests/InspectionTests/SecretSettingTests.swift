import Testing

@testable import Diagnosis
@testable import Inspection

@Suite("Secrets in settings")
struct SecretSettingTests {
  @Test(
    "A secret under a misspelt name is not shown, and its line is one to fill in",
    arguments: [
      ("DD_API_KY", "hunter2secret", "DD_API_KEY=YOUR_KEY"), ("DD_APY_KEY", "hunter2secret", "DD_API_KEY=YOUR_KEY"),
      (
        "DD_TRACE_AGENT_ULR", "http://bob:hunter2secret@agent:8126",
        "DD_TRACE_AGENT_URL=http://USER:PASSWORD@agent:8126"
      ),
      ("DD_AGENT_HOTS", "agent", "DD_AGENT_HOST=agent"),
    ])
  func secrets(_ name: String, _ value: String, _ fix: String) throws {
    var evidence = Evidence()
    evidence.processes = [ProcessEvidence(pid: 812)]
    evidence.processes[0].environment = VariablesOfInterest.selected(from: [name: value])
    let finding = try #require(DiagnosisTable.find("RST029")?.rule(evidence).first)
    #expect(
      finding.fix.count == 1 && finding.fix[0].hasPrefix("set \(fix) for the app and take \(name) out of its settings"))
    #expect(!"\(finding)".contains("hunter2"))
    let json = try evidence.json
    #expect(!json.contains("hunter2"))
  }

  @Test("No name that tracers know is taken for a misspelt secret")
  func knownNames() {
    let hidden = (TracerVariables.known + TracerVariables.legacy.map(\.name)).filter {
      VariablesOfInterest.selected(from: [$0: "shop"])[$0] == "…"
    }
    #expect(hidden == ["DD_API_KEY"])
  }
}
