import Foundation
import Platform
import TestFixtures
import Testing

@testable import Exporting

@Suite struct `The spool` {
  let folder = ScratchFolder()

  func makeSpool(bytesMax: Int = 1 << 20) -> Spool { Spool(folder: folder.path, bytesMax: bytesMax) }

  @discardableResult
  func add(_ numbers: some Sequence<Int>, to spool: Spool, bytes: Int = 500) throws -> [Spool.GivenUp] {
    var givenUp: [Spool.GivenUp] = []
    for number in numbers {
      _ = try spool.append(
        tracesPayload(number, bytes: bytes), createdNs: Int64(number), isTaken: false, givenUp: &givenUp)
    }
    return givenUp
  }

  /// Reads and finishes all that is there: numbers of payloads, and -1 for damaged ones.
  func drain(_ spool: Spool) throws -> [Int] {
    var numbers: [Int] = []
    while true {
      switch try spool.takeNext() {
      case .record(let reference, let payload, let createdNs):
        let found = number(in: payload.body) ?? -2
        #expect(Int64(found) == createdNs)
        numbers.append(found)
        try spool.finish(reference)
      case .damaged: numbers.append(-1)
      case .none: return numbers
      }
    }
  }

  private func change(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    body(&bytes)
    try Data(bytes).write(to: URL(filePath: path))
  }

  @Test(arguments: [true, false])
  func `waits for the disk where that is wanted, for names of files too`(isDurable: Bool) throws {
    let spool = Spool(folder: folder.path, bytesMax: 1 << 20, isDurable: isDurable)
    try add([1], to: spool)
    try spool.sync()
    try add([2], to: spool)
    try spool.sync()
    let other = Spool(folder: folder.path + "/other", bytesMax: 1 << 20, isDurable: isDurable)
    try add([3], to: other)
    try FileManager.default.removeItem(atPath: folder.path + "/other")
    var isSynced = true
    do { try other.sync() } catch { isSynced = false }
    #expect(isSynced == !isDurable)
    #expect(try drain(spool) == [1, 2])
  }

  @Test func `goes on in another file when the disk could not keep what was written to the last one`() throws {
    let fails = Lock(false)
    let spool = Spool(folder: folder.path, bytesMax: 1 << 20, isDurable: true)
    let syncFile = spool.syncFile
    spool.syncFile = { descriptor throws(SystemError) in
      if fails.withLock({ $0 }) { throw SystemError("fdatasync", EIO) }
      try syncFile(descriptor)
    }
    try add([1], to: spool)
    try spool.sync()
    try add([2], to: spool)
    #expect(folder.segments.count == 1)
    fails.withLock { $0 = true }
    #expect(throws: SpoolError.self) { try spool.sync() }
    fails.withLock { $0 = false }
    try add([3], to: spool)
    try spool.sync()
    #expect(folder.segments.count == 2)
    #expect(try drain(spool) == [1, 2, 3])
  }

  @Test func `gives back what was put in, in order, and leaves nothing behind`() throws {
    let spool = makeSpool()
    #expect(!folder.isThere, "nothing is made before it is needed")
    try add(0..<20, to: spool)
    #expect(folder.segments.allSatisfy { ScratchFolder.mode($0) == 0o600 } && ScratchFolder.mode(folder.path) == 0o700)
    let original = tracesPayload(20, bytes: 500)
    try add([20], to: spool)
    guard case .record(let reference, let first, _) = try spool.takeNext() else {
      Issue.record("nothing to read")
      return
    }
    #expect(first.path == original.path && first.headers == original.headers && first.counts == original.counts)
    #expect(first.contentType == original.contentType && first.contentEncoding == original.contentEncoding)
    #expect(first.uncompressedBytes == original.uncompressedBytes && first.kind == .traces)
    #expect(spool.putBack(reference))
    #expect(try drain(spool) == [Int](0...20))
    #expect(!folder.isThere && spool.fileBytes == 0)
  }

  @Test func `is taken over by the next agent, without what was finished`() throws {
    do {
      let spool = makeSpool()
      try add(0..<5, to: spool)
      for _ in 0..<2 {
        if case .record(let reference, _, _) = try spool.takeNext() { try spool.finish(reference) }
      }
      // Under way when the agent dies: it is sent again.
      _ = try spool.takeNext()
      #expect(throws: SpoolError.inUse(path: folder.path)) { try makeSpool().recover() }
    }
    let next = makeSpool()
    try next.recover()
    let recovered = next.takeRecovered()
    #expect(recovered.payloads == 3 && recovered.counts == PayloadCounts(traces: 6, spans: 21))
    #expect(recovered.oldestNs == 2 && recovered.damagedCount == 0 && recovered.bytes == 1500)
    try add([5], to: next)
    #expect(try drain(next) == [2, 3, 4, 5])
    #expect(!folder.isThere)
    let last = makeSpool()
    try last.recover()
    #expect(last.takeRecovered() == Spool.Recovered() && !folder.isThere)
  }

