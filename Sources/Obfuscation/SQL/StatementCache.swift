import TraceModel

/// What statements came to that were seen before, bounded in bytes.
///
/// There are two generations. What is new or used goes into the young one; when that is full it becomes the old one, and
/// the old one is forgotten. So what is used stays, and nothing is kept for each entry but the entry.
struct StatementCache: ~Copyable {
  private var young = StatementGeneration()
  private var old = StatementGeneration()
  private let seed: TableSeed
  /// Most bytes of texts in a generation.
  private let textBytesMax: Int
  /// Most entries of a generation.
  private let entriesMax: Int

  /// - Parameter bytesMax: most bytes of memory for all of it; with less than 4 KiB nothing is kept.
  init(bytesMax: Int, seed: TableSeed = .random()) {
    self.seed = seed
    let share = bytesMax / 2
    // Buffers grow by doubling: a bound that is a power of two is a bound of what they hold, too.
    let text = share < 2048 ? 0 : Self.powerOfTwo(within: share - share / 8)
    let slots = text == 0 ? 0 : Self.powerOfTwo(within: (share - text) / MemoryLayout<StatementSlot>.stride)
    textBytesMax = text
    entriesMax = slots / 4 * 3
  }

  /// Bytes of memory that both generations hold.
  var allocatedBytes: Int { young.allocatedBytes + old.allocatedBytes }

  /// Appends what the statement came to, and the names of its tables, if it is known.
  /// - Parameter dialect: which dialect it was read in; the same text may come to something else in another one.
  mutating func find(
    _ statement: TextBytes, dialect: UInt8, into out: inout GrowableBuffer<UInt8>,
    tables: inout GrowableBuffer<UInt8>
  ) -> Bool {
    guard textBytesMax > 0 else { return false }
    let hash = hash(statement, dialect)
    if let slot = young.find(hash, statement, dialect) {
      young.append(slot, to: &out, &tables)
      return true
    }
    guard let slot = old.find(hash, statement, dialect) else { return false }
    let (start, tablesStart) = (out.count, tables.count)
    old.append(slot, to: &out, &tables)
    insert(
      statement, dialect: dialect, hash, obfuscated: out.bytes(from: start), tables: tables.bytes(from: tablesStart))
    return true
  }

  /// Remembers what a statement came to. A text that would take much of the memory is left out.
  mutating func insert(_ statement: TextBytes, dialect: UInt8, obfuscated: TextBytes, tables: TextBytes) {
    guard textBytesMax > 0 else { return }
    insert(statement, dialect: dialect, hash(statement, dialect), obfuscated: obfuscated, tables: tables)
  }

  private mutating func insert(
    _ statement: TextBytes, dialect: UInt8, _ hash: UInt64, obfuscated: TextBytes, tables: TextBytes
  ) {
    let bytes = statement.count + obfuscated.count + tables.count
    guard bytes <= textBytesMax / 8, !statement.isEmpty else { return }
    if young.textBytes + bytes > textBytesMax || young.count >= entriesMax {
      old.removeAll()
      swap(&young, &old)
    }
    young.insert(hash, statement, dialect, obfuscated: obfuscated, tables: tables)
  }

  private func hash(_ statement: TextBytes, _ dialect: UInt8) -> UInt64 {
    statement.hash(seed, after: UInt64(dialect))
  }

  /// The largest power of two that is not greater than `limit`; 0 for less than one.
  private static func powerOfTwo(within limit: Int) -> Int {
    limit < 1 ? 0 : 1 << (Int.bitWidth - 1 - limit.leadingZeroBitCount)
  }
}
