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

  /// Memory of the texts, roughly.
  var bytes: Int {
    env.utf8.count + service.utf8.count + resource.utf8.count + operation.utf8.count + type.utf8.count
      + spanKind.utf8.count
  }

  init(_ key: GroupKey) {
    env = key.env
    service = key.service
    resource = key.resource
    operation = key.name
    type = key.type
    spanKind = key.spanKind
    isTopLevel = key.isTopLevel
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

/// The statistics of the last hour in steps of a minute, with their sketches, so that any part of it has true
/// percentiles. In memory; sketches of past minutes are kept in compact form.
package struct LocalHistory: Sendable {
  package static let minuteNs: Int64 = 60_000_000_000
  package static let minutesMax = 60
  /// Keys of one minute at most; spans of further keys are counted, but have no row.
  package static let keysPerMinuteMax = 5_000
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

  struct Minute: Sendable {
    let startNs: Int64
    var cells: [UInt32: StoredCell] = [:]
    var hitsWithoutRow: UInt64 = 0
  }

  private(set) var minutes: [Minute] = []
  /// Each key once, with the number by which minutes refer to it.
  private(set) var keyNumbers: [LocalKey: UInt32] = [:]
  private var nextNumber: UInt32 = 0
  /// Bytes of the texts of all keys; `keyBytesMax` at most.
  private(set) var keyBytes = 0

  package init() {}

  /// Keys that some minute has; each is held once.
  var keyCount: Int { keyNumbers.count }

  /// Takes over a closed bucket of one shard. One from the future counts as of now.
  package mutating func add(_ bucket: StatsBucket, nowNs: Int64) {
    let index = minuteIndex(BucketClock.align(min(bucket.startNs, nowNs), Self.minuteNs))
    for (key, cell) in LocalAggregate.cells(of: bucket) {
      if let number = keyNumbers[key], let stored = minutes[index].cells[number] {
        var merged = stored.cell
        merged.add(cell)
        minutes[index].cells[number] = StoredCell(merged)
      } else if minutes[index].cells.count < Self.keysPerMinuteMax,
        keyNumbers[key] != nil || keyBytes + key.bytes <= Self.keyBytesMax
      {
        minutes[index].cells[number(of: key)] = StoredCell(cell)
      } else {
        minutes[index].hitsWithoutRow &+= cell.hits
      }
    }
  }

  /// Forgets minutes older than an hour, and keys that no minute has any more.
  package mutating func expire(nowNs: Int64) {
    let oldest = BucketClock.align(nowNs, Self.minuteNs) - Int64(Self.minutesMax) * Self.minuteNs
    let before = minutes.count
    minutes.removeAll { $0.startNs < oldest }
    if minutes.count < before {
      let used = Set(minutes.flatMap(\.cells.keys))
      keyNumbers = keyNumbers.filter { used.contains($0.value) }
      keyBytes = keyNumbers.keys.reduce(0) { $0 + $1.bytes }
    }
  }

  /// Adds every minute that reaches past `sinceNs` to an aggregate.
  package func collect(sinceNs: Int64, into aggregate: inout LocalAggregate) {
    let recent = minutes.filter { $0.startNs + Self.minuteNs > sinceNs }
    guard !recent.isEmpty else { return }
    var keys: [UInt32: LocalKey] = [:]
    for (key, number) in keyNumbers { keys[number] = key }
    for minute in recent {
      for (number, stored) in minute.cells {
        if let key = keys[number] { aggregate.add(key, stored.cell) }
      }
      aggregate.hitsWithoutRow &+= minute.hitsWithoutRow
    }
  }

  private mutating func minuteIndex(_ startNs: Int64) -> Int {
    if let index = minutes.lastIndex(where: { $0.startNs == startNs }) { return index }
    minutes.append(Minute(startNs: startNs))
    return minutes.count - 1
  }

  private mutating func number(of key: LocalKey) -> UInt32 {
    if let known = keyNumbers[key] { return known }
    keyNumbers[key] = nextNumber
    keyBytes += key.bytes
    nextNumber &+= 1
    return nextNumber &- 1
  }
}
