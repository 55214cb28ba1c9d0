import Foundation
import TestFixtures
import Testing

@testable import Diagnosis

@Suite("docs/troubleshooting.md")
struct TroubleshootingDocumentTests {
  @Test("It says what the tables say")
  func isCurrent() throws {
    let file = Fixtures.folder.deletingLastPathComponent().appending(path: "docs/troubleshooting.md")
    let expected = try TroubleshootingDocument.markdown()
    if ProcessInfo.processInfo.environment["ROOST_ACCEPT"] == "1" {
      try expected.write(to: file, atomically: true, encoding: .utf8)
    }
    let isCurrent = (try? String(contentsOf: file, encoding: .utf8)) == expected
    #expect(
      isCurrent, "docs/troubleshooting.md is stale; write it anew: ROOST_ACCEPT=1 swift test --filter DiagnosisTests")
  }

  @Test(
    "It is found by the line that a person sees",
    arguments: [
      "cannot send services: [Errno 61] Connection refused", "failed to send, dropping",
      "connect ECONNREFUSED ::1:8126",
      "Internal error during HTTP transport request", "Error while sending", "cannot flush traces", "lost 1 traces",
      "An error occurred while sending", "Failed to connect to localhost port 8126: Connection refused",
      "Error sending traces to agent: Couldn't connect to server", "unsupported endpoint", "Errno 111",
      "413 Payload Too Large",
    ])
  func isSearchable(_ line: String) throws { #expect(try TroubleshootingDocument.markdown().contains(line)) }

  @Test("Each diagnosis has its section, with an example and a fix")
  func isWhole() throws {
    let text = try TroubleshootingDocument.markdown()
    for diagnosis in DiagnosisTable.all {
      let section = text.components(separatedBy: "### \(diagnosis.id) ").last ?? ""
      #expect(section.contains("\n  fix "), "\(diagnosis.id)")
    }
  }
}
