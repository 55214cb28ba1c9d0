import Compression
import Traces

/// The traces in the database, as the store's thread writes them: segments, blocks and rows of chunks.
///
/// After a transaction that failed, `reload` has to be called: what is in memory then says more than the database.
final class TraceTable {
  /// How well blocks are compressed: at 3, blocks of the flask profile take 5 % less than at 1 for a third more time; 6
  /// would save as much again for six times the time.
  private static let level = 3

  private let database: Database
  private let statements: TraceStatements
  private let segments: TraceSegments
  /// Whether the first chunk's number is made of the clock.
  private let numbersFromClock: Bool
  private var packer = ChunkPacker()
  private var zstd = ZstdBlocks(level: level)
  private var block: GrowingBlock?

  /// - Parameters:
  ///   - segmentBytesMax: what a segment may take.
  ///   - numbersFromClock: whether the first chunk's number is made of the clock: for a store in memory, so that who asks
  ///     for what came after a number is not misled by that of an agent before.
  init(_ database: Database, segmentBytesMax: Int64, numbersFromClock: Bool) throws(StoreError) {
    self.database = database
    self.numbersFromClock = numbersFromClock
    statements = try TraceStatements(database)
    segments = try TraceSegments(database, bytesMax: segmentBytesMax)
    reload()
  }

  /// Adds the chunks of a block. To be called within a transaction, and `finish` behind the last block of it.
  /// - Returns: chunks that made no sense.
  func add(_ handed: TraceBlock, nowSeconds: Int64) throws(StoreError) -> ChunkCounts {
    var senseless = ChunkCounts()
    var sender = TraceBlock.Slice(offset: -1)
    for chunk in handed.chunks {
      guard let message = handed.part(chunk.message) else {
        senseless += ChunkCounts(chunks: 1, spans: Int(max(chunk.spanCount, 0)))
        continue
      }
      if segments.isDue(nowSeconds: nowSeconds) { try roll(nowSeconds: nowSeconds) }
      if block == nil || block?.isFull == true {
        try seal()
        block = try GrowingBlock(id: statements.nextBlock(), firstChunk: statements.nextChunk())
        sender.offset = -1
      }
      if sender.offset != chunk.sender.offset, let part = handed.part(chunk.sender) {
        sender = chunk.sender
        handed.bytes[part].withUnsafeBytes { bytes in block?.buffer.append(sender: bytes) }
      }
      if try !add(chunk, handed.bytes[message], nowSeconds: nowSeconds) {
        senseless += ChunkCounts(chunks: 1, spans: Int(max(chunk.spanCount, 0)))
      }
    }
    return senseless
  }

  /// Writes what the last blocks have left unwritten. To be called within the same transaction.
  func finish() throws(StoreError) {
    if block?.isFull == true {
      try seal()
    } else {
      try writePiece()
    }
    zstd.release()
  }

  /// Makes what is in memory what the database says. Where that cannot be read, what comes next begins another segment.
  func reload() {
    do throws(StoreError) { try readBack() } catch { leaveSegment() }
  }

  /// What comes next begins another segment.
  func leaveSegment() {
    block = nil
    segments.leave()
  }

  private func readBack() throws(StoreError) {
    block = nil
    try segments.reload()
    guard let row = try statements.growingBlock(segment: segments.current),
      TraceDatabase.Block.makesSense(firstChunk: row.firstChunk, chunks: row.chunks)
    else { return }
    let growing = GrowingBlock(id: row.id, firstChunk: row.firstChunk)
    growing.buffer.baseNs = row.baseNs
    // A block with a damaged piece is left as it is: it can still be read as far as it goes.
    for piece in try statements.pieces(of: row.id) {
      guard PieceCoding.read(piece, into: &growing.buffer, with: &zstd) else { return }
      growing.pieces += 1
    }
    zstd.release()
    try statements.forEachChunk(from: row.firstChunk, count: row.chunks) { growing.add($0, high: $1, low: $2) }
    let packed = PackedBlock(growing.buffer)
    guard packed.count == Int(row.chunks), growing.chunks == row.chunks else { return }
    for index in 0..<packed.count {
      packed.forEachRest(ofChunk: index) { SpanFields.addWords(of: $0, to: &growing.words) }
    }
    growing.written = BlockMark(endOf: growing.buffer)
    block = growing
  }

