import Foundation
import Platform
import Synchronization
import Testing

@testable import Journal

/// A folder of a test, which is gone with it.
private final class Folder {
  let path = FileManager.default.temporaryDirectory.appending(path: "roost-journal-\(UUID().uuidString)").path

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var segments: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { $0.hasSuffix(".journal") }.sorted()
  }
}

/// What a journal has told of its requests.
private final class Answers: Sendable {
  private let told = Lock<[Bool]>([])

  func add(_ isDurable: Bool) { told.withLock { $0.append(isDurable) } }

  func wait(for count: Int) -> [Bool] {
    for _ in 0..<20_000 {
      let now = told.withLock { $0 }
      if now.count >= count { return now }
      poll(nil, 0, 1)
    }
    return told.withLock { $0 }
  }
}

@Suite struct `A journal of requests` {
  private let folder = Folder()

  private func journal(bytesMax: Int = 1 << 30, threads: Int = 2, _ lines: Answers = Answers()) throws -> Journal {
    try Journal(folder: folder.path, bytesMax: bytesMax, threads: threads) { _ in lines.add(false) }
  }

  /// Hands over a request whose body is its name.
  private func add(_ name: String, lane: Int = 0, at second: Int64 = 100, to journal: Journal, _ answers: Answers) {
    let body = Array(name.utf8)
    body.withUnsafeBytes {
      journal.add(
        lane: lane, receivedNs: second, statisticsUntilNs: second + 10, description: [1, 2, 3], body: $0
      ) { answers.add($0) }
    }
  }

  /// What a later agent finds: names of requests, and what they need.
  private func found() throws -> [(name: String, needs: EarlierRuns.Needs)] {
    let journal = try journal()
    defer { journal.stop(deadline: .now + .seconds(20)) }
    var found: [(String, EarlierRuns.Needs)] = []
    for run in journal.earlier.runs() {
      for segment in 0..<run.segmentCount {
        try run.forEachRequest(ofSegment: segment) { record, needs in
          #expect(record.description == [1, 2, 3])
          found.append((String(decoding: record.body, as: UTF8.self), needs))
          return true
        }
      }
    }
    return found
  }

  /// Ends a journal as a sudden end of its agent would: what it has not been told to forget is there.
  private func abandon(_ journal: Journal) { journal.stop(deadline: .now + .seconds(20)) }

  @Test func `answers when a request is on disk, and gives it to the next agent`() throws {
    let answers = Answers()
    let journal = try journal()
    add("a", to: journal, answers)
    add("b", lane: 1, to: journal, answers)
    #expect(answers.wait(for: 2) == [true, true])
    #expect(journal.counters.requests == 2 && journal.counters.commits <= 2)
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(folder.segments[0])")
    #expect((attributes[.posixPermissions] as? Int) == 0o600)
    abandon(journal)
    let found = try found()
    #expect(found.map(\.name) == ["a", "b"])
    #expect(found.allSatisfy { $0.needs == EarlierRuns.Needs(traces: true, statistics: true) })
  }

  @Test func `forgets what has left: first the traces, and all of it with the statistics`() throws {
    let answers = Answers()
    let journal = try journal()
    add("a", to: journal, answers)
    #expect(answers.wait(for: 1) == [true])
    let cover = journal.cover(lane: 0)
    add("b", to: journal, answers)
    #expect(answers.wait(for: 2).count == 2)
    journal.finish(cover)
    abandon(journal)
    var found = try found()
    #expect(found.map(\.name) == ["a", "b"])
    #expect(found.map(\.needs.traces) == [false, true] && found.allSatisfy { $0.needs.statistics })

    let next = try self.journal()
    add("c", to: next, answers)
    #expect(answers.wait(for: 3).count == 3)
    next.finish(next.cover(lane: 0))
    next.finish(next.coverStatistics(untilNs: 109))
    abandon(next)
    found = try self.found()
    #expect(found.map(\.name) == ["a", "b", "c"], "statistics of c may begin later")
    #expect(found[2].needs == EarlierRuns.Needs(traces: false, statistics: true))
  }

