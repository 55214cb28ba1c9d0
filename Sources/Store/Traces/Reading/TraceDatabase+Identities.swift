import Traces

/// The lower halves of trace ids that are looked for.
private struct WantedIDs {
  let lows: Set<UInt64>
  private let uppers: Set<UInt32>
  /// The upper half of the only one, which a look at several at once can find.
  let only: UInt32?
  /// Which 16 bits some of them end with: most ids are passed over by it.
  private var bitmap = [UInt64](repeating: 0, count: 1_024)

  init(_ lows: Set<UInt64>) {
    self.lows = lows
    uppers = Set(lows.map { UInt32($0 >> 32) })
    only = uppers.count == 1 ? uppers.first : nil
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
    try forEachChunk(where: wanted.mayContain, only: wanted.only) { row in
      if wanted.lows.contains(row.traceID.low) { found[row.traceID.low, default: []].append(row) }
      return true
    }
    return found
  }

  /// Calls `body` with each chunk for whose trace id `isWanted` holds of the upper 32 bits of its lower half, until it
  /// returns false; newer blocks first. Inlined, so that a million ids need no call each.
  /// - Parameter only: the one for which `isWanted` holds, where there is one.
  @inline(__always)
  func forEachChunk(
    where isWanted: (UInt32) -> Bool, only: UInt32? = nil, _ body: (ChunkRow) -> Bool
  ) throws(StoreError) {
    for block in blocks.reversed() where !block.isSealed {
      var goesOn = true
      try forEachRow(from: block.firstChunk, count: block.chunks) { row in
        if goesOn, isWanted(UInt32(row.traceID.low >> 32)) { goesOn = body(row) }
      }
      guard goesOn else { return }
    }
    let condition = scope.map { "WHERE block IN (\($0.map(String.init).joined(separator: ",")))" } ?? ""
    let rows = try database.prepare("SELECT block, lows FROM block_ids \(condition) ORDER BY block DESC")
    while try rows.step() {
      if let only, !rows.withBytes(1, { $0.holds(only) }) { continue }
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

  /// Numbers of sealed blocks that may have a trace whose id ends so.
  static func blocks(holding low: UInt64, _ database: Database) throws(StoreError) -> [Int64] {
    var found: [Int64] = []
    let upper = UInt32(low >> 32)
    let rows = try database.prepare("SELECT block, lows FROM block_ids")
    while try rows.step() {
      if rows.withBytes(1, { $0.holds(upper) }) { found.append(rows.integer(0)) }
    }
    return found
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

extension UnsafeRawBufferPointer {
  /// Whether a number of 32 bits is among these, which lie one behind another; looks at sixteen at once.
  fileprivate func holds(_ number: UInt32) -> Bool {
    typealias Numbers = SIMD16<UInt32>
    let wanted = Numbers(repeating: number.littleEndian)
    let (width, end) = (MemoryLayout<Numbers>.size, count / 4 * 4)
    var offset = 0
    while offset &+ width <= end {
      if any(loadUnaligned(fromByteOffset: offset, as: Numbers.self) .== wanted) { return true }
      offset &+= width
    }
    while offset < end {
      if loadUnaligned(fromByteOffset: offset, as: UInt32.self) == number.littleEndian { return true }
      offset &+= 4
    }
    return false
  }
}
