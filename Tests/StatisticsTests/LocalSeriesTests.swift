import TestSpans
import Testing

@testable import Statistics

@Suite struct `Statistics over time` {
  private static func key(
    _ service: String, _ resource: String = "GET /", env: String = "dev", isTopLevel: Bool = true
  ) -> LocalKey {
    LocalKey(
      env: env, service: service, resource: resource, operation: "web", type: "web", spanKind: "",
      isTopLevel: isTopLevel)
  }

  private static func series(
    _ grouping: LocalSeries.Grouping = .total, hasLatency: Bool = false,
    _ change: (inout LocalKeyFilter) -> Void = { _ in }
  ) -> LocalSeries {
    var filter = LocalKeyFilter()
    change(&filter)
    return LocalSeries(
      sinceNs: start + 5 * second, nowNs: start + 35 * second, stepNs: 10 * second, grouping: grouping, filter: filter,
      hasLatency: hasLatency)
  }

  private static func add(
    _ key: LocalKey, _ hits: UInt64, after seconds: Int64, to series: inout LocalSeries
  ) {
    series.add(key, startNs: start + seconds * second, hits: hits, errors: 1) {
      var sketch = DDSketch()
      sketch.add(1_000)
      return sketch
    }
  }

  @Test func `have a step for each width, from the one that holds the begin to the one that holds now`() {
    var series = Self.series()
    #expect(series.count == 4)
    for (hits, seconds) in [(1, -1), (2, 0), (4, 9), (8, 10), (16, 39), (32, 40)] as [(UInt64, Int64)] {
      Self.add(Self.key("shop"), hits, after: seconds, to: &series)
    }
    #expect(series.lines.values.first?.map(\.hits) == [6, 8, 0, 16])
    #expect(series.lines.values.first?.map(\.errors) == [2, 1, 0, 1])
  }

  @Test func `are of the keys that fit every member of the filter`() {
    let cases: [((inout LocalKeyFilter) -> Void, [UInt64])] = [
      ({ _ in }, [15]),
      ({ $0.service = "shop" }, [7]),
      (
        {
          $0.service = "shop"; $0.resource = "GET /"
        }, [5]
      ),
      ({ $0.env = "prod" }, [4]),
      ({ $0.allSpans = true }, [31]),
      ({ $0.excludedService = "bank" }, [7]),
      (
        {
          $0.service = "bank"; $0.excludedService = "bank"
        }, [8]
      ),
      ({ $0.operation = "none" }, []),
    ]
    for (change, hits) in cases {
      var series = Self.series(.total, change)
      let keys = [
        Self.key("shop"), Self.key("shop", "POST /"), Self.key("shop", env: "prod"), Self.key("bank"),
        Self.key("shop", "SELECT 1", isTopLevel: false),
      ]
      for (index, key) in keys.enumerated() where series.selects(key) {
        Self.add(key, 1 << UInt64(index), after: 20, to: &series)
      }
      #expect(series.lines.values.map { $0[2].hits } == hits)
    }
  }

  @Test func `have a line for each group`() {
    func names(_ grouping: LocalSeries.Grouping) -> Set<String> {
      var series = Self.series(grouping)
      for key in [Self.key("shop"), Self.key("shop", "POST /"), Self.key("shop", env: "prod"), Self.key("bank")] {
        Self.add(key, 1, after: 20, to: &series)
      }
      return Set(series.lines.keys.map { [$0.service, $0.env, $0.resource].joined(separator: "|") })
    }
    #expect(names(.total) == ["||"])
    #expect(names(.services) == ["shop|dev|", "shop|prod|", "bank|dev|"])
    #expect(names(.resources) == ["shop|dev|GET /", "shop|dev|POST /", "shop|prod|GET /", "bank|dev|GET /"])
  }

  @Test func `gather sketches only when they are wanted`() {
    for hasLatency in [true, false] {
      var series = Self.series(hasLatency: hasLatency)
      Self.add(Self.key("shop"), 1, after: 20, to: &series)
      #expect(series.lines.values.first?[2].sketch.count == (hasLatency ? 1 : 0))
    }
  }

  @Test func `hold what the history and the open buckets hold, each hit once`() throws {
    var counting = Counting(nowNs: start)
    var history = LocalHistory()
    for at in [Int64](0..<8) {
      try counting.add([[TestSpan().with { $0.startNs = start + at * 30 * second }]], nowNs: start + at * 30 * second)
      for bucket in counting.concentrator.takeBuckets(nowNs: start + at * 30 * second, all: false) {
        history.add(bucket, nowNs: start + at * 30 * second)
      }
      history.expire(nowNs: start + at * 30 * second)
    }
    var series = LocalSeries(
      sinceNs: start, nowNs: start + 240 * second, stepNs: LocalHistory.minuteNs, grouping: .total,
      filter: LocalKeyFilter(), hasLatency: true)
    history.collect(into: &series)
    for bucket in counting.concentrator.takeBuckets(nowNs: start + 240 * second, all: true) { series.add(bucket) }
    let steps = try #require(series.lines.values.first)
    #expect(steps.reduce(0) { $0 + $1.hits } == 8)
    #expect(steps.filter { $0.hits > 2 }.isEmpty)
    #expect(steps.allSatisfy { $0.sketch.count == $0.hits })
  }
}

@Suite struct `A histogram of a sketch` {
  @Test(arguments: [1, 2, 7, 40, 2_000])
  func `has few ranges without gaps, and every value in its range`(values: Int) throws {
    var sketch = DDSketch()
    for value in 1...values { sketch.add(Double(value * value) * 100) }
    let ranges = sketch.histogram(rangesMax: 64)
    #expect(ranges.count <= 64 && ranges.reduce(0) { $0 + $1.count } == UInt64(values))
    for (range, next) in zip(ranges, ranges.dropFirst()) { #expect(range.to == next.from && range.from < range.to) }
    // Every value is counted in the range that holds it.
    for range in ranges {
      let inside = (1...values).count { value in
        let value = Double(value * value) * 100
        return value >= range.from * 0.999999 && value < range.to * 1.000001
      }
      #expect(abs(inside - Int(range.count)) <= 1)
    }
    #expect(ranges.first?.count ?? 0 > 0 && ranges.last?.count ?? 0 > 0)
  }

  @Test func `begins with the values of zero, and is empty without any value`() {
    var sketch = DDSketch()
    #expect(sketch.histogram(rangesMax: 64).isEmpty)
    sketch.add(0)
    #expect(sketch.histogram(rangesMax: 64) == [DDSketch.Range(from: 0, to: 0, count: 1)])
    sketch.add(50)
    #expect(sketch.histogram(rangesMax: 64).map(\.count) == [1, 1])
  }
}