  /// Forgets the oldest segment.
  /// - Parameters:
  ///   - evenCurrent: also the one that is written to; then another one begins.
  ///   - skipped: so many older ones are left as they are.
  /// - Returns: false when there is none to forget.
  func forgetOldestSegment(evenCurrent: Bool, skipping skipped: Int, nowSeconds: Int64) throws(StoreError) -> Bool {
    guard let oldest = try segments.oldest(skipping: skipped),
      oldest != segments.current || (evenCurrent && !segments.isEmpty)
    else {
      return false
    }
    let isCurrent = oldest == segments.current
    try database.transaction { () throws(StoreError) in
      if isCurrent { try roll(nowSeconds: nowSeconds) }
      try segments.drop(oldest)
    }
    return true
  }

  /// When the oldest traces came, in ns since 1970; `nil` when there are none. When they began says nothing of how long
  /// traces are kept: some client's clock is wrong by years.
  func oldestNs() throws(StoreError) -> Int64? {
    let opened = try database.integer(
      "SELECT coalesce((SELECT opened FROM segments WHERE id = (SELECT segment FROM blocks ORDER BY id LIMIT 1)), -1)")
    let (oldest, overflow) = opened.multipliedReportingOverflow(by: 1_000_000_000)
    return opened < 0 || overflow ? nil : oldest
  }

  /// - Returns: false when the message makes no sense.
  private func add(
    _ chunk: TraceBlock.Chunk, _ message: ArraySlice<UInt8>, nowSeconds: Int64
  ) throws(StoreError) -> Bool {
    guard let growing = block else { return false }
    return try message.withBytes { (bytes) throws(StoreError) in
      let packed = packer.pack(
        bytes, traceIDLow: chunk.traceIDLow, root: Int(chunk.root), into: &growing.buffer, words: &growing.words)
      guard var packed else { return false }
      packed.noteArrival(nowSeconds: nowSeconds)
      try statements.insert(packed, chunk, id: growing.nextChunk, texts: segments)
      growing.add(packed, high: chunk.traceIDHigh, low: chunk.traceIDLow)
      return true
    }
  }

  private func roll(nowSeconds: Int64) throws(StoreError) {
    try seal()
    var firstChunk = try statements.nextChunk()
    // 8,192 a second: more chunks than come.
    if numbersFromClock, segments.current == nil {
      firstChunk = max(firstChunk, min(max(nowSeconds, 0), 1 << 40) << 13)
    }
    try segments.open(nowSeconds: nowSeconds, firstBlock: statements.nextBlock(), firstChunk: firstChunk)
  }

  private func writePiece() throws(StoreError) {
    guard let growing = block, growing.hasUnwritten else { return }
    let piece = try compress(growing.buffer, since: growing.written)
    try statements.insert(piece: piece, id: growing.id << 10 | growing.pieces)
    try statements.save(growing, segment: segments.current, isSealed: false)
    block?.pieces += 1
    block?.written = BlockMark(endOf: growing.buffer)
    segments.count(bytes: piece.count)
  }

  /// Writes the block anew, in one piece, with its words and ids, and ends it. Pieces would take more: cut in two, a block is a
  /// third larger, and compressing is an eighth of what storing costs.
  private func seal() throws(StoreError) {
    guard let growing = block else { return }
    block = nil
    guard growing.chunks > 0 else { return }
    let piece = try compress(growing.buffer, since: BlockMark())
    if growing.pieces > 0 { try statements.removePieces(of: growing.id) }
    try statements.insert(piece: piece, id: growing.id << 10)
    segments.count(bytes: piece.count)
    try statements.save(growing, segment: segments.current, isSealed: true)
    try statements.insertIDs(of: growing)
    try segments.insert(words: growing.words.text, block: growing.id)
    segments.count(bytes: Int(growing.chunks) * 64)
  }

  private func compress(_ buffer: BlockBuffer, since mark: BlockMark) throws(StoreError) -> [UInt8] {
    do {
      return try PieceCoding.write(buffer, since: mark, with: &zstd)
    } catch {
      throw .failed(reason: "\(error)")
    }
  }
}
