import TraceModel

/// Distinct runs of bytes, each with the number under which it came first.
struct ByteStringTable {
  private struct Entry {
    let start: Int
    let end: Int
    let hash: UInt64
  }

  private(set) var bytes: [UInt8] = []
  private var entries: [Entry] = []
  /// Another one in each table, so that nobody can choose texts that share their hash.
  private let seed = TableSeed.random()
  /// Numbers of entries by hash, at most half of them used; -1 where there is none.
  private var slots = [Int32](repeating: -1, count: 256)

  var count: Int { entries.count }

  /// The number of a run of bytes, from 0, and whether it is new.
  @inline(__always)
  mutating func insert(_ run: UnsafeRawBufferPointer) -> (number: Int, isNew: Bool) {
    let hash = seed.hash(run)
    let mask = slots.count &- 1
    var slot = Int(truncatingIfNeeded: hash) & mask
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
    if entries.count &* 2 > slots.count { grow() }
    return (number, true)
  }

  /// Forgets all, and gives memory back after many.
  mutating func removeAll() {
    guard count > 0 else { return }
    self.bytes.removeAll(keepingCapacity: self.bytes.capacity <= 1 << 17)
    entries.removeAll(keepingCapacity: entries.capacity <= 1 << 12)
    slots = [Int32](repeating: -1, count: 256)
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

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 4)
    let mask = slots.count - 1
    for (number, entry) in entries.enumerated() {
      var slot = Int(truncatingIfNeeded: entry.hash) & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(truncatingIfNeeded: number)
    }
  }
}
