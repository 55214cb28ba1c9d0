/// The statements with which traces are written, each prepared once.
final class TraceStatements {
  private let database: Database
  private let insertChunk: Statement
  private let insertPiece: Statement
  private let removePieces: Statement
  private let findPieces: Statement
  private let saveBlock: Statement
  private let insertIDs: Statement

  init(_ database: Database) throws(StoreError) {
    self.database = database
    insertChunk = try database.prepare("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    insertPiece = try database.prepare("INSERT INTO pieces VALUES (?, ?)")
    removePieces = try database.prepare("DELETE FROM pieces WHERE id >= ? AND id < ?")
    findPieces = try database.prepare("SELECT data FROM pieces WHERE id >= ? AND id < ? ORDER BY id")
    saveBlock = try database.prepare("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    insertIDs = try database.prepare("INSERT INTO block_ids VALUES (?, ?, ?)")
  }

  /// The number of the next block, above all that there were.
  func nextBlock() throws(StoreError) -> Int64 { try next("blocks", "first_block") }

  /// The number of the next chunk, above all that there were.
  func nextChunk() throws(StoreError) -> Int64 { try next("chunks", "first_chunk") }

  private func next(_ table: String, _ column: String) throws(StoreError) -> Int64 {
    try database.integer(
      """
      SELECT max((SELECT coalesce(max(id), 0) + 1 FROM \(table)), (SELECT coalesce(max(\(column)), 1) FROM segments))
      """)
  }

  func insert(
    _ packed: PackedChunk, _ chunk: TraceBlock.Chunk, id: Int64, texts: TraceSegments
  ) throws(StoreError) {
    try insertChunk.bind(0, id)
    try insertChunk.bind(1, Int64(bitPattern: chunk.traceIDLow))
    try insertChunk.bind(2, Int64(turned: chunk.traceIDHigh))
    try insertChunk.bind(3, packed.startNs)
    try insertChunk.bind(4, packed.durationNs)
    try insertChunk.bind(5, texts.number(of: packed.service))
    try insertChunk.bind(6, texts.number(of: packed.resource))
    try insertChunk.bind(7, texts.number(of: packed.operation))
    try insertChunk.bind(8, texts.number(of: packed.env))
    try insertChunk.bind(9, packed.status)
    try insertChunk.bind(10, Int64(packed.errors))
    try insertChunk.bind(11, Int64(packed.spans))
    try insertChunk.bind(12, Int64(chunk.priority))
    try insertChunk.bind(13, Int64(chunk.verdict))
    try insertChunk.bind(14, packed.aheadNs)
    try insertChunk.run()
  }

  func insert(piece: [UInt8], id: Int64) throws(StoreError) {
    try insertPiece.bind(0, id)
    try insertPiece.bind(1, piece)
    try insertPiece.run()
  }

  func removePieces(of block: Int64) throws(StoreError) {
    try removePieces.bind(0, block << 10)
    try removePieces.bind(1, (block &+ 1) << 10)
    try removePieces.run()
  }

  func pieces(of block: Int64) throws(StoreError) -> [[UInt8]] {
    try findPieces.bind(0, block << 10)
    try findPieces.bind(1, (block &+ 1) << 10)
    var pieces: [[UInt8]] = []
    while try findPieces.step() { pieces.append(findPieces.bytes(0)) }
    return pieces
  }

  func save(_ block: GrowingBlock, segment: Int64?, isSealed: Bool) throws(StoreError) {
    let values = [
      block.id, segment ?? 0, block.firstChunk, block.chunks, block.spans, block.errors, block.buffer.baseNs,
      block.minStartNs, block.maxStartNs, isSealed ? 1 : 0,
    ]
    for (index, value) in values.enumerated() { try saveBlock.bind(Int32(index), value) }
    try saveBlock.run()
  }

  func insertIDs(of block: GrowingBlock) throws(StoreError) {
    try insertIDs.bind(0, block.id)
    try insertIDs.bind(1, block.highBytes)
    try insertIDs.bind(2, block.lows)
    try insertIDs.run()
  }

  /// The last block of a segment when it still grows.
  func growingBlock(segment: Int64?) throws(StoreError) -> (id: Int64, firstChunk: Int64, chunks: Int64, baseNs: Int64)?
  {
    let rows = try database.prepare(
      """
      SELECT id, first_chunk, chunks, base_ns FROM blocks
      WHERE id = (SELECT max(id) FROM blocks) AND is_sealed = 0 AND segment = \(segment ?? -1)
      """)
    defer { rows.reset() }
    return try rows.step() ? (rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3)) : nil
  }

  /// Calls `body` with what the rows of some chunks say, and the halves of their trace ids.
  func forEachChunk(
    from first: Int64, count: Int64, _ body: (PackedChunk, _ high: UInt64, _ low: UInt64) -> Void
  ) throws(StoreError) {
    let rows = try database.prepare(
      """
      SELECT trace_low, trace_high, start_ns, errors, spans, ahead_ns FROM chunks WHERE id >= \(first) AND id < \(first &+ count)
      ORDER BY id
      """)
    while try rows.step() {
      var chunk = PackedChunk()
      chunk.startNs = rows.integer(2)
      chunk.errors = Int(rows.integer(3))
      chunk.spans = Int(rows.integer(4))
      chunk.aheadNs = rows.integer(5)
      body(chunk, UInt64(turned: rows.integer(1)), UInt64(bitPattern: rows.integer(0)))
    }
  }
}

extension Int64 {
  /// The upper half of a trace id as the database has it: turned by 32 bits, because most tracers leave its lower 32 bits
  /// empty, and small numbers take less.
  init(turned high: UInt64) { self.init(bitPattern: high << 32 | high >> 32) }
}

extension UInt64 {
  /// The upper half of a trace id, from how the database has it.
  init(turned high: Int64) {
    let bits = UInt64(bitPattern: high)
    self = bits << 32 | bits >> 32
  }
}
