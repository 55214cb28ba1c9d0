import Statistics

/// Finds what open buckets have counted for an intake since it looked last, and says which file that goes to: a bucket of all
/// receiving threads has one. Decides only: it knows no files and no clocks.
struct OpenBucketTracker: Sendable {
  /// The records of the groups of a bucket that have changed.
  struct Change: Sendable, Equatable {
    let file: UInt64
    /// Start of the bucket, in ns since 1970.
    let startNs: Int64
    var records: [UInt8] = []
  }

  private struct Place: Hashable {
    let source: Int
    let startNs: Int64
  }

  /// What was known of a bucket's groups when it was looked at last.
  private struct Seen {
    var counts: [UInt64] = []
    /// Whether a group counts in what is sent, which never changes.
    var areSent: [Bool] = []
  }

  private var seen: [Place: Seen] = [:]
  /// By the start of the bucket.
  private var files: [Int64: UInt64] = [:]
  private var nextFile: UInt64 = 1

  /// - Parameter sources: the open buckets of each receiving thread; `nil` for one that could not be looked at.
  mutating func changes(_ sources: [[StatsBucket]?]) -> [Change] {
    var changes: [Int64: Change] = [:]
    for (source, buckets) in sources.enumerated() {
      for bucket in buckets ?? [] {
        let place = Place(source: source, startNs: bucket.startNs)
        var known = seen[place] ?? Seen()
        let counts = bucket.spanCounts
        for index in known.areSent.count..<max(counts.count, known.areSent.count) {
          known.areSent.append(bucket.isSent(index))
        }
        for (index, count) in counts.enumerated() where known.areSent[index] {
          guard index >= known.counts.count || known.counts[index] != count else { continue }
          let file = file(of: bucket.startNs)
          bucket.appendRecord(
            of: index, source: source,
            to: &changes[bucket.startNs, default: Change(file: file, startNs: bucket.startNs)].records)
        }
        known.counts = counts
        seen[place] = known
      }
    }
    return changes.values.sorted { $0.startNs < $1.startNs }
  }

  /// Buckets have closed. What begins at the same time after this is another one.
  /// - Returns: their files, which get nothing more.
  mutating func close(_ starts: Set<Int64>) -> [UInt64] {
    for place in seen.keys where starts.contains(place.startNs) { seen[place] = nil }
    return starts.sorted().compactMap { files.removeValue(forKey: $0) }
  }

  /// Finds all groups again the next time: what was found before is not on disk.
  mutating func findAllAgain() {
    for place in seen.keys { seen[place]?.counts = [] }
  }

  private mutating func file(of startNs: Int64) -> UInt64 {
    if let file = files[startNs] { return file }
    defer { nextFile += 1 }
    files[startNs] = nextFile
    return nextFile
  }
}