  @Test func `leaves no file when nothing is needed any more`() throws {
    let answers = Answers()
    let journal = try journal()
    for number in 0..<3 { add("\(number)", to: journal, answers) }
    #expect(answers.wait(for: 3).count == 3 && !folder.segments.isEmpty)
    journal.finish(journal.cover(lane: 0))
    journal.finish(journal.coverStatistics(untilNs: 110))
    journal.stop(deadline: .now + .seconds(20))
    #expect(folder.segments == [])
    #expect(try found().isEmpty)
  }

  @Test func `holds statistics back while a payload of them is on its way`() throws {
    let answers = Answers()
    let journal = try journal()
    add("a", to: journal, answers)
    #expect(answers.wait(for: 1).count == 1)
    let payload = journal.coverStatistics(untilNs: 0)
    journal.finish(journal.coverStatistics(untilNs: .max))
    journal.finish(journal.cover(lane: 0))
    abandon(journal)
    #expect(try found().map(\.needs) == [EarlierRuns.Needs(traces: false, statistics: true)])
    journal.finish(payload)
  }

  @Test func `reads on behind what was torn, and does not take it for a request`() throws {
    let answers = Answers()
    let journal = try journal()
    for name in ["a", "b", "c"] {
      add(name, to: journal, answers)
    }
    #expect(answers.wait(for: 3).count == 3)
    abandon(journal)
    let path = "\(folder.path)/\(folder.segments[0])"
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let second = JournalSegment.headBytes + JournalHead.byteCount + 4
    bytes[second + JournalHead.byteCount] ^= 0xff
    // The ending, and something of the last entry.
    bytes.removeLast(10)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    #expect(try found().map(\.name) == ["a"])
    let later = try self.journal()
    defer { later.stop(deadline: .now + .seconds(20)) }
    #expect(later.earlier.runs().map(\.damagedCount) == [1])
  }

  @Test func `takes nothing in a body for an entry of its own`() throws {
    let answers = Answers()
    let journal = try journal()
    let mark = JournalHead(.mark, lane: 0, sequence: .max).bytes(JournalSign.random())
    mark.withUnsafeBytes {
      journal.add(lane: 0, receivedNs: 1, statisticsUntilNs: 2, description: [1, 2, 3], body: $0) { answers.add($0) }
    }
    add("b", to: journal, answers)
    #expect(answers.wait(for: 2) == [true, true])
    abandon(journal)
    let path = "\(folder.path)/\(folder.segments[0])"
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    bytes[JournalSegment.headBytes + 12] ^= 0xff
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let found = try found()
    #expect(found.map(\.name) == ["b"] && found.allSatisfy { $0.needs.traces })
  }

  @Test func `keeps large requests between small ones as they are`() throws {
    let answers = Answers()
    let journal = try journal()
    let names = ["a", String(repeating: "b", count: 300_000), "c", String(repeating: "d", count: 70_000)]
    for name in names { add(name, to: journal, answers) }
    #expect(answers.wait(for: 4) == [true, true, true, true])
    abandon(journal)
    #expect(try found().map(\.name) == names)
  }

  @Test func `leaves what cannot be read now to a later agent`() throws {
    let answers = Answers()
    let journal = try journal()
    add("a", to: journal, answers)
    #expect(answers.wait(for: 1) == [true])
    abandon(journal)
    let path = "\(folder.path)/\(folder.segments[0])"
    let later = try self.journal()
    let run = try #require(later.earlier.runs().first)
    #expect(later.earlier.runs(isStopping: { true }).isEmpty)
    try FileManager.default.moveItem(atPath: path, toPath: path + "-away")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    #expect(throws: JournalError.self) { try run.forEachRequest(ofSegment: 0) { _, _ in true } }
    var errors = 0
    #expect(later.earlier.runs(report: { _ in errors += 1 }).isEmpty && errors == 1)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: path + "-away", toPath: path)
    later.stop(deadline: .now + .seconds(20))
    #expect(try found().map(\.name) == ["a"])
  }

