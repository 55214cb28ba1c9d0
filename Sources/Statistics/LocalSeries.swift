/// Which local keys statistics over time are made of: those that fit every member that is there.
package struct LocalKeyFilter: Sendable {
  package var service: String?
  package var resource: String?
  package var operation: String?
  package var env: String?
  /// Spans inside of a service count too, not only those that enter it.
  package var allSpans = false
  /// Left out unless it is the service asked for.
  package var excludedService: String?

  package init() {}

  /// Whether a key fits the filter in every member.
  package func matches(_ key: LocalKey) -> Bool {
    guard allSpans || key.isTopLevel, env == nil || env == key.env else { return false }
    guard service.map({ $0 == key.service }) ?? (key.service != excludedService) else { return false }
    return (resource == nil || resource == key.resource) && (operation == nil || operation == key.operation)
  }
}

/// Statistics over time, in steps of equal width, with a line for each group of keys.
package struct LocalSeries: Sendable {
  /// What a line is about. Empty texts where a line holds several.
  package struct LineKey: Hashable, Sendable {
    package var service = ""
    package var env = ""
    package var resource = ""
    package var operation = ""
  }

  /// What keys of one line have in common.
  package enum Grouping: Sendable {
    /// There is one line for all.
    case total
    /// A line for each service and environment.
    case services
    /// Service, environment, resource and operation.
    case resources
  }

  /// What was counted in one step.
  package struct Step: Sendable {
    package var hits: UInt64 = 0
    package var errors: UInt64 = 0
    /// Empty unless percentiles are wanted.
    package var sketch = DDSketch()
  }

  /// Where the first step begins, and where the last one ends; ns since 1970.
  package let startNs: Int64
  package let endNs: Int64
  package let stepNs: Int64
  private let grouping: Grouping
  private let filter: LocalKeyFilter
  private let hasLatency: Bool
  private let endsNow: Bool
  /// Sources that were busy all the while: what they have counted and not yet handed over is missing.
  package var missingSources = 0
  /// Steps of each line, all of them also where nothing was counted.
  package private(set) var lines: [LineKey: [Step]] = [:]

  /// How many steps each line has.
  package var count: Int { Int(clamping: (endNs &- startNs) / stepNs) }

  /// - Parameters:
  ///   - sinceNs: a moment in the first step, ns since 1970; steps begin at multiples of their width.
  ///   - nowNs: a moment in the last step, not before `sinceNs`.
  ///   - hasLatency: whether sketches are gathered.
  ///   - endsNow: false for a part of the past, which what comes later does not belong to.
  package init(
    sinceNs: Int64, nowNs: Int64, stepNs: Int64, grouping: Grouping, filter: LocalKeyFilter, hasLatency: Bool,
    endsNow: Bool = true
  ) {
    self.stepNs = max(stepNs, 1)
    startNs = BucketClock.align(max(sinceNs, 0), self.stepNs)
    endNs = BucketClock.align(max(nowNs, sinceNs, 0), self.stepNs) &+ self.stepNs
    self.grouping = grouping
    self.filter = filter
    self.hasLatency = hasLatency
    self.endsNow = endsNow
  }

  /// Whether any line holds the key.
  package func selects(_ key: LocalKey) -> Bool { filter.matches(key) }

  /// Whether a period that begins then belongs to a step.
  package func holds(_ timeNs: Int64) -> Bool { timeNs >= startNs && timeNs < endNs }

  /// Adds what was counted of a selected key in a period that begins at `timeNs`; `sketch` is called when it is needed.
  package mutating func add(
    _ key: LocalKey, startNs timeNs: Int64, hits: UInt64, errors: UInt64, sketch: () -> DDSketch
  ) {
    guard holds(timeNs) else { return }
    let index = Int((timeNs - startNs) / stepNs)
    let line = LineKey(key, grouping)
    // Spans may end a little ahead of our clock, but not in steps that the line lacks: `holds` has seen to that.
    if lines[line] == nil { lines[line] = [Step](repeating: Step(), count: count) }
    lines[line]?[index].hits &+= hits
    lines[line]?[index].errors &+= errors
    if hasLatency { lines[line]?[index].sketch.merge(sketch()) }
  }

  /// Adds a bucket that may still be open. One from the future counts in the last step, as in the history.
  package mutating func add(_ bucket: StatsBucket) {
    let timeNs = endsNow ? min(bucket.startNs, endNs - 1) : bucket.startNs
    guard holds(timeNs) else { return }
    for (key, cell) in LocalAggregate.cells(of: bucket) where selects(key) {
      add(key, startNs: timeNs, hits: cell.hits, errors: cell.errors) { cell.sketch }
    }
  }
}

extension LocalSeries.LineKey {
  init(_ key: LocalKey, _ grouping: LocalSeries.Grouping) {
    switch grouping {
    case .total: self.init()
    case .services: self.init(service: key.service, env: key.env)
    case .resources:
      self.init(service: key.service, env: key.env, resource: key.resource, operation: key.operation)
    }
  }
}
