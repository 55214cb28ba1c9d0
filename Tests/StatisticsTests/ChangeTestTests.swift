import Platform
import TestFixtures
import Testing

@testable import Statistics

@Suite struct `Tests of change` {
  /// Sums of all terms in exact arithmetic.
  @Test(
    arguments: [
      (3, 10, 0.5, 0.9453125, 0.171875), (0, 5, 0.3, 1, 0.16807), (5, 5, 0.3, 0.00243, 1),
      (60, 100, 0.5, 0.02844397, 0.9823999), (990, 1_000, 0.99, 0.5830408, 0.5426994),
    ] as [(UInt64, UInt64, Double, Double, Double)])
  func `know the tails of the binomial distribution`(
    count: UInt64, trials: UInt64, p: Double, upper: Double, lower: Double
  ) {
    #expect(abs(Tails.binomialUpper(count, of: trials, p: p) - upper) < 1e-6)
    #expect(abs(Tails.binomialLower(count, of: trials, p: p) - lower) < 1e-6)
  }

  @Test func `are exact where the sum is short and near it where the normal distribution stands in`() {
    // P(X >= 4) where 5 of 12 are drawn and 6 of 12 are marked: (15·6 + 6) / 792.
    #expect(abs(Tails.hypergeometricUpper(4, drawn: 5, marked: 6, all: 12) - 96.0 / 792) < 1e-12)
    #expect(Tails.hypergeometricUpper(6, drawn: 5, marked: 6, all: 12) == 0)
    #expect(Tails.hypergeometricUpper(0, drawn: 5, marked: 6, all: 12) == 1)
    // Fisher's tea: 3 of 4 cups each.
    #expect(abs((ChangeTest.errors(1, of: 4, 3, of: 4) ?? 0) - 0.4857143) < 1e-6)
    // A variance just below and above the limit.
    for trials in [39_000, 41_000] as [UInt64] {
      let upper = Tails.binomialUpper(trials / 2 + 200, of: trials, p: 0.5)
      let z = (200 - 0.5) / (Double(trials).squareRoot() / 2)
      #expect(abs(upper - erfc(z / 2.0.squareRoot()) / 2) < 2e-4)
    }
  }

  @Test func `take numbers from outside as they come`() {
    #expect(ChangeTest.hits(.max, of: 1, 1, of: 1) == nil && ChangeTest.hits(0, of: 1, 0, of: 1) == nil)
    #expect(ChangeTest.errors(5, of: 3, 0, of: 1) == nil && ChangeTest.errors(1, of: .max, 1, of: 9) == nil)
    #expect(ChangeTest.quantiles(0.5, DDSketch(), Self.sketch([1])) == nil)
    let huge = ChangeTest.hits(.max / 2, of: 1, .max / 2, of: 1)
    #expect(huge.map { $0 > 0.9 } == true)
  }

  private static func sketch(_ values: [Double]) -> DDSketch {
    var sketch = DDSketch()
    for value in values { sketch.add(value) }
    return sketch
  }

  /// Durations with a long tail, as of web requests; ns.
  private static func durations(_ count: Int, factor: Double = 1, _ random: inout SeededGenerator) -> [Double] {
    (0..<count).map { _ in
      20e6 * factor * exp((0..<6).reduce(-3.0) { sum, _ in sum + Double.random(in: 0..<1, using: &random) })
    }
  }

  @Test(arguments: [0.5, 0.95, 0.99])
  func `of a quantile are wrong more rarely than they say`(q: Double) {
    var random = SeededGenerator(seed: 11)
    var found = 0
    for _ in 0..<300 {
      let counts = [Int.random(in: 5..<300, using: &random), Int.random(in: 5..<300, using: &random)]
      let (a, b) = (Self.durations(counts[0], &random), Self.durations(counts[1], &random))
      if let test = ChangeTest.quantiles(q, Self.sketch(a), Self.sketch(b)), test.p <= 0.05 { found += 1 }
    }
    #expect(found <= 15, "seed 11")
  }

  @Test(
    arguments: [(0.5, 250, 2.0), (0.95, 400, 2.0), (0.99, 2_000, 2.0), (0.5, 9_000, 1.1)] as [(Double, Int, Double)])
  func `of a quantile find a true change, and its direction`(q: Double, count: Int, factor: Double) {
    var random = SeededGenerator(seed: 12)
    for _ in 0..<5 {
      let a = Self.sketch(Self.durations(count, &random))
      let b = Self.sketch(Self.durations(count, factor: factor, &random))
      #expect(ChangeTest.quantiles(q, a, b).map { $0.p < 0.001 && $0.isHigher } == true, "seed 12")
      #expect(ChangeTest.quantiles(q, b, a).map { $0.p < 0.001 && !$0.isHigher } == true, "seed 12")
    }
  }

