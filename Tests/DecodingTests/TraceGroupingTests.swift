import TestTraces
import Testing
import TraceModel

@testable import Decoding

@Suite struct `Grouping spans by trace` {
  private struct ID: Hashable {
    var high: UInt64 = 0
    var low: UInt64
  }

  /// Groups spans of these traces, which are numbered in the order they come, and returns each chunk's numbers.
  private static func group(
    _ ids: [ID], with grouping: inout TraceGrouping, knowsHighs: Bool = true
  ) throws -> (spans: [[UInt64]], ids: [ID]) {
    var batch = SpanBatch()
    grouping.removeAll()
    for (index, id) in ids.enumerated() {
      var span = SpanRecord()
      (span.traceID, span.spanID) = (id.low, UInt64(index))
      batch.spans.append(span)
      if knowsHighs { grouping.traceIDHighs.append(id.high) }
    }
    try grouping.appendChunks(spansFrom: 0, of: &batch)
    batch.requireSound()
    var chunkIDs: [ID] = []
    for index in 0..<batch.chunks.count {
      let chunk = batch.chunks[index]
      chunkIDs.append(ID(high: batch.traceIDHigh(of: chunk), low: batch.spans[chunk.spans.range.lowerBound].traceID))
    }
    return (batch.plainTraces.map { $0.map(\.spanID) }, chunkIDs)
  }

  private static let cases: [(ids: [ID], spans: [[UInt64]])] = [
    ([], []),
    ([ID(low: 5)], [[0]]),
    ([ID(low: 5), ID(low: 5), ID(low: 6)], [[0, 1], [2]]),
    ([ID(low: 5), ID(low: 6), ID(low: 5)], [[0, 2], [1]]),
    ([ID(low: 2), ID(low: 1), ID(low: 1), ID(low: 2), ID(low: 3), ID(low: 1)], [[0, 3], [1, 2, 5], [4]]),
    ([ID(high: 1, low: 5), ID(high: 2, low: 5), ID(high: 1, low: 5)], [[0, 2], [1]]),
    ([ID(low: 0), ID(high: 9, low: 0), ID(low: 0)], [[0, 2], [1]]),
  ]

  @Test(arguments: cases.indices)
  func `keeps the order of spans and of first spans, and tells ids of 128 bits apart`(index: Int) throws {
    var grouping = TraceGrouping(seed: TableSeed(start: 1, factor: 3))
    let grouped = try Self.group(Self.cases[index].ids, with: &grouping)
    #expect(grouped.spans == Self.cases[index].spans)
    #expect(grouped.ids.count == Set(Self.cases[index].ids).count)
  }

  @Test func `groups shuffled spans as a dictionary would, with the same memory again and again`() throws {
    var random = SeededGenerator(seed: 3)
    var grouping = TraceGrouping(seed: TableSeed(start: 4, factor: 3))
    for round in 0..<60 {
      let traces = 1 + random.below(40)
      let ids = (0..<random.below(300)).map { _ in
        ID(high: UInt64(random.below(3)), low: UInt64(random.below(traces)))
      }
      var expected: [ID: [UInt64]] = [:]
      var order: [ID] = []
      for (index, id) in ids.enumerated() {
        if expected[id] == nil { order.append(id) }
        expected[id, default: []].append(UInt64(index))
      }
      let grouped = try Self.group(ids, with: &grouping)
      #expect(grouped.ids == order, "round \(round)")
      #expect(grouped.spans == order.map { expected[$0] ?? [] }, "round \(round)")
    }
  }

  @Test func `moves nothing when spans lie by trace already`() throws {
    var grouping = TraceGrouping(seed: TableSeed(start: 1, factor: 3))
    _ = try Self.group((0..<1000).map { ID(low: UInt64($0 / 7)) }, with: &grouping)
    let moved = grouping.movedSpans
    #expect(moved == 0)
    _ = try Self.group((0..<1000).map { ID(low: UInt64($0 % 7)) }, with: &grouping)
    let movedNow = grouping.movedSpans
    #expect(movedNow == 1000)
  }

  @Test func `groups the parts of a payload one by one, each for itself`() throws {
    var grouping = TraceGrouping(seed: TableSeed(start: 1, factor: 3))
    var batch = SpanBatch()
    for part in [[5, 6, 5], [6, 5, 6, 7], [7, 7]] as [[UInt64]] {
      let first = batch.spans.count
      for id in part {
        var span = SpanRecord()
        (span.traceID, span.spanID) = (id, UInt64(batch.spans.count))
        batch.spans.append(span)
      }
      try grouping.appendChunks(spansFrom: first, of: &batch)
    }
    batch.requireSound()
    let spans = batch.plainTraces.map { $0.map(\.spanID) }
    #expect(spans == [[0, 2], [1], [3, 5], [4], [6], [7, 8]])
  }

  @Test func `takes another seed where ids meet in one slot`() throws {
    var random = SeededGenerator(seed: 11)
    let seed = TableSeed(start: 1, factor: 3)
    var ids: [ID] = []
    while ids.count < 800 {
      let id = ID(high: UInt64(ids.count % 3), low: random.next())
      if seed.hash(id.low ^ seed.hash(id.high)) & 4_095 == 5 { ids.append(id) }
    }
    var grouping = TraceGrouping(seed: seed)
    let grouped = try Self.group(ids + ids, with: &grouping)
    let reseedings = grouping.reseedings
    #expect(grouped.ids == ids && grouped.spans == (0..<800).map { [$0, $0 + 800] })
    #expect(reseedings > 0)
  }

  @Test func `goes by the lower half alone where the format knows no other`() throws {
    var grouping = TraceGrouping()
    let grouped = try Self.group([ID(high: 1, low: 5), ID(high: 2, low: 5)], with: &grouping, knowsHighs: false)
    #expect(grouped.spans == [[0, 1]])
    #expect(grouped.ids == [ID(low: 5)])
  }
}
