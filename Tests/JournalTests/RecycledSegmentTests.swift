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

  private let folder: Folder
  private let sign = JournalSign.random()

  init() throws { folder = try Folder() }

  /// An entry whose body is its number, and as many bytes more.
  private func entry(_ sequence: UInt64, bytes: Int = 0) -> [UInt8] {
    let body = Array("\(sequence)".utf8) + [UInt8](repeating: 0x2e, count: bytes)
    let sum = body.withUnsafeBytes { JournalChecksum.of(UnsafeRawBufferPointer(start: nil, count: 0), $0) }
    return JournalHead(
      .request, lane: 0, sequence: sequence, receivedNs: 1, statisticsUntilNs: 2, bodyBytes: body.count,
      restChecksum: sum
    ).bytes(sign) + body
  }

  /// Entries 1 to 50, of 100 KB each.
  private func writeFirstLife(_ writer: inout JournalWriter) throws {
    _ = try writer.prepare { [] }
    try writer.write((1...50).map { entry($0, bytes: 100_000) })
  }

  /// Numbers of requests that a later agent finds, and how many places it could not read.
  private func found() throws -> (numbers: [UInt64], damaged: Int) {
    let run = try #require(EarlierRuns(in: folder.path).runs().first)
    var numbers: [UInt64] = []
    for segment in 0..<run.segmentCount {
      try run.forEachRequest(ofSegment: segment) { record, _ in
        numbers.append(record.sequence)
        return true
      }
    }
    return (numbers, run.damagedCount)
  }

  private func change(_ name: String, at place: Int) throws {
    let url = URL(filePath: "\(folder.path)/\(name)")
    var bytes = [UInt8](try Data(contentsOf: url))
    bytes[place] ^= 0xff
    try Data(bytes).write(to: url)
  }

  @Test func `becomes a later segment, in which nothing of before is found`() throws {
    var writer = JournalWriter(folder: folder.path, nextNumber: 1, sign)
    try writeFirstLife(&writer)
    #expect(try found() == (Array(1...50), 0))
    writer.remove(1)
    #expect(folder.names == ["spare-1"])
    let begun = try writer.prepare { [] }
    #expect(begun?.number == 2 && folder.names == ["000000000002.journal"])
    #expect(EarlierRuns(in: folder.path).runs().first?.segmentCount == 1)
    #expect(try found() == ([], 0))
    try writer.write([entry(51), entry(52)])
    try writer.write([entry(53)])
    #expect(try found() == ([51, 52, 53], 0))
    let size = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(folder.names[0])")[.size] as? Int
    #expect((size ?? 0) > 5_000_000)
  }

  @Test func `has nothing of before either where something in it is damaged`() throws {
    var writer = JournalWriter(folder: folder.path, nextNumber: 1, sign)
    try writeFirstLife(&writer)
    writer.remove(1)
    _ = try writer.prepare { [] }
    try writer.write([entry(51), entry(52)])
    // The ending of what was written, as if it were being written over: the next entry that is sound is one of before.
    try change(folder.names[0], at: JournalSegment.headBytes + 2 * (JournalHead.byteCount + 2))
    #expect(try found() == ([51, 52], 1))
    try change(folder.names[0], at: JournalSegment.headBytes)
    #expect(try found() == ([52], 2))
  }

  @Test func `takes marks of a later agent behind what was written in it`() throws {
    var writer = JournalWriter(folder: folder.path, nextNumber: 1, sign)
    try writeFirstLife(&writer)
    writer.remove(1)
    _ = try writer.prepare { [] }
    try writer.write([entry(51), entry(52)])
    var run = try #require(EarlierRuns(in: folder.path).runs().first)
    run.mark([0: 51])
    run.mark([0: 52])
    let again = try #require(EarlierRuns(in: folder.path).runs().first)
    var needs: [EarlierRuns.Needs] = []
    try again.forEachRequest(ofSegment: 0) { _, need in
      needs.append(need)
      return true
    }
    #expect(needs.map(\.traces) == [false, false] && again.damagedCount == 0)
  }

  @Test func `is kept only where it is large and few are, and goes with the journal`() throws {
    var writer = JournalWriter(folder: folder.path, nextNumber: 1, sign)
    for number in 1...3 as ClosedRange<UInt64> {
      try writeFirstLife(&writer)
      // Another one is begun with the next call.
      if number < 3 { writer.leaveCurrent() }
    }
    for number in 1...3 as ClosedRange<UInt64> { writer.remove(number) }
    #expect(folder.names == ["spare-1", "spare-2"])
    writer.removeSpares()
    #expect(folder.names == [])
    _ = try writer.prepare { [] }
    writer.remove(4)
    #expect(folder.names == [], "an empty one")
    try Data().write(to: URL(filePath: "\(folder.path)/spare-9"))
    let journal = try Journal(folder: folder.path, bytesMax: 1 << 20, threads: 1) { _ in }
    journal.stop(deadline: .now + .seconds(20))
    #expect(folder.names == ["lock"])
  }

  @Test func `leaves nothing in the way where its new name cannot be made durable`() throws {
    var writer = JournalWriter(folder: folder.path, nextNumber: 1, sign)
    try writeFirstLife(&writer)
    writer.remove(1)
    let path = folder.path
    writer.syncNames = { _ throws(JournalError) in throw .system(SystemError("open", EMFILE), path: path) }
    _ = try writer.prepare { [] }
    try writer.write([entry(51)])
    #expect(folder.names.count == 1 && !folder.names[0].hasPrefix("spare"))
    #expect(try found() == ([51], 0))
  }
}
