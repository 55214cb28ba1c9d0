import Statistics

/// What buckets that are still open have counted so far, of the groups that have changed since it was said last.
struct OpenStatistics: Sendable {
  /// Changes that wait at most. More are found again a second later.
  static let changesMax = 100_000

  /// A group of an open bucket, with all that it has counted.
  struct Change: Sendable {
    /// Start of the bucket in ns: with thread and number it tells groups apart.
    let bucketNs: Int64
    /// Which receiving thread counted it.
    let shard: Int64
    /// Which group of the bucket it is.
    let number: Int64
    let widthSeconds: Int64
    let startSeconds: Int64
    let key: LocalKey
    let cell: LocalCell
  }

  var changes: [Change] = []
  /// Starts of buckets that have closed, in ns: what was open of them is in a period now.
  var closed: Set<Int64> = []

  var isEmpty: Bool { changes.isEmpty && closed.isEmpty }

  /// - Returns: how many of the changes have found a place, from the first on.
  mutating func add(_ later: OpenStatistics) -> Int {
    let taken = min(later.changes.count, max(Self.changesMax - changes.count, 0))
    changes += later.changes.prefix(taken)
    return taken
  }

  mutating func close(_ buckets: Set<Int64>) {
    guard !buckets.isEmpty else { return }
    closed.formUnion(buckets)
    changes.removeAll { buckets.contains($0.bucketNs) }
  }
}

/// Finds what has changed in open buckets since it looked last.
struct OpenStatisticsTracker: Sendable {
  private struct Place: Hashable {
    let shard: Int
    let bucketNs: Int64
  }

  /// Spans of each group when it was looked at.
  private var seen: [Place: [UInt64]] = [:]
  /// Changes in front of those with which to begin: when not all were taken, the others come first the next time.
  private var taken = 0

  /// Forgets buckets that have closed: another one may begin at the same time and count as many spans.
  mutating func forget(_ closedBuckets: Set<Int64>) {
    for place in seen.keys where closedBuckets.contains(place.bucketNs) { seen[place] = nil }
  }

  /// - Parameters:
  ///   - shards: the open buckets of each receiving thread; `nil` for one that could not be looked at.
  ///   - take: gets the changes, and returns how many it has taken, from the first on; the others are found again.
  mutating func changes(
    _ shards: [[StatsBucket]?], bucketSizeNs: Int64, nowNs: Int64, take: (OpenStatistics) -> Int
  ) {
    let width = max(bucketSizeNs / 1_000_000_000, 1)
    var found = OpenStatistics()
    var now: [Place: [UInt64]] = [:]
    for (shard, buckets) in shards.enumerated() {
      guard let buckets else {
        for (place, counts) in seen where place.shard == shard { now[place] = counts }
        continue
      }
      for bucket in buckets {
        let place = Place(shard: shard, bucketNs: bucket.startNs)
        let before = seen[place] ?? []
        let counts = bucket.spanCounts
        now[place] = counts
        let start = min(bucket.startNs, nowNs) / 1_000_000_000
        for (number, count) in counts.enumerated() where number >= before.count || before[number] != count {
          let (key, cell) = bucket.localCell(of: number)
          found.changes.append(
            OpenStatistics.Change(
              bucketNs: bucket.startNs, shard: Int64(shard), number: Int64(number), widthSeconds: width,
              startSeconds: start - start % width, key: key, cell: cell))
        }
      }
    }
    if taken > 0, !found.changes.isEmpty {
      let first = taken % found.changes.count
      found.changes = Array(found.changes[first...] + found.changes[..<first])
    }
    let count = take(found)
    for change in found.changes.dropFirst(count) {
      // No group has that many, so that it has changed the next time.
      now[Place(shard: Int(change.shard), bucketNs: change.bucketNs)]?[Int(change.number)] = .max
    }
    taken = count < found.changes.count ? taken &+ count : 0
    seen = now
  }
}
