import Foundation
import Platform
import Testing

@testable import Journal

/// A folder of a test, which is gone with it.
private final class Folder {
  let parent = FileManager.default.temporaryDirectory.appending(path: "roost-checkpoints-\(UUID().uuidString)").path
  var path: String { "\(parent)/statistics" }

  deinit { try? FileManager.default.removeItem(atPath: parent) }

  /// Names in the folder; `nil` when it is not there.
  var names: [String]? { try? FileManager.default.contentsOfDirectory(atPath: path).sorted() }

  var files: [String] { (names ?? []).filter { $0.hasSuffix(".journal") }.map { "\(path)/\($0)" } }
}

@Suite struct `Checkpoints on disk` {
  private let folder = Folder()

  private func checkpoints(identity: String = "1.0 abc", bytesMax: Int = 1 << 20, lines: LineLog) -> Checkpoints {
    Checkpoints(folder: folder.path, bytesMax: bytesMax, identity: identity) { lines.add($0) }
  }

  /// Lines for a log.
  private final class LineLog: Sendable {
    private let lines = Lock<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  /// What is found of an earlier agent: by the time that a file is about, its changes; under -1 what is of another one.
  private func found(identity: String = "1.0 abc", removing: Bool = false) throws -> [Int64: [String]] {
    let log = LineLog()
    let checkpoints = checkpoints(identity: identity, lines: log)
    let found = Lock<[Int64: [String]]>([:])
    checkpoints.recover { left in
      for one in left {
        var changes: [String] = []
        let read = try? one.forEachChange { changes.append(String(decoding: $0, as: UTF8.self)) }
        found.withLock { $0[read?.isForeign == true ? -1 : read?.startNs ?? -2] = changes }
      }
      if removing { checkpoints.remove(left) }
    }
    checkpoints.stop(deadline: .now + .seconds(20))
    #expect(log.all == [])
    return found.withLock { $0 }
  }

  private func append(_ changes: [String], to file: UInt64, at startNs: Int64, _ checkpoints: Checkpoints) {
    for change in changes { checkpoints.append(Array(change.utf8), to: file, startNs: startNs) }
  }

  @Test func `are found by the next agent until it has removed them, and then nothing is there`() throws {
    do {
      let log = LineLog()
      let checkpoints = checkpoints(lines: log)
      #expect(folder.names == nil)
      append(["a", "b"], to: 1, at: 10, checkpoints)
      append(["c"], to: 2, at: 20, checkpoints)
      checkpoints.stop(deadline: .now + .seconds(20))
      #expect(log.all == [])
    }
    for _ in 0..<2 { #expect(try found() == [10: ["a", "b"], 20: ["c"]]) }
    #expect(
      folder.files.allSatisfy {
        (try? FileManager.default.attributesOfItem(atPath: $0)[.posixPermissions]) as? Int == 0o600
      })
    #expect(try found(removing: true).count == 2)
    #expect(folder.names == nil)
    #expect(try found().isEmpty)
  }

  @Test func `are gone with what they are about, and leave no folder`() throws {
    let checkpoints = checkpoints(lines: LineLog())
    append(["a"], to: 1, at: 10, checkpoints)
    append(["b"], to: 2, at: 20, checkpoints)
    checkpoints.remove([1])
    checkpoints.remove([2])
    append(["c"], to: 3, at: 30, checkpoints)
    checkpoints.remove([3, 4])
    checkpoints.stop(deadline: .now + .seconds(20))
    #expect(folder.names == nil)
  }

  @Test func `are read without what was being written when the agent ended`() throws {
    do {
      let checkpoints = checkpoints(lines: LineLog())
      append(["first", "second"], to: 1, at: 10, checkpoints)
      checkpoints.stop(deadline: .now + .seconds(20))
    }
    let path = try #require(folder.files.first)
    let bytes = try Data(contentsOf: URL(filePath: path))
    try bytes.dropLast(10).write(to: URL(filePath: path))
    #expect(try found() == [10: ["first"]])
  }

  @Test func `of another build mean nothing`() throws {
    do {
      let checkpoints = checkpoints(lines: LineLog())
      append(["a"], to: 1, at: 10, checkpoints)
      checkpoints.stop(deadline: .now + .seconds(20))
    }
    #expect(try found(identity: "2.0 def") == [-1: []])
  }

  @Test func `take no more than they may, say so once, and go on when there is room`() throws {
    let log = LineLog()
    let checkpoints = checkpoints(bytesMax: 400, lines: log)
    append(["a"], to: 1, at: 10, checkpoints)
    append([String(repeating: "x", count: 400), String(repeating: "y", count: 400)], to: 2, at: 20, checkpoints)
    append(["b"], to: 1, at: 10, checkpoints)
    checkpoints.stop(deadline: .now + .seconds(20))
    #expect(log.all.count == 1 && checkpoints.takeFailure() && !checkpoints.takeFailure() && !checkpoints.isBusy)
    append(["refused, as it has stopped"], to: 1, at: 10, checkpoints)
    #expect(checkpoints.takeFailure() && !checkpoints.isBusy)
  }

  @Test func `leave a folder alone that another agent has`() throws {
    let lock = try FolderLock(folder: folder.path)
    let log = LineLog()
    let checkpoints = checkpoints(lines: log)
    append(["a"], to: 1, at: 10, checkpoints)
    checkpoints.stop(deadline: .now + .seconds(20))
    #expect(folder.files.isEmpty && log.all.first?.contains("another agent") == true)
    withExtendedLifetime(lock) {}
  }
}
