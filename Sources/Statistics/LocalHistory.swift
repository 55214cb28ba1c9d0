import TraceModel

/// What a person at this machine distinguishes groups of spans by.
package struct LocalKey: Hashable, Sendable {
  package var env: String
  package var service: String
  package var resource: String
  package var operation: String
  package var type: String
  package var spanKind: String
  /// The spans enter their service.
  package var isTopLevel: Bool
  /// Of the app that sent them (the `version` tag, `DD_VERSION`); empty when it has none.
  package var version: String

  /// Memory of the texts, roughly.
  var bytes: Int {
    env.utf8.count + service.utf8.count + resource.utf8.count + operation.utf8.count + type.utf8.count
      + spanKind.utf8.count + version.utf8.count
  }

  /// A key of its parts, in the order of the properties.
  package init(
    env: String, service: String, resource: String, operation: String, type: String, spanKind: String,
    isTopLevel: Bool, version: String = ""
  ) {
    self.env = env
    self.service = service
    self.resource = resource
    self.operation = operation
    self.type = type
    self.spanKind = spanKind
    self.isTopLevel = isTopLevel
    self.version = version
  }

  init(_ key: GroupKey) {
    env = key.env
    service = key.service
    resource = key.resource
    operation = key.name
    type = key.type
    spanKind = key.spanKind
    isTopLevel = key.isTopLevel
    version = key.version
  }
}

/// Hits, errors and latency of one local key over some time. Counts are of spans as they came, unweighted.
package struct LocalCell: Sendable {
  package var hits: UInt64 = 0
  package var errors: UInt64 = 0
  package var durationNs = 0.0
  package var maxNs: Int64 = 0
  /// End of the last span, in ns since 1970.
  package var lastEndNs: Int64 = 0
  package var sketch = DDSketch()

  package init() {}

  mutating func add(_ group: Group) {
    hits &+= group.okSketch.count &+ group.errorSketch.count
    errors &+= group.errorSketch.count
    durationNs += group.spanDurationNs
    maxNs = max(maxNs, group.maxNs)
    lastEndNs = max(lastEndNs, group.lastEndNs)
    sketch.merge(group.okSketch)
    sketch.merge(group.errorSketch)
  }

  /// Adds what was counted elsewhere or at another time.
  package mutating func add(_ other: LocalCell) {
    hits &+= other.hits
    errors &+= other.errors
    durationNs += other.durationNs
    maxNs = max(maxNs, other.maxNs)
    lastEndNs = max(lastEndNs, other.lastEndNs)
    sketch.merge(other.sketch)
  }
}

