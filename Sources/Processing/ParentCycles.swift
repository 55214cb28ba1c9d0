import TraceModel

/// Finds spans whose parents lead back to them: a span that is its own parent, and rings of several.
///
/// Looks at each span's parent twice at most, whatever clients sent.
struct ParentCycles: ~Copyable, Sendable {
  private static let keptBytes = 1 << 18
  /// For each span of the chunk, the walk that came to it first; 0 for none yet.
  private var walks = GrowableBuffer<UInt32>()

  /// Spans of a chunk that lie on a cycle, and the position of one of them; those that only descend from one are not
  /// counted.
  mutating func count(
    _ batch: borrowing SpanBatch, _ spans: Range<Int>, _ spanIDs: borrowing SpanIDIndex
  ) -> (spans: UInt64, example: Int?) {
    walks.removeAll(keepingBytes: Self.keptBytes)
    walks.append(repeating: 0, count: spans.count)
    var (found, example): (UInt64, Int?) = (0, nil)
    for start in spans {
      let walk = UInt32(start - spans.lowerBound) + 1
      var place: Int? = start
      while let index = place, walks[index - spans.lowerBound] == 0 {
        walks[index - spans.lowerBound] = walk
        place = Self.parent(of: index, batch, spanIDs)
      }
      // A walk that ends where it has been itself has gone around once.
      guard let first = place, walks[first - spans.lowerBound] == walk else { continue }
      place = first
      if example == nil { example = first }
      repeat {
        found &+= 1
        place = place.flatMap { Self.parent(of: $0, batch, spanIDs) }
      } while place != nil && place != first
    }
    return (found, example)
  }

  private static func parent(
    of index: Int, _ batch: borrowing SpanBatch, _ spanIDs: borrowing SpanIDIndex
  ) -> Int? {
    let parent = batch.spans[index].parentID
    return parent == 0 ? nil : spanIDs.position(of: parent)
  }
}
