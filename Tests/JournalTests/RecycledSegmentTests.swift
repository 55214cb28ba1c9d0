import Foundation
import Platform
import Testing

@testable import Journal

@Suite struct `A journal's file that nobody needs any more` {
  /// A folder of a test, which is gone with it.
  private final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "roost-recycled-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
  }

  /// A request of which the tests know no more than this.
  private struct Request: Equatable {
    var lane = 0
    let sequence: UInt64
  }

  private let folder: Folder

  init() throws { folder = try Folder() }

  /// Requests whose bodies are their numbers, and as many bytes more.
  private func batch(_ requests: [Request], bytes: Int = 0) -> JournalState.Batch {
    var batch = JournalState.Batch(threads: 2)
    for request in requests {
      let body = Array("\(request.sequence)".utf8) + [UInt8](repeating: 0x2e, count: bytes)
      let sum = body.withUnsafeBytes { JournalChecksum.of(UnsafeRawBufferPointer(start: nil, count: 0), $0) }
      batch.append(
        JournalHead(
          .request, lane: request.lane, sequence: request.sequence, receivedNs: 1, statisticsUntilNs: 2,
          bodyBytes: body.count, restChecksum: sum))
      batch.append(body)
    }
    return batch
  }

  private func write(_ sequences: [UInt64], bytes: Int = 0, to writer: inout JournalWriter) throws {
    var batch = batch(sequences.map { Request(sequence: $0) }, bytes: bytes)
    try writer.write(&batch)
  }

  /// Entries 1 to 50, of 100 KB each.
  private func writeFirstLife(_ writer: inout JournalWriter) throws {
    _ = try writer.prepare { [] }
    try write(Array(1...50), bytes: 100_000, to: &writer)
  }

  private func runs() throws -> [EarlierRuns.Run] {
    EarlierRuns(in: folder.path, segments: try JournalFolder.segmentNumbers(in: folder.path)).runs()
  }

  /// Requests that a later agent finds, and how many places it could not read.
  private func found() throws -> (requests: [Request], damaged: Int) {
    let run = try #require(try runs().first)
    var requests: [Request] = []
    for segment in 0..<run.segmentCount {
      try run.forEachRequest(ofSegment: segment) { record, _ in
        requests.append(Request(lane: record.lane, sequence: record.sequence))
        return true
      }
    }
    return (requests, run.damagedCount)
  }

  private func expectFound(_ sequences: [UInt64], damaged: Int, at location: SourceLocation = #_sourceLocation) throws {
    let found = try found()
    #expect(found.requests.map(\.sequence) == sequences && found.damaged == damaged, sourceLocation: location)
  }

  private func change(_ name: String, at place: Int) throws {
    let url = URL(filePath: "\(folder.path)/\(name)")
    var bytes = [UInt8](try Data(contentsOf: url))
    bytes[place] ^= 0xff
    try Data(bytes).write(to: url)
  }

  @Test func `becomes a later segment, in which nothing of before is found`() throws {
    var writer = JournalWriter(folder: folder.path, nextNumber: 1)
    try writeFirstLife(&writer)
    try expectFound(Array(1...50), damaged: 0)
    writer.remove(1)
    #expect(folder.names == ["spare-1"])
    let begun = try writer.prepare { [] }
    #expect(begun?.number == 2 && folder.names == ["000000000002.journal"])
    #expect(try runs().first?.segmentCount == 1)
    try expectFound([], damaged: 0)
    try write([51, 52], to: &writer)
    try write([53], to: &writer)
    try expectFound([51, 52, 53], damaged: 0)
    let size = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(folder.names[0])")[.size] as? Int
    #expect((size ?? 0) > 5_000_000)
  }

  @Test func `has nothing of before either where something in it is damaged`() throws {
    var writer = JournalWriter(folder: folder.path, nextNumber: 1)
    try writeFirstLife(&writer)
    writer.remove(1)
    _ = try writer.prepare { [] }
    try write([51, 52], to: &writer)
    // The ending of what was written, as if it were being written over.
    try change(folder.names[0], at: JournalSegment.headBytes + 2 * (JournalHead.byteCount + 2))
    try expectFound([51, 52], damaged: 1)
    try change(folder.names[0], at: JournalSegment.headBytes)
    try expectFound([52], damaged: 2)
  }

  /// Numbers below and above those of the new life, of the same lane, another one or both.
  private static let earlierLives: [[Request]] = [
    (1...60).map { Request(sequence: $0) }, (1...60).reversed().map { Request(sequence: $0) },
    (201...260).map { Request(sequence: $0) }, (201...260).map { Request(lane: 1, sequence: $0) },
    (201...260).shuffled().map { Request(lane: Int($0 % 2), sequence: $0) },
  ]

  @Test(arguments: earlierLives.indices)
  func `has nothing of before behind a torn end, in whatever order that lies there`(_ life: Int) throws {
    var writer = JournalWriter(folder: folder.path, nextNumber: 1)
    _ = try writer.prepare { [] }
    // Entries of both lives are equally long: behind the two new ones the third of the old is broken, and others are whole.
    let padding = 100_000
    var old = batch(Self.earlierLives[life], bytes: padding - 3)
    try writer.write(&old)
    writer.remove(1)
    _ = try writer.prepare { [] }
    var new = batch([Request(sequence: 101), Request(sequence: 102)], bytes: padding - 3)
    try writer.write(&new)
    let end = JournalSegment.headBytes + new.byteCount
    try change(folder.names[0], at: end)
    try change(folder.names[0], at: end - 1)
    let found = try found()
    #expect(found.requests == [Request(sequence: 101)] && found.damaged == 1)
  }

  @Test func `that reads as zeros in its midst is read on behind them, and counted as damaged`() throws {
    var writer = JournalWriter(folder: folder.path, nextNumber: 1)
    _ = try writer.prepare { [] }
    try write(Array(1...9), to: &writer)
    let url = URL(filePath: "\(folder.path)/\(folder.names[0])")
    var bytes = [UInt8](try Data(contentsOf: url))
    let second = JournalSegment.headBytes + JournalHead.byteCount + 1
    for place in second..<second + 100 { bytes[place] = 0 }
    try Data(bytes).write(to: url)
    try expectFound([1, 4, 5, 6, 7, 8, 9], damaged: 1)
  }

  @Test func `takes marks of a later agent behind what was written in it`() throws {
    var writer = JournalWriter(folder: folder.path, nextNumber: 1)
    try writeFirstLife(&writer)
    writer.remove(1)
    _ = try writer.prepare { [] }
    try write([51, 52], to: &writer)
    var run = try #require(try runs().first)
    run.mark([0: 51])
    run.mark([0: 52])
    let again = try #require(try runs().first)
    var needs: [EarlierRuns.Needs] = []
    try again.forEachRequest(ofSegment: 0) { _, need in
      needs.append(need)
      return true
    }
    #expect(needs.map(\.traces) == [false, false] && again.damagedCount == 0)
  }

  @Test func `is kept only where it is large and few are, and goes with the journal`() throws {
    var writer = JournalWriter(folder: folder.path, nextNumber: 1)
    for number in 1...3 as ClosedRange<UInt64> {
      try writeFirstLife(&writer)
      // Another one is begun with the next call.
      if number < 3 { writer.leaveCurrent() }
    }
    for number in 1...3 as ClosedRange<UInt64> { writer.remove(number) }
    #expect(folder.names == ["spare-1", "spare-2"] && writer.spareBytes > 10_000_000)
    writer.giveBack(to: 6_000_000)
    #expect(folder.names == ["spare-2"], "the older one first, and no more than is asked for")
    writer.giveBack(to: 0)
    #expect(folder.names == [] && writer.spareBytes == 0)
    _ = try writer.prepare { [] }
    writer.remove(4)
    #expect(folder.names == [], "an empty one")
    try Data().write(to: URL(filePath: "\(folder.path)/spare-9"))
    #expect(Journal.isLeft(in: folder.path), "so that somebody removes it")
    let journal = try Journal(folder: folder.path, bytesMax: 1 << 20, threads: 1) { _ in }
    journal.stop(deadline: .now + .seconds(20))
    #expect(folder.names == ["lock"] && !Journal.isLeft(in: folder.path))
  }

  @Test func `counts as spare behind what is written in its later life, and is cut there when room is wanted`() throws {
    var writer = JournalWriter(folder: folder.path, nextNumber: 1)
    try writeFirstLife(&writer)
    writer.remove(1)
    let whole = writer.spareBytes
    _ = try writer.prepare { [] }
    try write([51], bytes: 1_000_000, to: &writer)
    #expect(whole - writer.spareBytes > 1_000_000 && writer.spareBytes > 3_000_000)
    writer.giveBack(to: 0)
    #expect(writer.spareBytes == 0)
    try write([52], to: &writer)
    try expectFound([51, 52], damaged: 0)
  }

  @Test func `leaves nothing in the way where its new name cannot be made durable`() throws {
    let fails = Lock(false)
    var calls = SegmentCalls()
    let syncNames = calls.syncNames
    calls.syncNames = { folder throws(SystemError) in
      if fails.withLock({ $0 }) { throw SystemError("open", EMFILE) }
      try syncNames(folder)
    }
    var writer = JournalWriter(folder: folder.path, nextNumber: 1, calls)
    try writeFirstLife(&writer)
    writer.remove(1)
    fails.withLock { $0 = true }
    #expect(throws: JournalError.self) { try writer.prepare { [] } }
    #expect(folder.names == [])
    fails.withLock { $0 = false }
    _ = try writer.prepare { [] }
    try write([51], to: &writer)
    #expect(folder.names.count == 1 && !folder.names[0].hasPrefix("spare"))
    try expectFound([51], damaged: 0)
  }

  @Test func `has its new head on disk before it has its new name`() throws {
    let order = Lock<[String]>([])
    var calls = SegmentCalls()
    let all = calls
    calls.write = { bytes, rest, descriptor, offset throws(SystemError) in
      order.withLock { $0.append("write") }
      try all.write(bytes, rest, descriptor, offset)
    }
    calls.sync = { descriptor throws(SystemError) in
      order.withLock { $0.append("sync") }
      try all.sync(descriptor)
    }
    calls.rename = { from, to throws(SystemError) in
      order.withLock { $0.append("rename") }
      try all.rename(from, to)
    }
    calls.syncNames = { folder throws(SystemError) in
      order.withLock { $0.append("names") }
      try all.syncNames(folder)
    }
    var writer = JournalWriter(folder: folder.path, nextNumber: 1, calls)
    try writeFirstLife(&writer)
    writer.remove(1)
    order.withLock { $0 = [] }
    _ = try writer.prepare { [] }
    // The last one is of the marks that it begins with.
    #expect(order.withLock { $0 } == ["write", "sync", "rename", "names", "write"])
  }

  @Test func `makes room where the disk is full, so that what comes is written all the same`() throws {
    let path = folder.path
    let fails = Lock(false)
    var calls = SegmentCalls()
    let write = calls.write
    calls.write = { bytes, rest, descriptor, offset throws(SystemError) in
      // As on a disk that is full as long as the spare file is there.
      if fails.withLock({ $0 }), access("\(path)/spare-1", F_OK) == 0 { throw SystemError("write", ENOSPC) }
      try write(bytes, rest, descriptor, offset)
    }
    var writer = JournalWriter(folder: path, nextNumber: 1, calls)
    try writeFirstLife(&writer)
    writer.leaveCurrent()
    _ = try writer.prepare { [] }
    writer.remove(1)
    #expect(folder.names == ["000000000002.journal", "spare-1"])
    fails.withLock { $0 = true }
    try self.write([51], to: &writer)
    #expect(folder.names == ["000000000002.journal"])
    try expectFound([51], damaged: 0)
  }
}
