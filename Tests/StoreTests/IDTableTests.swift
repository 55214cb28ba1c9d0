import TestFixtures
import Testing
import TraceModel

@testable import Store

/// Tables whose keys come from clients take another seed when keys were made to meet in one place.
@Suite struct `In a table of ids or texts that meet in one slot` {
  /// Ids that come to one slot of so many, by a hash that is known.
  private static func ids(_ count: Int, slots: Int, _ hash: IDHash) -> [UInt64] {
    var random = SeededGenerator(seed: 11)
    var ids: [UInt64] = []
    while ids.count < count {
      let id = random.next()
      if hash(id) & (slots - 1) == 5 { ids.append(id) }
    }
    return ids
  }

  @Test func `spans are found by their ids`() {
    let hash = IDHash(seed: (1, 3))
    let ids = Self.ids(800, slots: 2_048, hash)
    var places = SpanPlaces(hash: hash)
    places.begin(ids.count)
    for (place, id) in ids.enumerated() { places.insert(id, place) { ids[$0] } }
    #expect(ids.enumerated().allSatisfy { place, id in places.place(of: id) { ids[$0] } == place })
    #expect(places.reseedings > 0)
  }

  @Test func `traces are found by their ids`() {
    let hash = IDHash(seed: (1, 3))
    let ids = Self.ids(800, slots: 4_096, hash)
    var extents = TraceExtents(hash: hash)
    for _ in 0..<2 {
      for id in ids { extents.add(id, startNs: 1, endNs: 2, spans: 1, errors: 0) }
    }
    #expect(extents.all.map(\.low) == ids && extents.all.allSatisfy { $0.spans == 2 })
    #expect(extents.reseedings > 0)
  }

  @Test func `texts keep their numbers`() {
    // What stands where the factor meets it makes the product zero, whatever stands before it.
    let factor: UInt64 = 0x0123_4567_89AB_CDEF
    let texts = (0..<1_000 as Range<UInt64>).map { number -> [UInt8] in
      withUnsafeBytes(of: (number, factor, 7 as UInt64)) { Array($0) }
    }
    let seed = TableSeed(start: 1, factor: factor)
    #expect(Set(texts.map { text in text.withUnsafeBytes { seed.hash($0) } }).count == 1)
    var table = ByteStringTable(seed: seed)
    for isNew in [true, false] {
      for (number, text) in texts.enumerated() {
        let inserted = text.withUnsafeBytes { table.insert($0) }
        #expect(inserted == (number, isNew))
      }
    }
    #expect(table.reseedings > 0)
  }
}
