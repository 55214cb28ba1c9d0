import Statistics

/// Finds what open buckets have counted for an intake since it looked last, and says which file that goes to: each bucket of
/// each receiving thread has one. Decides only: it knows no files and no clocks.
struct OpenBucketTracker: Sendable {
  /// The records of the groups of a bucket that have changed.
  struct Change: Sendable, Equatable {
    let file: UInt64
    /// Start of the bucket, in ns since 1970.
    let startNs: Int64
    var records: [UInt8] = []
  }

  /// What was known of a bucket's groups when they were looked at last.
  private struct Seen {
    /// `notOnDisk` where that is so.
    var counts: [UInt64] = []
    /// Whether a group counts in what is sent, which never changes.
    var areSent: [Bool] = []
    var file: UInt64?
  }

  /// Where a look goes on that had to end before it had seen everything.
  private struct Position {
    let place: BucketPlace
    let group: Int
  }

  private static let notOnDisk = UInt64.max

  private var seen: [BucketPlace: Seen] = [:]
  private var next: Position?
  private var nextFile: UInt64 = 1

  /// Looks at everything, or goes on where the last look had to end.
  /// - Parameters:
  ///   - bytesMax: ends the look when its records are as large; the last of them may be larger.
  ///   - openBuckets: of one receiving thread, from 0 on; `nil` for one that could not be looked at. Nobody holds them when
  ///     those of the next are asked for: the thread copies what is held before it counts on.
  mutating func changes(
    threads: Int, bytesMax: Int, _ openBuckets: (Int) -> [StatsBucket]?
  ) -> [Change] {
    let start = next
    next = nil
    var changes: [Change] = []
    var bytesLeft = bytesMax
    for source in (start?.place.source ?? 0)..<max(threads, start?.place.source ?? 0) {
      for bucket in (openBuckets(source) ?? []).sorted(by: { $0.startNs < $1.startNs }) {
        let place = BucketPlace(source: source, startNs: bucket.startNs)
        var first = 0
        if let start, start.place.source == source {
          if bucket.startNs < start.place.startNs { continue }
          if bucket.startNs == start.place.startNs { first = start.group }
        }
        if let change = change(of: bucket, at: place, from: first, &bytesLeft) { changes.append(change) }
        if next != nil { return changes }
      }
    }
    return changes
  }

  private mutating func change(
    of bucket: StatsBucket, at place: BucketPlace, from first: Int, _ bytesLeft: inout Int
  ) -> Change? {
    var known = seen[place] ?? Seen()
    defer { seen[place] = known }
    let counts = bucket.spanCounts
    for index in known.areSent.count..<max(counts.count, known.areSent.count) {
      known.areSent.append(bucket.isSent(index))
    }
    for _ in known.counts.count..<max(counts.count, known.counts.count) { known.counts.append(Self.notOnDisk) }
    var records: [UInt8] = []
    for index in min(first, counts.count)..<counts.count {
      let count = min(counts[index], Self.notOnDisk - 1)
      guard known.areSent[index], known.counts[index] != count else { continue }
      if records.count >= bytesLeft {
        next = Position(place: place, group: index)
        break
      }
      bucket.appendRecord(of: index, source: place.source, to: &records)
      known.counts[index] = count
    }
    bytesLeft -= records.count
    guard !records.isEmpty else { return nil }
    let file = known.file ?? nextFile
    if known.file == nil { nextFile += 1 }
    known.file = file
    return Change(file: file, startNs: place.startNs, records: records)
  }

  /// Buckets have closed. What begins at the same time after this is another one.
  /// - Returns: their files, which get nothing more.
  mutating func close(_ places: [BucketPlace]) -> [UInt64] {
    places.compactMap { seen.removeValue(forKey: $0)?.file }
  }

  /// Finds all groups again the next time: what was found before is not on disk.
  mutating func findAllAgain() {
    next = nil
    for place in seen.keys { seen[place]?.counts = [] }
  }
}
