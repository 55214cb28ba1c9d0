import TestFixtures
import Testing

@testable import TraceModel

@Suite struct `The hash of a table` {
  @Test func `differs when any byte, the length or the seed differs`() {
    let (seed, other) = (TableSeed.random(), TableSeed.random())
    var seen: [UInt64: [UInt8]] = [:]
    for length in 0...40 {
      for place in -1..<length {
        var bytes = [UInt8](repeating: 0, count: length)
        if place >= 0 { bytes[place] = 1 }
        let copy = ExactCopy(bytes)
        let hash = seed.hash(copy.bytes)
        #expect(other.hash(copy.bytes) != hash)
        #expect(seed.hash(copy.bytes, after: 1) != hash)
        if let same = seen.updateValue(bytes, forKey: hash) { Issue.record("\(same) and \(bytes) collide") }
      }
    }
  }

  /// Such numbers all came to slot 0 while the factor was known: products whose middle bits are zero.
  static let crafted = (0..<4_096 as Range<UInt64>).map { ($0 << 52 | $0) &* 0xF1DE_83E1_9937_733D }
  static let regular = [
    (0..<4_096 as Range<UInt64>).map { $0 }, (0..<4_096 as Range<UInt64>).map { $0 << 32 },
    (0..<4_096 as Range<UInt64>).map { $0 << 52 }, crafted,
  ]

  @Test(arguments: regular.indices)
  func `spreads numbers over the slots whatever they have in common`(kind: Int) {
    let seed = TableSeed(start: 0x0123_4567_89AB_CDEF, factor: 0x9137_55B3_2F6A_04C7)
    let mask: UInt64 = 8_191
    let slots = Set(Self.regular[kind].map { seed.hash($0) & mask })
    // By chance 4096 numbers take 3223 of 8192 slots.
    #expect(slots.count > 2_600, "\(slots.count) slots")
  }

  @Test func `keys that were made to meet under one seed do not under another`() {
    var random = SeededGenerator(seed: 5)
    let (known, other) = (TableSeed(start: 1, factor: 3), TableSeed.random())
    let met = (0..<300_000).map { _ in random.next() }.filter { known.hash($0) & 1_023 == 7 }
    #expect(met.count > 100, "seed 5")
    #expect(Set(met.map { other.hash($0) & 1_023 }).count > met.count / 2)
  }
}