  @Test func `cannot tell a percentile of few hits, however far apart they lie`() {
    let (fast, slow) = (Self.sketch(Array(repeating: 1e6, count: 30)), Self.sketch(Array(repeating: 1e9, count: 30)))
    #expect(ChangeTest.quantiles(0.5, fast, slow).map { $0.p < 1e-6 } == true)
    #expect(ChangeTest.quantiles(0.99, fast, slow).map { $0.p > 0.5 } == true)
    // Of many, however few bins they are in.
    let many = [1e6, 2e6].map { Self.sketch(Array(repeating: $0, count: 2_000)) }
    #expect(ChangeTest.quantiles(0.99, many[0], many[1]).map { $0.p < 0.001 && $0.isHigher } == true)
    // Zeros have no bin, and a single value has one.
    #expect(ChangeTest.quantiles(0.5, Self.sketch(Array(repeating: 0, count: 30)), slow).map { $0.isHigher } == true)
  }
}

@Suite struct `A comparison of statistics` {
  private static func key(_ resource: String) -> LocalKey {
    LocalKey(
      env: "prod", service: "shop", resource: resource, operation: "web.request", type: "web", spanKind: "server",
      isTopLevel: true)
  }

  private static func cell(
    _ hits: Int, errors: Int = 0, factor: Double = 1, _ random: inout SeededGenerator
  ) -> LocalCell {
    var cell = LocalCell()
    cell.hits = UInt64(hits)
    cell.errors = UInt64(errors)
    for _ in 0..<hits { cell.sketch.add(factor * Double.random(in: 1e6..<9e6, using: &random)) }
    return cell
  }

  /// Hits of a minute at a rate, by the gaps between them, with a tenth of them failing.
  private static func minute(_ rate: Double, _ random: inout SeededGenerator) -> LocalCell {
    var hits = 0
    var time = 0.0
    while true {
      time -= log(Double.random(in: 0.000_001..<1, using: &random)) / rate
      if time > 60 { break }
      hits += 1
    }
    let errors = (0..<hits).reduce(0) { sum, _ in sum + (Int.random(in: 0..<10, using: &random) == 0 ? 1 : 0) }
    return cell(hits, errors: errors, &random)
  }

  @Test func `marks nothing in more than one table of a hundred when nothing has changed`() {
    var random = SeededGenerator(seed: 13)
    var tablesWithMarks = 0
    for _ in 0..<60 {
      let names = (0..<12).map { Self.key("GET /\($0)") }
      func side() -> [LocalKey: LocalCell] {
        Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Self.minute(Double($0) / 8 + 0.1, &random)) })
      }
      let comparison = StatisticsComparison(side(), side(), hits: .seconds(60, 60), level: 0.01)
      if comparison.rows.contains(where: { !$0.changes.isEmpty }) { tablesWithMarks += 1 }
    }
    #expect(tablesWithMarks <= 1, "seed 13: the level is 1 %")
  }

  @Test func `has what got worse first: failing, slower, new, gone, better, and the rest by hits`() {
    var random = SeededGenerator(seed: 14)
    let sides: [(String, a: (Int, Int, Double)?, b: (Int, Int, Double)?)] = [
      ("same and rare", (40, 1, 1), (40, 1, 1)), ("same", (900, 9, 1), (900, 9, 1)),
      ("better", (300, 0, 3), (300, 0, 1)), ("gone", (300, 0, 1), nil), ("new", nil, (300, 0, 1)),
      ("once", nil, (1, 0, 1)), ("slower", (300, 0, 1), (300, 0, 2)), ("much slower", (300, 0, 1), (300, 0, 9)),
      ("fails", (300, 3, 1), (300, 60, 1)), ("fails and is slower", (300, 3, 1), (300, 150, 2)),
    ]
    var (a, b): ([LocalKey: LocalCell], [LocalKey: LocalCell]) = ([:], [:])
    for (name, before, after) in sides {
      if let before { a[Self.key(name)] = Self.cell(before.0, errors: before.1, factor: before.2, &random) }
      if let after { b[Self.key(name)] = Self.cell(after.0, errors: after.1, factor: after.2, &random) }
    }
    let rows = StatisticsComparison(a, b, hits: .seconds(60, 60), level: 0.01).rows
    #expect(
      rows.map(\.key.resource) == [
        "fails and is slower", "fails", "much slower", "slower", "new", "gone", "better", "same", "same and rare",
        "once",
      ])
    #expect(rows[0].changes[.errorShare] == .up && rows[0].changes[.p50] == .up && rows[0].changes[.hits] == nil)
    #expect(rows[4].changes == [.hits: .up] && rows[5].changes == [.hits: .down])
    #expect(rows[6].changes[.p50] == .down && rows.suffix(3).allSatisfy { $0.changes.isEmpty })
  }

  @Test func `measures hits by time, or by all hits of the service`() {
    var random = SeededGenerator(seed: 15)
    let a = [Self.key("GET /"): Self.cell(100, &random), Self.key("POST /"): Self.cell(100, &random)]
    let b = [Self.key("GET /"): Self.cell(1_000, &random), Self.key("POST /"): Self.cell(1_000, &random)]
    func changes(_ basis: StatisticsComparison.HitsBasis) -> Int {
      StatisticsComparison(a, b, hits: basis, level: 0.01).rows.reduce(0) { $0 + $1.changes.count }
    }
    #expect(changes(.shareOfService) == 0 && changes(.seconds(60, 600)) == 0)
    #expect(changes(.seconds(60, 60)) == 2)
  }
}
