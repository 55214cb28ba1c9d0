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

  /// Whether the row stands for resources that have none of their own.
  package var isCollapsed: Bool { resource == StatsBucket.blockedValue }

  /// The row in which hits of this one count where it has none: the service's sums stay whole, and so do those of each of
  /// its versions.
  var collapsed: LocalKey {
    var key = self
    key.resource = StatsBucket.blockedValue
    key.operation = StatsBucket.blockedValue
    key.spanKind = ""
    return key
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

  /// - Parameter isClientComputed: the hits are what a client says; its sketches may lack some.
  mutating func add(_ group: Group, isClientComputed: Bool) {
    hits &+= isClientComputed ? UInt64(nearest: group.hits) : group.okSketch.count &+ group.errorSketch.count
    errors &+= isClientComputed ? UInt64(nearest: group.errors) : group.errorSketch.count
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
  /// Keys of one minute or step at most; spans of further keys count in a row for all of them of a service. There are at
  /// most a fifth as many steps as minutes, so steps add no more than that to the memory of the hour.
  package static let keysPerPeriodMax = 5_000
  /// Rows of one minute or step that stand for other keys at most; what is beyond is counted without a row.
  static let collapsedPerPeriodMax = 1_000
  /// Rows of a service that it gets although others have taken all: its few true resources stay seen beside a service whose
  /// names hold ids.
  static let rowsOfEachService = 20
  /// Such rows of one minute or step at most.
  static let sparedPerPeriodMax = 500
  /// Bytes of all keys together at most; as above when more come. As many again only for rows that stand for others.
  package static let keyBytesMax = 16 << 20
  /// Bins of a sketch that is kept when there is little memory left.
  static let coarseBins = 16

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

    /// Of memory, with its place in a table that is three quarters full as a rule, and what an array costs.
    var bytes: Int { MemoryLayout<StoredCell>.stride * 4 / 3 + 8 + 48 + sketch.count }

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
    private(set) var cells: [UInt32: StoredCell] = [:]
    private var rowsOfServices: [String: Int] = [:]
    var hitsWithoutRow: UInt64 = 0
    /// Bytes of memory that the cells take, nearly.
    private(set) var bytes = 0

    init(startNs: Int64) { self.startNs = startNs }

    /// Whether a key without a row may have one here.
    func mayTake(_ key: LocalKey) -> Bool {
      if cells.count < LocalHistory.keysPerPeriodMax { return true }
      if key.isCollapsed { return cells.count < LocalHistory.keysPerPeriodMax + LocalHistory.collapsedPerPeriodMax }
      return cells.count < LocalHistory.keysPerPeriodMax + LocalHistory.sparedPerPeriodMax
        && rowsOfServices[key.service, default: 0] < LocalHistory.rowsOfEachService
    }

    /// Adds to a row of a service, or to the hits without one.
    /// - Returns: bytes of memory more than before.
    mutating func add(_ cell: LocalCell, of service: String, _ number: UInt32?, isCoarse: Bool) -> Int {
      guard let number else {
        hitsWithoutRow &+= cell.hits
        return 0
      }
      let before = bytes
      var merged = cell
      if let known = cells[number] {
        merged.add(known.cell)
        bytes -= known.bytes
      } else {
        let before = rowsOfServices.count
        rowsOfServices[service, default: 0] += 1
        // Of a table that is three quarters full as a rule.
        if rowsOfServices.count > before { bytes += 32 }
      }
      if isCoarse { merged.sketch = merged.sketch.coarse(binsMax: LocalHistory.coarseBins) }
      let stored = StoredCell(merged)
      bytes += stored.bytes
      cells[number] = stored
      return bytes - before
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
  /// Bytes of the texts of all keys; twice `keyBytesMax` at most.
  private(set) var keyBytes = 0
  /// Bytes of memory that the cells of all periods take, nearly.
  private(set) var cellBytes = 0
  /// What they may take: beyond, their percentiles are coarse, and new keys have no row.
  private let bytesMax: Int
  /// All that was counted from here on is in the history, ns since 1970. What is older may be in a store.
  package private(set) var sinceNs: Int64

  /// - Parameters:
  ///   - bucketSizeNs: width of the buckets that will be added.
  ///   - sinceNs: from where on everything will be added or restored.
  ///   - bytesMax: of memory for what was counted; 0 is no limit.
  package init(bucketSizeNs: Int64 = 10_000_000_000, sinceNs: Int64 = 0, bytesMax: Int = 0) {
    self.bytesMax = bytesMax > 0 ? bytesMax : .max
    stepNs = max(bucketSizeNs, 1)
    minuteNs = stepNs * max(1, Self.minuteNs / stepNs)
    self.sinceNs = sinceNs
  }

  /// Where the hour begins that is kept at `nowNs`.
  package static func hourStartNs(nowNs: Int64) -> Int64 { BucketClock.align(nowNs, minuteNs) - hourNs }

  /// Adds what an earlier agent counted of a key in a period of its own.
  package mutating func restore(_ key: LocalKey, _ cell: LocalCell, startNs: Int64, widthNs: Int64) {
    if widthNs > stepNs {
      add(key, cell, toMinute: Self.index(of: BucketClock.align(startNs, minuteNs), in: &minutes))
    } else {
      add(key, cell, toStep: Self.index(of: BucketClock.align(startNs, stepNs), in: &steps))
    }
  }

  /// Keys that some period has; each is held once.
  var keyCount: Int { keyNumbers.count }

  /// Takes over a closed bucket of one shard. One from the future counts as of now.
  package mutating func add(_ bucket: StatsBucket, nowNs: Int64) {
    let index = Self.index(of: BucketClock.align(min(bucket.startNs, nowNs), stepNs), in: &steps)
    for (key, cell) in LocalAggregate.cells(of: bucket) { add(key, cell, toStep: index) }
  }

  private mutating func add(_ key: LocalKey, _ cell: LocalCell, toStep index: Int) {
    let number = number(of: key, in: steps[index])
    cellBytes += steps[index].add(cell, of: key.service, number, isCoarse: isScarce)
  }

  private mutating func add(_ key: LocalKey, _ cell: LocalCell, toMinute index: Int) {
    let number = number(of: key, in: minutes[index])
    cellBytes += minutes[index].add(cell, of: key.service, number, isCoarse: isScarce)
  }

  /// Whether cells take more memory than they may.
  private var isScarce: Bool { cellBytes > bytesMax }

  /// The number of the row of a key in a period, else of the row for all keys of its service that have none; `nil` when
  /// there is no place for either.
  private mutating func number(of key: LocalKey, in period: Period) -> UInt32? {
    ownNumber(of: key, in: period) ?? ownNumber(of: key.collapsed, in: period)
  }

  /// The number of a key that has a row in a period, or may have one.
  private mutating func ownNumber(of key: LocalKey, in period: Period) -> UInt32? {
    let known = keyNumbers[key]
    if let known, period.cells[known] != nil { return known }
    guard period.mayTake(key), key.isCollapsed || !isScarce else { return nil }
    return known ?? newNumber(of: key)
  }

  /// Makes minutes of steps older than a minute, and forgets minutes older than an hour and keys that nothing has any
  /// more.
  package mutating func expire(nowNs: Int64) {
    stepsSinceNs = BucketClock.align(nowNs, minuteNs) - minuteNs
    let old = steps.filter { $0.startNs < stepsSinceNs }
    if !old.isEmpty {
      steps.removeAll { $0.startNs < stepsSinceNs }
      let keys = self.keys
      for step in old {
        let index = Self.index(of: BucketClock.align(step.startNs, minuteNs), in: &minutes)
        minutes[index].hitsWithoutRow &+= step.hitsWithoutRow
        for (number, stored) in step.cells {
          if let key = keys[number] { add(key, stored.cell, toMinute: index) }
        }
      }
    }
    let oldest = BucketClock.align(nowNs, minuteNs) - Self.hourNs
    let before = minutes.count
    minutes.removeAll { $0.startNs < oldest }
    sinceNs = max(sinceNs, oldest)
    cellBytes = minutes.reduce(0) { $0 + $1.bytes } + steps.reduce(0) { $0 + $1.bytes }
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
    let keys = self.keys
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

  /// Each key by its number.
  private var keys: [UInt32: LocalKey] {
    var keys: [UInt32: LocalKey] = [:]
    for (key, number) in keyNumbers { keys[number] = key }
    return keys
  }

  /// `nil` when there is no memory for the key's texts.
  private mutating func newNumber(of key: LocalKey) -> UInt32? {
    guard keyBytes + key.bytes <= Self.keyBytesMax * (key.isCollapsed ? 2 : 1) else { return nil }
    keyNumbers[key] = nextNumber
    keyBytes += key.bytes
    nextNumber &+= 1
    return nextNumber &- 1
  }
}
