import Foundation
import Platform
import Testing

@testable import Journal

@Suite struct `The files of a journal` {
  /// A folder of a test, which is gone with it.
  private final class Folder: Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "roost-files-\(UUID().uuidString)").path

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
    var segments: [String] { names.filter { $0.hasSuffix(".journal") } }
    var spares: [String] { names.filter { $0.hasPrefix("spare-") } }

    var bytes: Int {
      names.reduce(0) { sum, name in
        sum + (((try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)"))?[.size] as? Int) ?? 0)
      }
    }

    /// How many of them this process has open.
    var openCount: Int {
      ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).filter { name in
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
        return target?.hasPrefix(path + "/0") == true
      }.count
    }
  }

  private let folder = Folder()

  /// Waits until something is so.
  private func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<20_000 where !condition() { poll(nil, 0, 1) }
    return condition()
  }

  /// Hands over a request and waits for its answer.
  private func add(_ name: String, bytes: Int = 0, at second: Int64 = 100, to journal: Journal) -> Bool? {
    let answer = Lock<Bool?>(nil)
    let body = Array(name.utf8) + [UInt8](repeating: 0x2e, count: bytes)
    body.withUnsafeBytes {
      journal.add(lane: 0, receivedNs: second, statisticsUntilNs: second + 10, description: [], body: $0) { told in
        answer.withLock { $0 = told }
      }
    }
    _ = eventually { answer.withLock { $0 } != nil }
    return answer.withLock { $0 }
  }

  private func finish(_ journal: Journal, statisticsUntilNs: Int64) {
    journal.finish(journal.cover(lane: 0))
    journal.finish(journal.coverStatistics(untilNs: statisticsUntilNs))
  }

  private func journal(
    bytesMax: Int = 1 << 30, _ calls: SegmentCalls = SegmentCalls(), quietPeriod: Duration = JournalCore.quietPeriod
  ) throws -> Journal {
    try Journal(folder: folder.path, bytesMax: bytesMax, threads: 1, calls, quietPeriod: quietPeriod) { _ in }
  }

  /// Fills a first segment of 17 MB that is needed no longer, and a second one that is.
  private func leaveFirst(_ journal: Journal) {
    #expect(add("a", bytes: 17 << 20, to: journal) == true)
    let first = journal.cover(lane: 0)
    #expect(add("b", at: 200, to: journal) == true && folder.segments.count == 2)
    journal.finish(first)
    journal.finish(journal.coverStatistics(untilNs: 110))
  }

  /// The same, when the first one is to be written over.
  private func withSpare(_ journal: Journal) {
    leaveFirst(journal)
    #expect(eventually { folder.spares == ["spare-1"] } && folder.segments.count == 1)
  }

  /// The first bytes of the requests that a later agent finds.
  private func found() throws -> [String] {
    let journal = try journal()
    defer { journal.stop(deadline: .now + .seconds(20)) }
    var names: [String] = []
    for run in journal.earlier.runs() {
      for segment in 0..<run.segmentCount {
        try run.forEachRequest(ofSegment: segment) { record, _ in
          names.append(String(decoding: record.body.prefix(1), as: UTF8.self))
          return true
        }
      }
    }
    return names
  }

  @Test func `take no more than they may, with those that are kept to be written over`() throws {
    let journal = try journal(bytesMax: 24 << 20)
    withSpare(journal)
    #expect(add("c", bytes: 10 << 20, at: 200, to: journal) == true)
    #expect(folder.spares == [] && folder.bytes <= 24 << 20)
    journal.stop(deadline: .now + .seconds(20))
    #expect(try found() == ["b", "c"])
  }

  @Test func `are given back that are kept to be written over, when nothing comes for a while`() throws {
    let names = Lock<[String]>([])
    var calls = SegmentCalls()
    let rename = calls.rename
    calls.rename = { from, to throws(SystemError) in
      names.withLock { $0.append(String(to.suffix(7))) }
      try rename(from, to)
    }
    let journal = try journal(calls, quietPeriod: .milliseconds(20))
    leaveFirst(journal)
    #expect(eventually { names.withLock { $0 } == ["spare-1"] && folder.spares == [] } && folder.segments.count == 1)
    journal.stop(deadline: .now + .seconds(20))
    #expect(try found() == ["b"])
  }

  @Test func `are given back that are kept to be written over, when the disk fails`() throws {
    let fails = Lock(false)
    let journal = try journal(.failing { fails.withLock { $0 } })
    withSpare(journal)
    fails.withLock { $0 = true }
    #expect(add("c", to: journal) == false && folder.spares == [])
    journal.stop(deadline: .now + .seconds(20))
  }

  @Test func `are left when the disk could not keep what was written to them, with what was safe before`() throws {
    let fails = Lock(false)
    let journal = try journal(.failing { fails.withLock { $0 } })
    #expect(add("a", to: journal) == true)
    fails.withLock { $0 = true }
    #expect(add("b", to: journal) == false)
    fails.withLock { $0 = false }
    #expect(eventually { journal.obstacle == nil })
    #expect(add("c", to: journal) == true)
    #expect(folder.segments.count == 2 && folder.segments.contains("000000000001.journal"))
    journal.stop(deadline: .now + .seconds(20))
    #expect(try found() == ["a", "c"])
  }

  @Test func `are not written over once the disk could not keep what was written to them`() throws {
    let fails = Lock(false)
    let renames = Lock(0)
    var calls = SegmentCalls.failing { fails.withLock { $0 } }
    let rename = calls.rename
    calls.rename = { from, to throws(SystemError) in
      renames.withLock { $0 += 1 }
      try rename(from, to)
    }
    let journal = try journal(calls)
    #expect(add("a", bytes: 5 << 20, to: journal) == true)
    fails.withLock { $0 = true }
    #expect(add("b", to: journal) == false)
    fails.withLock { $0 = false }
    #expect(eventually { journal.obstacle == nil })
    #expect(add("c", to: journal) == true)
    finish(journal, statisticsUntilNs: 110)
    #expect(eventually { folder.segments == [] })
    #expect(folder.spares == [] && renames.withLock { $0 } == 0)
    journal.stop(deadline: .now + .seconds(20))
  }

  @Test func `are gone where nothing in them was ever safe`() throws {
    let fails = Lock(true)
    let journal = try journal(.failing { fails.withLock { $0 } })
    // It tries once a second whether it can go on, for which it makes one.
    #expect(add("a", to: journal) == false && eventually { folder.segments == [] && journal.bytes == 0 })
    fails.withLock { $0 = false }
    #expect(eventually { journal.obstacle == nil })
    #expect(add("b", to: journal) == true)
    journal.stop(deadline: .now + .seconds(20))
    #expect(try found() == ["b"])
  }

  @Test(.enabled(if: access("/proc/self/fd", F_OK) == 0))
  func `are opened one at a time when an agent starts, however many there are`() throws {
    for name in ["a", "b", "c", "d"] {
      let journal = try journal()
      #expect(add(name, to: journal) == true)
      journal.stop(deadline: .now + .seconds(20))
    }
    let journal = try journal()
    defer { journal.stop(deadline: .now + .seconds(20)) }
    var most = 0
    let runs = journal.earlier.runs(isStopping: {
      most = max(most, folder.openCount)
      return false
    })
    #expect(runs.count == 4 && most == 1 && folder.openCount == 0)
  }

  @Test func `go where nothing was written to them, and stay where they have another form, which is said`() throws {
    let head = Array("roost journal 9\n".utf8) + [UInt8](repeating: 7, count: 100)
    let files: [(name: String, bytes: [UInt8])] = [
      ("000000000001.journal", []), ("000000000002.journal", [UInt8](repeating: 0, count: 70_000)),
      ("000000000003.journal", Array("roost jour".utf8)), ("000000000004.journal", head),
    ]
    try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
    for file in files { try Data(file.bytes).write(to: URL(filePath: "\(folder.path)/\(file.name)")) }
    #expect(Journal.isLeft(in: folder.path) && !Journal.hasReadable(in: folder.path))
    let journal = try journal()
    defer { journal.stop(deadline: .now + .seconds(20)) }
    var errors: [JournalError] = []
    #expect(journal.earlier.runs(report: { errors.append($0) }).isEmpty)
    #expect(errors == [.foreign(path: "\(folder.path)/000000000004.journal")])
    #expect(folder.segments == ["000000000004.journal"])
    #expect(add("a", to: journal) == true && folder.segments.count == 2)
    #expect(Journal.hasReadable(in: folder.path))
  }

  @Test func `of one another do not stand in each other's way`() throws {
    let journal = try journal()
    #expect(add("a", to: journal) == true)
    finish(journal, statisticsUntilNs: 110)
    #expect(eventually { folder.segments == [] })
    // Somebody's file where the next segment would be.
    for number in 2...3 { try Data([1]).write(to: URL(filePath: "\(folder.path)/00000000000\(number).journal")) }
    var answers: [Bool?] = []
    repeat { answers.append(add("b", to: journal)) } while answers.last == false && answers.count < 10
    #expect(answers.first == false && answers.last == true)
    journal.stop(deadline: .now + .seconds(20))
  }
}

extension SegmentCalls {
  /// Those of a disk that keeps nothing while it fails.
  fileprivate static func failing(_ fails: @escaping @Sendable () -> Bool) -> SegmentCalls {
    var calls = SegmentCalls()
    let sync = calls.sync
    calls.sync = { descriptor throws(SystemError) in
      if fails() { throw SystemError("fdatasync", EIO) }
      try sync(descriptor)
    }
    return calls
  }
}
