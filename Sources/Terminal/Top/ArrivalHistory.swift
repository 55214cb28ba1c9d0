import Control

/// What arrived in each of the last seconds, of each line: statistics come in steps of ten seconds, and a sparkline wants to
/// move each second.
///
/// What an answer has more than the one before has arrived in between. What the first answer has is spread evenly over its
/// steps.
package struct ArrivalHistory: Sendable {
  /// What a line is about: a service in an environment, and where lines are resources, the resource and its operation.
  package struct LineKey: Hashable, Sendable {
    let service: String
    let env: String
    var resource: String?
    var operation: String?
  }

  fileprivate struct Line: Sendable {
    /// Hits of each step of the last answer, by the step's begin.
    var steps: [Int64: UInt64] = [:]
    /// Hits by second since 1970.
    var seconds: [Int64: Double] = [:]
  }

  /// How far back a sparkline reaches, in seconds.
  static let seconds: Int64 = 60
  /// An answer that comes later than this is a first one again; seconds.
  private static let gapSeconds: Int64 = 5

  private var lines: [LineKey: Line] = [:]
  private var lastSecond: Int64?

  package init() {}

  /// Takes what was counted up to `answer.covered.endNs`.
  package mutating func add(_ answer: SeriesAnswer) {
    let now = answer.covered.endNs / 1_000_000_000
    let isFirst = lastSecond.map { now < $0 || now - $0 > Self.gapSeconds } ?? true
    var next: [LineKey: Line] = [:]
    for row in answer.rows {
      let key = LineKey(row)
      var line = isFirst ? Line() : lines[key] ?? Line()
      let known = line.steps
      line.steps = [:]
      for (index, hits) in row.hits.enumerated() {
        let start = answer.firstStepNs &+ Int64(index) &* answer.stepNs
        line.steps[start] = hits
        if isFirst {
          line.spread(hits, from: start / 1_000_000_000, to: min((start &+ answer.stepNs) / 1_000_000_000, now + 1))
        } else {
          let before = known[start] ?? 0
          if hits > before { line.seconds[now, default: 0] += Double(hits - before) }
        }
      }
      line.seconds = line.seconds.filter { $0.key > now - Self.seconds }
      next[key] = line
    }
    lines = next
    lastSecond = now
  }

  /// Hits in each of `count` equal parts of the last minute, the newest last.
  func parts(of key: LineKey, count: Int) -> [Double] {
    var parts = [Double](repeating: 0, count: count)
    guard let line = lines[key], let now = lastSecond, count > 0 else { return parts }
    let width = max(1, Self.seconds / Int64(count))
    for (second, hits) in line.seconds {
      // Parts begin at multiples of their width, so that bars keep their height while they move.
      let index = count - 1 - Int(now / width - second / width)
      if parts.indices.contains(index) { parts[index] += hits }
    }
    return parts
  }
}

extension ArrivalHistory.Line {
  fileprivate mutating func spread(_ hits: UInt64, from: Int64, to: Int64) {
    guard hits > 0, to > from, to - from <= ArrivalHistory.seconds * 2 else { return }
    for second in from..<to { seconds[second, default: 0] += Double(hits) / Double(to - from) }
  }
}

extension ArrivalHistory.LineKey {
  init(_ row: SeriesRow) {
    self.init(service: row.service, env: row.env, resource: row.resource, operation: row.operation)
  }

  init(_ row: ServiceRow) { self.init(service: row.service, env: row.env) }

  init(_ row: ResourceRow) {
    self.init(service: row.service, env: row.env, resource: row.resource, operation: row.operation)
  }
}

/// Numbers as bars of one line of text.
enum Sparkline {
  private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// A bar for each number, the largest as high as the line; none for 0.
  static func text(_ numbers: [Double]) -> String {
    guard let largest = numbers.max(), largest > 0 else { return String(repeating: " ", count: numbers.count) }
    return String(
      numbers.map { number in
        guard number > 0 else { return " " }
        return bars[min(Int(number / largest * Double(bars.count)), bars.count - 1)]
      })
  }
}
