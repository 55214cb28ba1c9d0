import TestFixtures
import Testing

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
}
