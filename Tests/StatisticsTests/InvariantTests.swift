import TestFixtures
import TestSpans
import Testing
import TraceModel

@testable import Statistics

/// Random work of all kinds on the structures of statistics, with a look at the whole of them in between.
@Suite struct InvariantTests {
  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func `a sketch stays whole whatever is added, merged, packed and restored`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var sketches = [DDSketch](repeating: DDSketch(), count: 4)
    for step in 0..<3_000 {
      let target = Int.random(in: 0..<4, using: &random)
      switch Int.random(in: 0..<20, using: &random) {
      case 0: sketches[target].merge(sketches[Int.random(in: 0..<4, using: &random)])
      case 1: sketches[target].merge(compact: sketches[Int.random(in: 0..<4, using: &random)].compact())
      case 2: sketches[target] = DDSketch()
      case 3: sketches[target].add(0)
      case 4: sketches[target].add(Double(bitPattern: UInt64.random(in: 1..<0x7FF0_0000_0000_0000, using: &random)))
      default:
        sketches[target].add(DDSketch.truncated(durationNs: .random(in: 0 ... .max, using: &random) >> (step % 60)))
      }
      if step % 10 == 0 { #expect(sketches[target].brokenInvariants == [], "seed \(seed), step \(step)") }
      // Sketches that take in each other grow without end.
      if sketches[target].count > 1 << 40 { sketches[target] = DDSketch() }
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `counting and flushing leave tables and history whole, and no hit is lost`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var counting = Counting()
    var history = LocalHistory()
    var (nowNs, added, flushed) = (start, 0, UInt64(0))
    for step in 0..<60 {
      nowNs += Int64.random(in: -3...12, using: &random) * second
      let traces = (0..<Int.random(in: 0...30, using: &random)).map { _ in [Self.span(nowNs, &random)] }
      added += traces.count
      try counting.add(traces, nowNs: nowNs)
      #expect(counting.concentrator.brokenInvariants == [], "seed \(seed), step \(step)")
      guard step % 5 == 4 else { continue }
      for bucket in counting.concentrator.takeBuckets(nowNs: nowNs) {
        flushed += bucket.groups.reduce(0) { $0 + $1.okSketch.count + $1.errorSketch.count }
        history.add(bucket, nowNs: nowNs)
      }
      history.expire(nowNs: nowNs)
      #expect(history.brokenInvariants == [], "seed \(seed), step \(step)")
    }
    let open = counting.concentrator.buckets.flatMap(\.groups).reduce(0) {
      $0 + $1.okSketch.count + $1.errorSketch.count
    }
    #expect(open + flushed == UInt64(added), "seed \(seed)")
  }

  private static func span(_ nowNs: Int64, _ random: inout SeededGenerator) -> TestSpan {
    TestSpan().with {
      $0.durationNs = Int64.random(in: 0...5, using: &random) * Int64.random(in: 0...second, using: &random)
      $0.startNs = nowNs - $0.durationNs + Int64.random(in: -200...100, using: &random) * second
      $0.resource = "r\(Int.random(in: 0..<50, using: &random))"
      $0.service = "s\(Int.random(in: 0..<3, using: &random))"
      $0.error = Int32.random(in: 0...1, using: &random)
      $0.metrics = [("_sample_rate", Double.random(in: 0.1...1, using: &random))]
    }
  }

  @Test func `keys that all came with one hash get others, and each keeps its group`() {
    var bucket = StatsBucket(startNs: 0)
    var builder = GroupKeyBuilder(keys: .init(peerTags: []), usesPeerTags: false)
    let count = StatsBucket.probesMax * 3
    for mayGrow in [true, false] {
      for number in 0..<count {
        builder.writePayload(.init(), defaultEnv: Array("env \(number)".utf8))
        builder.writeBlockedSpan(local: [])
        let key = builder.finish().key
        let group =
          number % 2 == 0
          ? bucket.find(key, hash: 7, mayGrow: mayGrow) : bucket.findOrInsert(key, hash: 7)
        #expect(group == number)
        bucket.count(number, weight: 1, durationNs: 1, endNs: 1, isError: false, isTopLevel: false)
      }
    }
    #expect(bucket.groups.count == count && bucket.brokenInvariants == [])
    #expect(Set(bucket.groups.map(\.hash)).count == count, "none is looked for among thousands of others")
    builder.writePayload(.init(), defaultEnv: Array("none of them".utf8))
    builder.writeBlockedSpan(local: [])
    #expect(bucket.find(builder.finish().key, hash: 7, groupsMax: count) == nil)
  }

  @Test func `keys with one hash are told apart`() {
    var bucket = StatsBucket(startNs: 0)
    var builder = GroupKeyBuilder(keys: .init(peerTags: []), usesPeerTags: false)
    builder.writePayload(.init(), defaultEnv: [])
    builder.writeBlockedSpan(local: [])
    let key = Array(builder.finish().key)
    for last in 0..<200 as Range<UInt8> {
      (key.dropLast() + [last]).withUnsafeBytes { bytes in
        // All in the last slot, so that every search wraps around.
        #expect(bucket.find(bytes, hash: .max) == Int(last))
        #expect(bucket.findOrInsert(bytes, hash: .max) == Int(last))
      }
      bucket.count(Int(last), weight: 1, durationNs: 1, endNs: 1, isError: false, isTopLevel: false)
    }
    #expect(bucket.brokenInvariants == [])
  }
}
