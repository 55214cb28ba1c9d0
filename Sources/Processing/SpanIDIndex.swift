import TraceModel

/// Finds a span of the chunk at hand by its id. Of spans with the same id the last one is found.
///
/// An open-addressed table that is reused for every chunk: entries of earlier chunks are distinguished by a generation
/// number, so nothing is cleared.
struct SpanIDIndex: ~Copyable, Sendable {
  struct Entry: BitwiseCopyable, Sendable {
    var spanID: UInt64 = 0
    var generation: UInt32 = 0
    var position: UInt32 = 0
  }

  private static let keptBytes = 1 << 18
  private var entries = GrowableBuffer<Entry>()
  private var generation: UInt32 = 0
  private var mask = 0
  /// Different ids of the chunk at hand.
  private var count = 0

  init() {}

  /// Starts a chunk of at most `count` spans; more would make a search endless.
  mutating func begin(count: Int) {
    var wanted = 64
    while wanted < count &* 2 { wanted *= 2 }
    if entries.count < wanted || (wanted <= 64 && entries.allocatedBytes > Self.keptBytes) || generation == .max {
      entries.removeAll(keepingBytes: 0)
      entries.append(repeating: Entry(), count: wanted)
      mask = wanted - 1
      generation = 0
    }
    generation += 1
    self.count = 0
  }

  /// Records a span; returns whether the id was there already.
  mutating func insert(_ spanID: UInt64, position: Int) -> Bool {
    var slot = Self.slot(spanID) & mask
    while entries[slot].generation == generation {
      if entries[slot].spanID == spanID {
        entries[slot].position = UInt32(position)
        return true
      }
      slot = (slot + 1) & mask
    }
    count += 1
    precondition(count * 2 <= entries.count, "more spans in a chunk than were announced")
    entries[slot] = Entry(spanID: spanID, generation: generation, position: UInt32(position))
    return false
  }

  /// Position of the span with this id, or `nil` when the chunk has none.
  func position(of spanID: UInt64) -> Int? {
    var slot = Self.slot(spanID) & mask
    while entries[slot].generation == generation {
      if entries[slot].spanID == spanID { return Int(entries[slot].position) }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private static func slot(_ spanID: UInt64) -> Int {
    Int(truncatingIfNeeded: (spanID &* 0x9E37_79B9_7F4A_7C15) >> 32)
  }
}