  @Test(arguments: [0, 7, 8, 31, 32, 100])
  func `sees each bit that changes`(count: Int) {
    var bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    var sums: Set<UInt64> = [JournalChecksum.of(bytes[...])]
    for place in bytes.indices {
      bytes[place] ^= 0x10
      sums.insert(JournalChecksum.of(bytes[...]))
      bytes[place] ^= 0x10
    }
    #expect(sums.count == count + 1)
  }

  @Test func `marks again what it could not mark`() {
    var state = JournalState(threads: 1)
    let cover = state.begin(lane: 0, upTo: 1)
    let hasToMark = state.finish(cover)
    let batch = state.takeBatch()
    #expect(hasToMark && batch.byteCount == JournalHead.byteCount)
    state.lost(batch, "no room")
    #expect(state.takeBatch().byteCount == JournalHead.byteCount && state.takeBatch().byteCount == 0)
  }

  @Test func `counts bytes from when they come until they are lost, or not needed any more`() {
    var state = JournalState(threads: 1)
    func add() {
      _ = state.add(
        JournalHead(.request, lane: 0, sequence: 0, statisticsUntilNs: 100), description: [1, 2],
        body: UnsafeRawBufferPointer(start: nil, count: 0), large: nil, isLast: false, waiter: { _ in })
    }
    let bytes = JournalHead.byteCount + 2
    state.began(1, bytes: 7)
    add()
    #expect(state.bytes == bytes + 7)
    let lost = state.takePiece(after: .seconds(1)).piece
    #expect(state.bytes == bytes + 7, "it is being written")
    state.lost(lost, "no room")
    #expect(state.bytes == 7)
    add()
    state.wrote(state.takePiece(after: .seconds(1)).piece)
    #expect(state.bytes == bytes + 7)
    finish(&state, lane: 0, upTo: 2)
    finish(&state, lane: state.statisticsLane, upTo: 100)
    #expect(state.takeDone() == [1] && state.bytes == state.waiting.byteCount)
  }

  private func finish(_ state: inout JournalState, lane: Int, upTo: UInt64) {
    _ = state.finish(state.begin(lane: lane, upTo: upTo))
  }

  @Test func `does not wait for a time that a clock has gone back from`() {
    var state = JournalState(threads: 1)
    state.began(1, bytes: 0)
    _ = state.add(
      JournalHead(.request, lane: 0, sequence: 0, statisticsUntilNs: 1_000_000), description: [],
      body: UnsafeRawBufferPointer(start: nil, count: 0), large: nil, isLast: false, waiter: { _ in })
    state.wrote(state.takePiece(after: .seconds(1)).piece)
    finish(&state, lane: 0, upTo: 1)
    finish(&state, lane: state.statisticsLane, upTo: 100)
    #expect(state.takeDone() == [])
    state.limitStatistics(untilNs: 110)
    #expect(state.takeDone() == [])
    finish(&state, lane: state.statisticsLane, upTo: 110)
    #expect(state.takeDone() == [1])
  }

  @Test func `keeps room for what comes next, and gives it back`() {
    var state = JournalState(threads: 1)
    #expect(!state.hasRoom)
    _ = state.add(
      JournalHead(.request, lane: 0, sequence: 0), description: [UInt8](repeating: 1, count: 10_000),
      body: UnsafeRawBufferPointer(start: nil, count: 0), large: nil, isLast: false, waiter: { _ in })
    var piece = state.takePiece(after: .seconds(1)).piece
    var room = piece.takeRoom()
    state.recycle(&room)
    #expect(state.hasRoom)
    state.giveRoomBack()
    #expect(!state.hasRoom)
  }