/// The statistics of the last hour with their sketches, so that any part of it has true percentiles: the last one to two
/// minutes in steps of a bucket, what is older in minutes. In memory; sketches are kept in compact form.
package struct LocalHistory: Sendable {
  package static let minuteNs: Int64 = 60_000_000_000
  package static let hourNs = 60 * minuteNs
  /// Keys of one minute or step at most; spans of further keys are counted, but have no row. There are at most a fifth
  /// as many steps as minutes, so steps add no more than that to the memory of the hour.
  package static let keysPerPeriodMax = 5_000
  /// Bytes of all keys together at most; as above when more come.
  package static let keyBytesMax = 16 << 20

  struct StoredCell: Sendable {
    var hits: UInt64
    var errors: UInt64
    var durationNs: Double
    var maxNs: Int64
    var lastEndNs: Int64
    var sketch: [UInt8]

    init(_ cell: LocalCell) {
      hits = cell.hits
      errors = cell.errors
      durationNs = cell.durationNs
      maxNs = cell.maxNs
      lastEndNs = cell.lastEndNs
      sketch = cell.sketch.compact()
    }

    var cell: LocalCell {
      var cell = LocalCell()
      cell.hits = hits
      cell.errors = errors
      cell.durationNs = durationNs
      cell.maxNs = maxNs
      cell.lastEndNs = lastEndNs
      cell.sketch.merge(compact: sketch)
      return cell
    }
  }

  /// What was counted in one minute or step.
  struct Period: Sendable {
    let startNs: Int64
    var cells: [UInt32: StoredCell] = [:]
    var hitsWithoutRow: UInt64 = 0

    var isFull: Bool { cells.count >= LocalHistory.keysPerPeriodMax }

    mutating func add(_ cell: StoredCell, _ number: UInt32) {
      if let stored = cells[number] {
        var merged = stored.cell
        merged.add(cell.cell)
        cells[number] = StoredCell(merged)
      } else if isFull {
        hitsWithoutRow &+= cell.hits
      } else {
        cells[number] = cell
      }
    }

    mutating func add(_ other: Period) {
      hitsWithoutRow &+= other.hitsWithoutRow
      for (number, cell) in other.cells { add(cell, number) }
    }
  }

  /// Width of a step: that of the buckets.
  private let stepNs: Int64
  /// Width of what steps become: a minute, or as near to one as whole steps come.
  private let minuteNs: Int64
  private(set) var minutes: [Period] = []
  private(set) var steps: [Period] = []
  /// Steps from before this have become minutes.
  private var stepsSinceNs = Int64.min
  /// Each key once, with the number by which periods refer to it.
  private(set) var keyNumbers: [LocalKey: UInt32] = [:]
  private var nextNumber: UInt32 = 0
  /// Bytes of the texts of all keys; `keyBytesMax` at most.
  private(set) var keyBytes = 0
  /// All that was counted from here on is in the history, ns since 1970. What is older may be in a store.
  package private(set) var sinceNs: Int64

  /// - Parameters:
  ///   - bucketSizeNs: width of the buckets that will be added.
  ///   - sinceNs: from where on everything will be added or restored.
  package init(bucketSizeNs: Int64 = 10_000_000_000, sinceNs: Int64 = 0) {
    stepNs = max(bucketSizeNs, 1)
    minuteNs = stepNs * max(1, Self.minuteNs / stepNs)
    self.sinceNs = sinceNs
  }

  /// Where the hour begins that is kept at `nowNs`.
  package static func hourStartNs(nowNs: Int64) -> Int64 { BucketClock.align(nowNs, minuteNs) - hourNs }

  /// Adds what an earlier agent counted of a key in a period of its own.
  package mutating func restore(_ key: LocalKey, _ cell: LocalCell, startNs: Int64, widthNs: Int64) {
    guard let number = keyNumbers[key] ?? newNumber(of: key) else { return }
    if widthNs > stepNs {
      minutes[Self.index(of: BucketClock.align(startNs, minuteNs), in: &minutes)].add(StoredCell(cell), number)
    } else {
      steps[Self.index(of: BucketClock.align(startNs, stepNs), in: &steps)].add(StoredCell(cell), number)
    }
  }

  /// Keys that some period has; each is held once.
  var keyCount: Int { keyNumbers.count }

  /// Takes over a closed bucket of one shard. One from the future counts as of now.
  package mutating func add(_ bucket: StatsBucket, nowNs: Int64) {
    let index = Self.index(of: BucketClock.align(min(bucket.startNs, nowNs), stepNs), in: &steps)
    for (key, cell) in LocalAggregate.cells(of: bucket) {
      if let number = keyNumbers[key] ?? (steps[index].isFull ? nil : newNumber(of: key)) {
        steps[index].add(StoredCell(cell), number)
      } else {
        steps[index].hitsWithoutRow &+= cell.hits
      }
    }
  }

  /// Makes minutes of steps older than a minute, and forgets minutes older than an hour and keys that nothing has any
  /// more.
  package mutating func expire(nowNs: Int64) {
    stepsSinceNs = BucketClock.align(nowNs, minuteNs) - minuteNs
    for step in steps where step.startNs < stepsSinceNs {
      let index = Self.index(of: BucketClock.align(step.startNs, minuteNs), in: &minutes)
      minutes[index].add(step)
    }
    steps.removeAll { $0.startNs < stepsSinceNs }
    let oldest = BucketClock.align(nowNs, minuteNs) - Self.hourNs
    let before = minutes.count
    minutes.removeAll { $0.startNs < oldest }
    sinceNs = max(sinceNs, oldest)
    if minutes.count < before {
      let used = Set((minutes + steps).flatMap(\.cells.keys))
      keyNumbers = keyNumbers.filter { used.contains($0.value) }
      keyBytes = keyNumbers.keys.reduce(0) { $0 + $1.bytes }
    }
  }

  /// Where the step or minute begins that holds `timeNs`.
  package func periodStartNs(at timeNs: Int64) -> Int64 {
    let timeNs = max(timeNs, 0)
    return BucketClock.align(timeNs, timeNs < stepsSinceNs ? minuteNs : stepNs)
  }

  /// Adds every step and minute that reaches past `sinceNs` and begins before `untilNs` to an aggregate.
  package func collect(sinceNs: Int64, untilNs: Int64, into aggregate: inout LocalAggregate) {
    let startNs = periodStartNs(at: sinceNs)
    let recent = (minutes + steps).filter { $0.startNs >= startNs && $0.startNs < untilNs }
    guard !recent.isEmpty else { return }
    var keys: [UInt32: LocalKey] = [:]
    for (key, number) in keyNumbers { keys[number] = key }
    for period in recent {
      for (number, stored) in period.cells {
        if let key = keys[number], aggregate.counts(key) { aggregate.add(key, stored.cell, startNs: period.startNs) }
      }
      aggregate.hitsWithoutRow &+= period.hitsWithoutRow
    }
  }

  /// Adds the steps and minutes that begin within a series to it.
  package func collect(into series: inout LocalSeries) {
    var keys: [UInt32: LocalKey] = [:]
    for (key, number) in keyNumbers where series.selects(key) { keys[number] = key }
    for period in minutes + steps where series.holds(period.startNs) {
      for (number, stored) in period.cells {
        guard let key = keys[number] else { continue }
        series.add(key, startNs: period.startNs, hits: stored.hits, errors: stored.errors) { stored.cell.sketch }
      }
    }
  }

  private static func index(of startNs: Int64, in periods: inout [Period]) -> Int {
    if let index = periods.lastIndex(where: { $0.startNs == startNs }) { return index }
    periods.append(Period(startNs: startNs))
    return periods.count - 1
  }

  /// `nil` when there is no memory for the key's texts.
  private mutating func newNumber(of key: LocalKey) -> UInt32? {
    guard keyBytes + key.bytes <= Self.keyBytesMax else { return nil }
    keyNumbers[key] = nextNumber
    keyBytes += key.bytes
    nextNumber &+= 1
    return nextNumber &- 1
  }
}
