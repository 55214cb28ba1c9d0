import Foundation
import Platform
import Testing

@testable import Launching

@Suite struct `The log of a run's agent` {
  @Test func `is made beside any number of others that were kept, and only its user can read it`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "roost-logs-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    var logs: [AgentLog] = []
    for _ in 0..<50 { logs.append(try #require(AgentLog(in: ["/nonexistent", folder.path]))) }
    #expect(Set(logs.map(\.path)).count == 50)
    #expect(logs[0].path == "\(folder.path)/roost-run-\(getpid()).log")
    for log in logs {
      let mode = try FileManager.default.attributesOfItem(atPath: log.path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      log.dispose(.remove)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