  @Test func `waits for others that share its wait for the disk, and not where many wait and nobody is there to come`()
  {
    var state = JournalState(threads: 1)
    func add(isLast: Bool = false) -> Bool {
      state.add(
        JournalHead(.request, lane: 0, sequence: 0), description: [],
        body: UnsafeRawBufferPointer(start: nil, count: 0), large: nil, isLast: isLast, waiter: { _ in })
    }
    #expect(add(isLast: true), "the first wakes the thread")
    for _ in 2..<Journal.manyRequests {
      #expect(!add(isLast: true))
      #expect(state.gathering == Journal.gatheringOfAll)
    }
    #expect(!add())
    #expect(state.gathering == Journal.gathering)
    #expect(add(isLast: true), "the thread need not wait any more")
    #expect(state.gathering == nil)
    let whole = state.takePiece(after: .zero)
    #expect(whole.piece.waiters.count == Journal.manyRequests + 1 && whole.endsGroup && !whole.isLast)
    #expect(state.gathering == Journal.gathering)
  }

  @Test func `writes much in pieces, which wait for the disk together`() {
    var state = JournalState(threads: 1)
    let body = [UInt8](repeating: 1, count: 60_000)
    func add() -> Bool {
      body.withUnsafeBytes {
        state.add(
          JournalHead(.request, lane: 0, sequence: 0), description: [], body: $0, large: nil, isLast: false,
          waiter: { _ in })
      }
    }
    let wakes = (1...5).map { _ in add() }
    #expect(wakes == [true, false, false, false, true] && state.gathering == nil)
    let first = state.takePiece(after: .milliseconds(10))
    #expect(first.piece.waiters.count == 5 && !first.endsGroup)
    let more = (6...8).map { _ in add() }
    #expect(more == [false, false, false] && state.gathering == Journal.gathering)
    let second = state.takePiece(after: Journal.gathering)
    #expect(second.piece.waiters.count == 3 && second.endsGroup)
    let next = add()
    #expect(next && state.gathering == Journal.gathering)
  }

  @Test func `takes no more than it may hold, until something has left`() throws {
    let answers = Answers()
    let journal = try journal(bytesMax: 200)
    #expect(journal.obstacle == nil)
    add(String(repeating: "x", count: 200), to: journal, answers)
    #expect(answers.wait(for: 1) == [true])
    #expect(journal.obstacle?.contains("still needed") == true)
    journal.finish(journal.cover(lane: 0))
    journal.finish(journal.coverStatistics(untilNs: 110))
    for _ in 0..<20_000 where journal.obstacle != nil { poll(nil, 0, 1) }
    #expect(journal.obstacle == nil)
    journal.stop(deadline: .now + .seconds(20))
  }

  @Test func `says no, once in the log, while the disk cannot be written, and goes on when it can`() throws {
    let (answers, lines) = (Answers(), Answers())
    let journal = try journal(lines)
    let away = folder.path + "-away"
    try FileManager.default.moveItem(atPath: folder.path, toPath: away)
    add("a", to: journal, answers)
    #expect(answers.wait(for: 1) == [false])
    #expect(journal.obstacle != nil && journal.counters.unconfirmed == 1)
    try FileManager.default.moveItem(atPath: away, toPath: folder.path)
    for _ in 0..<20_000 where journal.obstacle != nil { poll(nil, 0, 1) }
    #expect(journal.obstacle == nil)
    add("b", to: journal, answers)
    #expect(answers.wait(for: 2) == [false, true])
    #expect(lines.wait(for: 2).count == 2)
    journal.stop(deadline: .now + .seconds(20))
    #expect(try found().map(\.name) == ["b"])
  }

  @Test func `has its folder to itself`() throws {
    let journal = try journal()
    defer { journal.stop(deadline: .now + .seconds(20)) }
    #expect(throws: JournalError.inUse(path: folder.path)) { try self.journal() }
  }

  @Test func `is taken over once: what was marked as sent is not found again`() throws {
    let answers = Answers()
    let journal = try journal()
    for lane in 0..<2 { add("lane \(lane)", lane: lane, to: journal, answers) }
    #expect(answers.wait(for: 2).count == 2)
    abandon(journal)
    let second = try self.journal()
    var run = try #require(second.earlier.runs().first)
    run.mark([0: 1])
    abandon(second)
    #expect(try found().map(\.needs.traces) == [false, true])
    let third = try self.journal()
    for run in third.earlier.runs() { run.remove() }
    abandon(third)
    #expect(folder.segments == [])
  }
}
