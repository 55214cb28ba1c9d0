import TraceModel

/// Where an entry's texts lie, one behind the other.
struct StatementSlot: BitwiseCopyable {
  var hash: UInt64 = 0
  var start: UInt32 = 0
  /// 0 for a slot that is free.
  var statementBytes: UInt32 = 0
  var obfuscatedBytes: UInt32 = 0
  var tablesBytes: UInt16 = 0
  var dialect: UInt8 = 0
}

/// A table of entries with linear probing; no entry of it is removed alone.
struct StatementGeneration: ~Copyable {
  private var slots = GrowableBuffer<StatementSlot>()
  private var text = GrowableBuffer<UInt8>()
  private(set) var count = 0

  var textBytes: Int { text.count }
  var allocatedBytes: Int { slots.allocatedBytes + text.allocatedBytes }

  mutating func removeAll() {
    text.removeAll()
    for index in 0..<slots.count { slots[index] = StatementSlot() }
    count = 0
  }

  func find(_ hash: UInt64, _ statement: TextBytes, _ dialect: UInt8) -> StatementSlot? {
    guard slots.count > 0 else { return nil }
    let mask = slots.count - 1
    var index = Int(truncatingIfNeeded: hash) & mask
    while case let slot = slots[index], slot.statementBytes > 0 {
      if slot.hash == hash, slot.dialect == dialect, Int(slot.statementBytes) == statement.count,
        text.bytes(from: Int(slot.start)).part(0, statement.count).isEqual(to: statement)
      {
        return slot
      }
      index = (index + 1) & mask
    }
    return nil
  }

  func append(_ slot: StatementSlot, to out: inout GrowableBuffer<UInt8>, _ tables: inout GrowableBuffer<UInt8>) {
    let texts = text.bytes(from: Int(slot.start))
    let obfuscatedEnd = Int(slot.statementBytes) + Int(slot.obfuscatedBytes)
    texts.part(Int(slot.statementBytes), obfuscatedEnd).append(to: &out)
    if slot.tablesBytes > 0 {
      texts.part(obfuscatedEnd, obfuscatedEnd + Int(slot.tablesBytes)).append(to: &tables)
    }
  }

  mutating func insert(
    _ hash: UInt64, _ statement: TextBytes, _ dialect: UInt8, obfuscated: TextBytes, tables: TextBytes
  ) {
    if count >= slots.count / 4 * 3 { grow() }
    reserve(statement.count + obfuscated.count + tables.count)
    var slot = StatementSlot(hash: hash, start: UInt32(truncatingIfNeeded: text.count))
    slot.statementBytes = UInt32(truncatingIfNeeded: statement.count)
    slot.obfuscatedBytes = UInt32(truncatingIfNeeded: obfuscated.count)
    slot.tablesBytes = UInt16(clamping: tables.count)
    slot.dialect = dialect
    statement.append(to: &text)
    obfuscated.append(to: &text)
    tables.append(to: &text)
    place(slot)
    count += 1
  }

  /// Makes place for so many bytes more. What is held is always a power of two, so that a bound on what is used is one
  /// on what is held.
  private mutating func reserve(_ bytes: Int) {
    let used = text.count
    var held = max(1024, text.allocatedBytes)
    while held < used + bytes { held *= 2 }
    guard held > text.allocatedBytes else { return }
    text.append(repeating: 0, count: held - used)
    text.truncate(to: used)
  }

  private mutating func place(_ slot: StatementSlot) {
    let mask = slots.count - 1
    var index = Int(truncatingIfNeeded: slot.hash) & mask
    while slots[index].statementBytes > 0 { index = (index + 1) & mask }
    slots[index] = slot
  }

  private mutating func grow() {
    var before = GrowableBuffer<StatementSlot>()
    swap(&before, &slots)
    slots.append(repeating: StatementSlot(), count: max(16, before.count * 2))
    for index in 0..<before.count where before[index].statementBytes > 0 { place(before[index]) }
  }
}