  @Test func `takes over what another agent left after this one has begun, before it writes itself`() throws {
    let (first, second) = (makeSpool(), makeSpool())
    for spool in [first, second] { try spool.recover() }
    try add(0..<3, to: first)
    #expect(throws: SpoolError.inUse(path: folder.path)) { try add([3], to: second) }
    // The first one dies: its lock goes, and its files stay.
    let bytes = try Data(contentsOf: URL(filePath: try #require(folder.segments.first)))
    #expect(try drain(first) == [0, 1, 2])
    try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
    try bytes.write(to: URL(filePath: folder.path + "/000000000001.segment"))
    try add([4], to: second)
    #expect(second.takeRecovered().payloads == 3)
    #expect(try drain(second) == [0, 1, 2, 4] && !folder.isThere)
  }

  /// What is done to the bytes of a segment with five records of one size.
  enum Damage: CaseIterable {
    case tornTail, tornHead, bodyChanged, lengthChanged, magicChanged, zeroed, otherFile, empty

    func apply(_ bytes: inout [UInt8], _ record: Int) {
      let third = SpoolSegment.fileHead.count + 2 * record
      switch self {
      case .tornTail: bytes.removeLast(10)
      case .tornHead: bytes.removeLast(record - 10)
      case .bodyChanged: bytes[third + record - 1] ^= 1
      case .lengthChanged: bytes[third + 14] ^= 0x7f
      case .magicChanged: bytes[third] = 0
      case .zeroed: bytes.replaceSubrange(third..<third + record, with: repeatElement(0, count: record))
      case .otherFile: bytes[0] = 0
      case .empty: bytes = []
      }
    }

    var expected: (numbers: [Int], damaged: Int) {
      switch self {
      case .tornTail, .tornHead: ([0, 1, 2, 3], 1)
      case .bodyChanged: ([0, 1, -1, 3, 4], 0)
      case .lengthChanged, .magicChanged, .zeroed: ([0, 1, 3, 4], 1)
      case .otherFile, .empty: ([], 0)
      }
    }
  }

  @Test(arguments: Damage.allCases)
  func `skips what is damaged, counts it, and goes on behind it`(damage: Damage) throws {
    do { try add(0..<5, to: makeSpool()) }
    let path = try #require(folder.segments.first)
    try change(path) { bytes in damage.apply(&bytes, (bytes.count - SpoolSegment.fileHead.count) / 5) }
    let spool = makeSpool()
    try spool.recover()
    let recovered = spool.takeRecovered()
    #expect(recovered.damagedCount == damage.expected.damaged)
    #expect(recovered.foreignCount == (damage == .otherFile ? 1 : 0))
    try add([9], to: spool)
    #expect(try drain(spool) == damage.expected.numbers + [9])
    // What another version has written is not touched.
    #expect(folder.segments == (damage == .otherFile ? [path] : []))
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `survives any bytes`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    do { try add(0..<10, to: makeSpool(), bytes: 60) }
    try change(try #require(folder.segments.first)) { bytes in
      for _ in 0..<Int.random(in: 1...40, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      }
      bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random) / 4)
    }
    let spool = makeSpool()
    try spool.recover()
    let numbers = try drain(spool).filter { $0 >= 0 }
    #expect(Set(numbers).count == numbers.count && Set(numbers).isSubset(of: Set(0..<10)), "seed \(seed)")
  }

  @Test func `gives up the oldest when there is too much, and says what was in it`() throws {
    let spool = makeSpool(bytesMax: 256 << 10)
    let givenUp = try add(0..<400, to: spool, bytes: 1_000)
    #expect(spool.fileBytes <= 256 << 10)
    let lost = givenUp.map { Int($0.description.createdNs) }
    #expect(lost == [Int](0..<lost.count) && !lost.isEmpty)
    #expect(givenUp.allSatisfy { $0.bytes == 1_000 && $0.description.counts == PayloadCounts(traces: 2, spans: 7) })
    #expect(try drain(spool) == [Int](lost.count..<400))
    #expect(throws: SpoolError.self) { try add([1], to: spool, bytes: 300_000) }
  }

  @Test func `says of a payload under way that it was given up meanwhile`() throws {
    let spool = makeSpool(bytesMax: 200 << 10)
    try add([0], to: spool)
    guard case .record(let reference, _, _) = try spool.takeNext() else { return }
    let lost = try add(1..<400, to: spool, bytes: 1_000).map(\.description.createdNs)
    #expect(!lost.contains(0) && lost.contains(1))
    #expect(spool.takeLostSegments().contains(reference.segment) && !spool.putBack(reference))
    try spool.finish(reference)
  }

  @Test func `says why it cannot write, and works when it can again`() throws {
    try Data().write(to: URL(filePath: folder.path))
    let spool = makeSpool()
    #expect(throws: SpoolError.self) { try add([1], to: spool) }
    try FileManager.default.removeItem(atPath: folder.path)
    try add([2], to: spool)
    #expect(try drain(spool) == [2])
  }
}
