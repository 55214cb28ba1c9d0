import TraceModel

/// Distinct runs of bytes, each with the number under which it came first.
struct ByteStringTable: ~Copyable {
  private struct Entry: BitwiseCopyable {
    let start: Int
    let end: Int
    let hash: UInt64
  }

  private static let slotsMin = 256

  private var bytes = GrowableBuffer<UInt8>()
  private var entries = GrowableBuffer<Entry>()
  /// Another one in each table, so that nobody can choose texts that share their hash.
  private let seed = TableSeed.random()
  /// Numbers of entries by hash, at most half of them used; -1 where there is none. Made with the first entry.
  private var slots = GrowableBuffer<Int32>()

  var count: Int { entries.count }

  /// Bytes that all runs have together.
  var byteCount: Int { bytes.count }

  /// The number of a run of bytes, from 0, and whether it is new.
  @inline(__always)
  mutating func insert(_ run: UnsafeRawBufferPointer) -> (number: Int, isNew: Bool) {
    if slots.isEmpty { slots.append(repeating: -1, count: Self.slotsMin) }
    let hash = seed.hash(run)
    let mask = slots.count &- 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let number = Int(slots[slot])
      if number < 0 { break }
      if entries[number].hash == hash, ByteString.equal(self.run(number), run) { return (number, false) }
      slot = (slot &+ 1) & mask
    }
    return (add(run, hash: hash, slot: slot), true)
  }

  /// Calls `body` with each run, in the order in which they came.
  func forEach(_ body: (UnsafeRawBufferPointer) -> Void) {
    for number in 0..<count { body(run(number)) }
  }

  @inline(__always)
  private func run(_ number: Int) -> UnsafeRawBufferPointer {
    let entry = entries[number]
    return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes.pointer)[entry.start..<entry.end])
  }

  private mutating func add(_ run: UnsafeRawBufferPointer, hash: UInt64, slot: Int) -> Int {
    let number = entries.count
    let start = bytes.count
    bytes.append(run)
    entries.append(Entry(start: start, end: bytes.count, hash: hash))
    slots[slot] = Int32(truncatingIfNeeded: number)
    if entries.count &* 2 > slots.count { grow() }
    return number
  }

  private mutating func grow() {
    let size = slots.count * 4
    slots.removeAll()
    slots.append(repeating: -1, count: size)
    let mask = size - 1
    for number in 0..<entries.count {
      var slot = Int(truncatingIfNeeded: entries[number].hash) & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(truncatingIfNeeded: number)
    }
  }
}

extension GrowableBuffer<UInt8> {
  /// Appends a copy of some bytes.
  @inline(__always)
  mutating func append(_ run: UnsafeRawBufferPointer) {
    append(contentsOf: run.assumingMemoryBound(to: UInt8.self))
  }
}
