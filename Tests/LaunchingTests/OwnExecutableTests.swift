import Platform
import Testing

@testable import Launching

@Suite struct `This program` {
  @Test func `knows where it is`() throws {
    let path = try #require(OwnExecutable.path)
    #expect(access(path, X_OK) == 0)
    #expect(OwnExecutable.launchPath == path, "it was not replaced")
  }

  @Test func `gives its environment on, with changes in the place of what they change`() throws {
    let before = OwnExecutable.environment(changing: [:])
    let path = try #require(before.firstIndex { $0.starts(with: "PATH=".utf8) })
    let changes = ["PATH": "/new=1", "ROOST_TEST_ADDED": "1"]
    let after = OwnExecutable.environment(changing: changes)
    var kept = before
    kept.remove(at: path)
    #expect(after.count == before.count + 1)
    #expect(Array(after.prefix(kept.count)) == kept)
    #expect(Set(after.suffix(2)) == [Array("PATH=/new=1".utf8), Array("ROOST_TEST_ADDED=1".utf8)])
  }
}
