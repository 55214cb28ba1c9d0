import Foundation
import TestFixtures
import Testing

@testable import Configuration

@Suite struct ConfigurationDocumentTests {
  @Test func `docs/configuration.md says what the table of options says`() throws {
    let file = Fixtures.folder.deletingLastPathComponent().appending(path: "docs/configuration.md")
    let expected = ConfigurationDocument.markdown()
    if ProcessInfo.processInfo.environment["ROOST_ACCEPT"] == "1" {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try expected.write(to: file, atomically: true, encoding: .utf8)
    }
    let found = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    let isCurrent = found == expected
    #expect(
      isCurrent, "docs/configuration.md is stale; write it anew: ROOST_ACCEPT=1 swift test --filter ConfigurationTests")
  }
}
