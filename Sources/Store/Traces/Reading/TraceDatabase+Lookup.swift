import Traces

extension TraceDatabase {
  /// Ids that are named where several begin as was typed.
  private static let namedMax = 20
  /// Chunks that are sorted together where the slowest span is looked for.
  static let longestMax = 20_000

  /// The only one of some traces; else their ids.
  func find(_ found: [TraceRows]) throws(StoreError) -> TraceLookup {
    guard found.count == 1 else {
      return found.isEmpty ? .none : .ambiguous(Array(found.map(\.id).sorted().prefix(Self.namedMax)))
    }
    return try read(found[0]).map { .found($0.readingTaggedLists) } ?? .none
  }

  /// The trace whose id ends so and begins with these digits, or the lower half of its id.
  func find(low: UInt64, beginningWith digits: String) throws(StoreError) -> TraceLookup {
    try find(TraceRows.traces(of: chunks(ofTraces: [low])[low] ?? []).filter { $0.id.begins(with: digits) })
  }

  /// The trace whose id begins with these digits, or the lower half of its id.
  func find(hexPrefix prefix: String) throws(StoreError) -> TraceLookup {
    let digits = prefix.lowercased()
    guard (1...32).contains(digits.utf8.count), digits.utf8.allSatisfy({ ($0 &- 0x30) < 10 || ($0 &- 0x61) < 6 }) else {
      return .none
    }
    var lows: Set<UInt64> = []
    // A short prefix fits many; more than can be named need not be found.
    if let range = Self.range(ofPrefix: digits.utf8.count > 16 ? String(digits.dropFirst(16)) : digits) {
      let uppers = UInt32(range.lowerBound >> 32)...UInt32(range.upperBound >> 32)
      try forEachChunk(where: uppers.contains) { row in
        if range.contains(row.traceID.low) { lows.insert(row.traceID.low) }
        return lows.count <= Self.namedMax * 4
      }
    }
    if digits.utf8.count <= 16, let range = Self.range(ofPrefix: digits), range.upperBound > 0 {
      for block in try blocks(withHigh: max(range.lowerBound, 1)...range.upperBound) {
        guard lows.count <= Self.namedMax * 4 else { break }
        try forEachRow(from: block.firstChunk, count: block.chunks) { row in
          if row.traceID.high != 0, range.contains(row.traceID.high) { lows.insert(row.traceID.low) }
        }
      }
    }
    let traces = try chunks(ofTraces: lows).values.flatMap(TraceRows.traces(of:))
    return try find(traces.filter { $0.id.begins(with: digits) })
  }

  /// The trace with the longest span of a service and resource. No span is longer than its chunk, so that the chunks are
  /// looked at from the longest on, until no other can hold a longer one.
  /// - Parameter longestMax: chunks that are sorted together, to be looked at before the shorter ones are.
  func findSlowest(
    service: String, resource: String, deadline: ContinuousClock.Instant, longestMax: Int = TraceDatabase.longestMax
  ) throws(StoreError) -> TraceLookup {
    let check = SpanCheck.entry(service: service, resource: resource)
    let wanted = try candidates(of: check.words, sinceNs: .min)
    var slowest: (row: ChunkRow, durationNs: Int64)?
    var last: ChunkRow?
    /// How long a chunk may be that was not looked at.
    var unseenNs: Int64?
    /// Whether such a chunk may have a longer span.
    var isCut: Bool { unseenNs.map { $0 > slowest?.durationNs ?? .min } ?? false }
    search: repeat {
      let longest = try longest(longestMax, in: wanted, behind: last, deadline: deadline)
      unseenNs = longest.leftOutNs
      for row in longest.rows {
        if let slowest, slowest.durationNs >= row.durationNs { break search }
        // One at least, so that a search that begins late comes to something.
        guard last == nil || .now < deadline else {
          unseenNs = max(unseenNs ?? .min, row.durationNs)
          break search
        }
        last = row
        if let span = try slowestSpan(of: row, check), span.durationNs > slowest?.durationNs ?? -1 {
          slowest = (row, span.durationNs)
        }
      }
    } while isCut && .now < deadline
    guard let id = slowest?.row.traceID else { return isCut ? .noneSoFar : .none }
    let lookup = try find(
      TraceRows.traces(of: chunks(ofTraces: [id.low])[id.low] ?? []).filter { $0.id.isSameTrace(as: id) })
    return isCut ? lookup.soFar : lookup
  }

  /// The longest of the spans of a chunk that are what is looked for.
  private func slowestSpan(of row: ChunkRow, _ check: SpanCheck) throws(StoreError) -> TraceSpan? {
    guard let block = block(of: row.id) else { return nil }
    let packed = try unpack(block)
    let index = Int(row.id &- block.firstChunk)
    guard check.words.mayHold({ packed.mayHold([$0], inChunk: index) }) else { return nil }
    return packed.spans(ofChunk: index)?.lazy.filter(check.holds).max { $0.durationNs < $1.durationNs }
  }

  /// The longest chunks of some blocks, or of all, the longest first, behind the one that was the last; and the duration of
  /// the longest one that is not among them, because there are too many or there was no time for it.
  private func longest(
    _ count: Int, in wanted: Set<Int64>?, behind last: ChunkRow?, deadline: ContinuousClock.Instant
  ) throws(StoreError) -> (rows: [ChunkRow], leftOutNs: Int64?) {
    var rows: [ChunkRow] = []
    var leftOutNs: Int64?
    func trim() {
      rows.sort { ($0.durationNs, $0.id) > ($1.durationNs, $1.id) }
      guard rows.count > count else { return }
      leftOutNs = max(leftOutNs ?? .min, rows[count].durationNs)
      rows.removeLast(rows.count - count)
    }
    for block in blocks.reversed() where wanted?.contains(block.id) ?? true {
      guard rows.isEmpty && last == nil || .now < deadline else {
        leftOutNs = .max
        break
      }
      try forEachRow(from: block.firstChunk, count: block.chunks) { row in
        if let last, (row.durationNs, row.id) >= (last.durationNs, last.id) { return }
        rows.append(row)
      }
      if rows.count > count * 2 { trim() }
    }
    trim()
    return (rows, leftOutNs)
  }

  /// The 64-bit numbers whose 16 digits begin so.
  private static func range(ofPrefix digits: String) -> ClosedRange<UInt64>? {
    guard !digits.isEmpty, digits.utf8.count <= 16, let value = UInt64(digits, radix: 16) else { return nil }
    let shift = UInt64(16 - digits.utf8.count) * 4
    let low = value << shift
    return low...(low | (shift == 0 ? 0 : UInt64.max >> (64 - shift)))
  }
}
