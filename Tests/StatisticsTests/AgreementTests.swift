import TestFixtures
import TestSpans
import Testing

@testable import Statistics

/// What is forwarded and what the tables of this machine show come from the same spans.
@Suite struct AgreementTests {
  /// Sums of what has one resource, or falls into one bucket.
  private struct Sums: Equatable {
    var spans: UInt64 = 0
    var errors: UInt64 = 0
  }

  /// Spans of one resource all have this rate; senseless ones count as 1.
  private static let rates: [(resource: String, rate: Double?, weight: UInt64)] = [
    ("unsampled", nil, 1), ("all", 1, 1), ("quarter", 0.25, 4), ("few", 1e-6, 1_000_000), ("none", 0, 1),
    ("negative", -0.5, 1), ("no number", .nan, 1), ("endless", .leastNonzeroMagnitude, 1),
  ]

  private static func span(_ nowNs: Int64, _ random: inout SeededGenerator) -> TestSpan {
    let year = 31_536_000 * second
    let starts: [Int64] = [
      .max, .max - 10, .max - 11 * second, .min, .min + 1, -1, 0, 1, 946_684_800 * second - 1, 946_684_800 * second,
      nowNs, nowNs - 1, nowNs + 1, nowNs - 25 * second, nowNs + 9 * second, nowNs + 10 * second,
      nowNs + 10 * second + 1, nowNs + 3_600 * second, nowNs - year, nowNs + year,
      .random(in: .min ... .max, using: &random),
    ]
    let durations: [Int64] = [
      0, 1, -1, .min, .max, .max / 2, .max - nowNs, year, 290 * year, 10 * second, 1_000_000,
      .random(in: .min ... .max, using: &random),
    ]
    let kind = rates[Int.random(in: rates.indices, using: &random)]
    return TestSpan().with {
      $0.startNs = starts[Int.random(in: starts.indices, using: &random)]
      $0.durationNs = durations[Int.random(in: durations.indices, using: &random)]
      $0.resource = kind.resource
      $0.error = Int32.random(in: 0...1, using: &random)
      if let rate = kind.rate { $0.metrics = [("_sample_rate", rate)] }
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func `forwarded statistics and local tables agree on every span, whatever its times, duration and weight`(
    seed: UInt64
  ) throws {
    var random = SeededGenerator(seed: seed)
    var counting = Counting()
    var history = LocalHistory()
    var (sent, forwarded): ([String: Sums], [String: Sums]) = ([:], [:])
    var forwardedAt: [Int64: UInt64] = [:]
    var durations: [String: Double] = [:]
    var nowNs = start
    for step in 0..<80 {
      nowNs += step == 79 ? 40 * second : Int64.random(in: 0...8, using: &random) * second
      for _ in 0..<(step == 79 ? 0 : Int.random(in: 0...10, using: &random)) {
        let span = Self.span(nowNs, &random)
        sent[span.resource, default: Sums()].spans += 1
        sent[span.resource, default: Sums()].errors += UInt64(span.error)
        try counting.add([[span]], nowNs: nowNs)
      }
      let closed = counting.concentrator.takeBuckets(nowNs: nowNs)
      for bucket in closed { history.add(bucket, nowNs: nowNs) }
      for bucket in counting.assemble(closed, seed: seed).stats.flatMap(\.stats) {
        #expect(bucket.start >= UInt64(start - 10 * second) && bucket.start <= UInt64(nowNs), "seed \(seed)")
        for group in bucket.stats {
          let errors = try Self.spans(group.errorSummary)
          let spans = try Self.spans(group.okSummary) + errors
          forwarded[group.resource, default: Sums()].spans += spans
          forwarded[group.resource, default: Sums()].errors += errors
          forwardedAt[Int64(bucket.start), default: 0] += spans
          durations[group.resource, default: 0] += Double(group.duration)
          let weight = try #require(Self.rates.first { $0.resource == group.resource }).weight
          #expect(group.hits == spans * weight && group.topLevelHits == group.hits, "seed \(seed), \(group.resource)")
          #expect(group.errors == errors * weight, "seed \(seed), \(group.resource)")
        }
      }
    }
    #expect(counting.concentrator.buckets.isEmpty && forwarded == sent, "seed \(seed)")
    try expectSame(history, sent, forwardedAt, durations, untilNs: nowNs, seed: seed)
  }

  /// The tables, and the steps of a series.
  private func expectSame(
    _ history: LocalHistory, _ sent: [String: Sums], _ forwardedAt: [Int64: UInt64], _ durations: [String: Double],
    untilNs: Int64, seed: UInt64
  ) throws {
    var aggregate = LocalAggregate()
    history.collect(sinceNs: 0, untilNs: .max, into: &aggregate)
    var local: [String: Sums] = [:]
    for (key, cell, _) in aggregate.resources(env: nil, allSpans: false, of: { _ in true }) {
      local[key.resource] = Sums(spans: cell.hits, errors: cell.errors)
      #expect(cell.lastEndNs <= untilNs && cell.maxNs >= 0, "seed \(seed)")
      let weight = Double(try #require(Self.rates.first { $0.resource == key.resource }).weight)
      let sum = try #require(durations[key.resource])
      // Sums of centuries stop at the limit of their field.
      if sum < StochasticRounding.limit / 2 {
        #expect(abs(cell.durationNs * weight - sum) <= 1e-9 * sum + 80, "seed \(seed), \(key.resource)")
      } else {
        #expect(cell.durationNs * weight >= sum * 0.999_999_999, "seed \(seed), \(key.resource)")
      }
    }
    #expect(local == sent, "seed \(seed)")
    var series = LocalSeries(
      sinceNs: start - 10 * second, nowNs: untilNs, stepNs: 10 * second, grouping: .total, filter: LocalKeyFilter(),
      hasLatency: false)
    history.collect(into: &series)
    var localAt: [Int64: UInt64] = [:]
    for (number, step) in (series.lines.first?.value ?? []).enumerated() where step.hits > 0 {
      localAt[series.startNs + Int64(number) * series.stepNs] = step.hits
    }
    #expect(localAt == forwardedAt, "seed \(seed)")
  }

  private static func spans(_ sketch: [UInt8]) throws -> UInt64 {
    let reader = try SketchReader(sketch)
    return UInt64(reader.bins.values.reduce(reader.zeroCount, +))
  }
}
