import TraceModel

/// Distinct runs of bytes, each with the number under which it came first.
struct ByteStringTable {
  private struct Entry {
    let start: Int
    let end: Int
    var hash: UInt64
  }

  private(set) var bytes: [UInt8] = []
  private var entries: [Entry] = []
  /// Another one in each table, so that nobody can choose texts that share their hash.
  private var seed: TableSeed
  /// Slots looked at for a new run before another seed is taken; doubles with each.
  private var probesMax = TableSeed.probesMax
  /// Seeds that were given up, for tests.
  private(set) var reseedings = 0
  /// Numbers of entries by hash, at most half of them used; -1 where there is none.
  private var slots = [Int32](repeating: -1, count: 256)

  init(seed: TableSeed = .random()) { self.seed = seed }

  var count: Int { entries.count }

  /// The number of a run of bytes, from 0, and whether it is new.
  @inline(__always)
  mutating func insert(_ run: UnsafeRawBufferPointer) -> (number: Int, isNew: Bool) {
    let hash = seed.hash(run)
    let mask = slots.count &- 1
    let first = Int(truncatingIfNeeded: hash) & mask
    var slot = first
    while true {
      let number = Int(slots[slot])
      if number < 0 { break }
      if entries[number].hash == hash, isEqual(entries[number], run) { return (number, false) }
      slot = (slot &+ 1) & mask
    }
    let number = entries.count
    let start = bytes.count
    bytes.append(contentsOf: run)
    entries.append(Entry(start: start, end: bytes.count, hash: hash))
    slots[slot] = Int32(truncatingIfNeeded: number)
    if entries.count &* 2 > slots.count {
      refill(slots.count &* 4)
    } else if (slot &- first) & mask > probesMax {
      reseed()
    }
    return (number, true)
  }

  /// Forgets all, and gives memory back after many.
  mutating func removeAll() {
    guard count > 0 else { return }
    self.bytes.removeAll(keepingCapacity: self.bytes.capacity <= 1 << 17)
    entries.removeAll(keepingCapacity: entries.capacity <= 1 << 12)
    slots = [Int32](repeating: -1, count: 256)
    probesMax = TableSeed.probesMax
  }

  /// Calls `body` with each run, in the order in which they came.
  func forEach(_ body: (UnsafeRawBufferPointer) -> Void) {
    bytes.withUnsafeBytes { all in
      for entry in entries { body(UnsafeRawBufferPointer(rebasing: all[entry.start..<entry.end])) }
    }
  }

  private func isEqual(_ entry: Entry, _ run: UnsafeRawBufferPointer) -> Bool {
    bytes.withUnsafeBytes { all in
      ByteString.equal(UnsafeRawBufferPointer(rebasing: all[entry.start..<entry.end]), run)
    }
  }

  private mutating func reseed() {
    reseedings += 1
    seed = .random()
    probesMax *= 2
    bytes.withUnsafeBytes { all in
      for index in entries.indices {
        let entry = entries[index]
        entries[index].hash = seed.hash(UnsafeRawBufferPointer(rebasing: all[entry.start..<entry.end]))
      }
    }
    refill(slots.count)
  }

  /// Puts all entries into so many slots anew.
  private mutating func refill(_ count: Int) {
    slots = [Int32](repeating: -1, count: count)
    let mask = slots.count - 1
    for (number, entry) in entries.enumerated() {
      var slot = Int(truncatingIfNeeded: entry.hash) & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(truncatingIfNeeded: number)
    }
  }
}
