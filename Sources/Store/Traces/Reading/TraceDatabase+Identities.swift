import Traces

/// The lower halves of trace ids that are looked for.
private struct WantedIDs {
  let lows: Set<UInt64>
  private let uppers: Set<UInt32>
  /// Which 16 bits some of them end with: most ids are passed over by it.
  private var bitmap = [UInt64](repeating: 0, count: 1_024)

  init(_ lows: Set<UInt64>) {
    self.lows = lows
    uppers = Set(lows.map { UInt32($0 >> 32) })
    for upper in uppers { bitmap[Int(upper & 0xFFFF) >> 6] |= 1 << UInt64(upper & 63) }
  }

  /// Whether an id with this upper half may be one of them.
  @inline(__always)
  func mayContain(upper: UInt32) -> Bool {
    bitmap[Int(upper & 0xFFFF) >> 6] >> UInt64(upper & 63) & 1 == 1 && uppers.contains(upper)
  }
}

extension TraceDatabase {
  /// All chunks of the traces whose ids end so, by that lower half.
  func chunks(ofTraces lows: Set<UInt64>) throws(StoreError) -> [UInt64: [ChunkRow]] {
    let wanted = WantedIDs(lows)
    var found: [UInt64: [ChunkRow]] = [:]
    try forEachChunk(where: wanted.mayContain) { row in
      if wanted.lows.contains(row.traceID.low) { found[row.traceID.low, default: []].append(row) }
      return true
    }
    return found
  }

  /// Calls `body` with each chunk for whose trace id `isWanted` holds of the upper 32 bits of its lower half, until it
  /// returns false; newer blocks first. Inlined, so that a million ids need no call each.
  @inline(__always)
  func forEachChunk(
    where isWanted: (UInt32) -> Bool, _ body: (ChunkRow) -> Bool
  ) throws(StoreError) {
    for block in blocks.reversed() where !block.isSealed {
      var goesOn = true
      try forEachRow(from: block.firstChunk, count: block.chunks) { row in
        if goesOn, isWanted(UInt32(row.traceID.low >> 32)) { goesOn = body(row) }
      }
      guard goesOn else { return }
    }
    let rows = try database.prepare("SELECT block, lows FROM block_ids ORDER BY block DESC")
    while try rows.step() {
      guard let block = block(numbered: rows.integer(0)) else { continue }
      let places = rows.withBytes(1) { lows in
        var places: [Int64] = []
        for place in 0..<min(lows.count / 4, Int(block.chunks)) {
          let upper = UInt32(littleEndian: lows.loadUnaligned(fromByteOffset: place * 4, as: UInt32.self))
          if isWanted(upper) { places.append(Int64(place)) }
        }
        return places
      }
      for place in places {
        var goesOn = true
        try forEachRow(from: block.firstChunk &+ place, count: 1) { goesOn = body($0) }
        guard goesOn else { return }
      }
    }
  }

  /// Blocks that have a trace id whose upper half is in a range, newer ones first.
  func blocks(withHigh range: ClosedRange<UInt64>) throws(StoreError) -> [Block] {
    var found = blocks.reversed().filter { !$0.isSealed }
    let rows = try database.prepare("SELECT block, highs FROM block_ids ORDER BY block DESC")
    while try rows.step() {
      let isWanted = rows.withBytes(1) { highs in
        (0..<(highs.count / 8)).contains {
          range.contains(UInt64(littleEndian: highs.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)))
        }
      }
      if isWanted, let block = block(numbered: rows.integer(0)) { found.append(block) }
    }
    return found
  }

  private func block(numbered id: Int64) -> Block? {
    var (low, high) = (0, blocks.count)
    while low < high {
      let middle = (low + high) / 2
      if blocks[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < blocks.count && blocks[low].id == id ? blocks[low] : nil
  }
}
