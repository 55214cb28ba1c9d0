import TestFixtures
import Testing
import TraceModel

@testable import Processing

@Suite struct SpanIDIndexTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `spans are found by their ids in chunk after chunk of any size`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var index = SpanIDIndex()
    for chunk in 0..<400 {
      let count = chunk % 100 == 99 ? 20_000 : Int.random(in: 1...100, using: &random)
      // Few different ids, so that chunks share them and some are given twice.
      let ids = (0..<count).map { _ in UInt64.random(in: 1...UInt64(count), using: &random) << (chunk % 60) }
      var expected: [UInt64: Int] = [:]
      var wrong = 0
      index.begin(count: count)
      for (position, id) in ids.enumerated() {
        let isKnown = index.insert(id, position: position)
        if isKnown != (expected[id] != nil) { wrong += 1 }
        expected[id] = position
      }
      for id in ids + [0, .max] {
        let found = index.position(of: id)
        if found != expected[id] { wrong += 1 }
      }
      #expect(wrong == 0, "seed \(seed), chunk \(chunk)")
    }
  }

  @Test func `a chunk of as many spans as were announced always has its places`() {
    var index = SpanIDIndex()
    for count in [1, 31, 32, 33, 64, 65, 1_000] {
      index.begin(count: count)
      for position in 0..<count {
        let isKnown = index.insert(UInt64(position) + 1, position: position)
        #expect(!isKnown)
      }
      #expect(index.position(of: UInt64(count)) == count - 1 && index.position(of: UInt64(count) + 1) == nil)
    }
  }

  @Test func `ids that meet in one slot get another seed, and all are found`() {
    var random = SeededGenerator(seed: 11)
    let seed = TableSeed(start: 1, factor: 3)
    let count = 800
    let mask = 2_047 as UInt64
    var ids: [UInt64] = []
    while ids.count < count {
      let id = random.next()
      if seed.hash(id) & mask == 5 { ids.append(id) }
    }
    var index = SpanIDIndex(seed: seed)
    for _ in 0..<2 {
      index.begin(count: count)
      var known = 0
      for (position, id) in ids.enumerated() where index.insert(id, position: position) { known += 1 }
      #expect(known == 0)
      #expect(ids.enumerated().allSatisfy { index.position(of: $1) == $0 })
    }
    #expect((1...2).contains(index.reseedings), "once, as the new seed stays: seed 11")
  }
}
