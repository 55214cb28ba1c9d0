import Compression
import Traces

/// One look at the traces of a database: what is written meanwhile does not show in it.
final class TraceDatabase {
  /// What is known of a block without its bytes.
  struct Block {
    var id: Int64
    var segment: Int64
    var firstChunk: Int64
    var chunks: Int64
    var errors: Int64
    var baseNs: Int64
    var minStartNs: Int64
    var maxStartNs: Int64
    var isSealed: Bool
    /// All of it had come by then, ns since 1970: where the agent's own clock was ahead, what says when it came is wrong.
    var cameBeforeNs = Int64.max

    /// Whether chunks can be numbered so. In a damaged file anything may stand.
    static func makesSense(firstChunk: Int64, chunks: Int64) -> Bool {
      firstChunk >= 1 && chunks >= 0 && !firstChunk.addingReportingOverflow(chunks).overflow
    }
  }

  /// Bytes of unpacked blocks that are remembered.
  private static let rememberedBytesMax = 4 << 20
  /// Blocks that are named one by one at most: a client may give all traces one id.
  private static let scopeMax = 1_000
  /// Spans of one trace that are read at most: a client that gives all traces one id must not fill the memory.
  static let spansMax = 100_000
  /// Their texts at most, in bytes, for the same reason: each may have megabytes.
  static let textBytesMax = 32 << 20

  let database: Database
  /// In the order of their numbers, and so of their chunks.
  let blocks: [Block]
  /// Numbers of the sealed blocks that were asked for; `nil` for all.
  let scope: [Int64]?
  /// By how much the clock of who sent a chunk is ahead, as a query has it: a file of an earlier roost does not say.
  let aheadColumn: String
  private let findPieces: Statement
  private let findRows: Statement
  private var zstd = ZstdBlocks()
  private var remembered: [(block: Int64, packed: PackedBlock)] = []

  /// - Parameter low: where only the trace is looked for whose id ends so, blocks without it are left alone: there are
  ///   thousands.
  /// - Returns: `nil` when the file is that of a roost that kept no traces.
  init?(_ location: StoreLocation, holding low: UInt64? = nil) throws(StoreError) {
    database = try StoreFile.openForReading(location)
    // What is looked through from end to end gains nothing by a large cache.
    try database.execute("PRAGMA cache_size = \(low == nil ? -2_048 : -256); BEGIN")
    guard try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'segments'") > 0 else { return nil }
    var holding: [Int64]?
    if let low {
      let found = try Self.blocks(holding: low, database)
      if found.count <= Self.scopeMax { holding = found }
    }
    scope = holding
    let condition = scope.map { "WHERE is_sealed = 0 OR id IN (\($0.map(String.init).joined(separator: ",")))" } ?? ""
    let rows = try database.prepare(
      """
      SELECT id, segment, first_chunk, chunks, errors, base_ns, min_start_ns, max_start_ns, is_sealed FROM blocks
      \(condition) ORDER BY id
      """)
    let ends = try Self.ends(database)
    var blocks: [Block] = []
    while try rows.step() {
      guard Block.makesSense(firstChunk: rows.integer(2), chunks: rows.integer(3)) else { continue }
      let cameBeforeNs = ends[rows.integer(1)] ?? .max
      blocks.append(
        Block(
          id: rows.integer(0), segment: rows.integer(1), firstChunk: rows.integer(2), chunks: rows.integer(3),
          errors: rows.integer(4), baseNs: rows.integer(5), minStartNs: min(rows.integer(6), cameBeforeNs),
          maxStartNs: min(rows.integer(7), cameBeforeNs), isSealed: rows.integer(8) != 0, cameBeforeNs: cameBeforeNs))
    }
    self.blocks = blocks
    let knowsClocks = try database.integer("PRAGMA user_version") >= StoreSchema.migrationsForClocks
    aheadColumn = knowsClocks ? "ahead_ns" : "0"
    let rowColumns = "\(ChunkRow.columns), \(aheadColumn)"
    findPieces = try database.prepare("SELECT data FROM pieces WHERE id >= ? AND id < ? ORDER BY id")
    findRows = try database.prepare("SELECT \(rowColumns) FROM chunks WHERE id >= ? AND id < ? ORDER BY id")
  }

  /// The number of the chunk that came last; 0 when there is none.
  var lastChunk: Int64 { blocks.last.map { $0.firstChunk &+ $0.chunks &- 1 } ?? 0 }

  /// The rows of some chunks of one block that follow each other.
  func forEachRow(from first: Int64, count: Int64, _ body: (ChunkRow) -> Void) throws(StoreError) {
    try findRows.bind(0, first)
    try findRows.bind(1, first &+ count)
    let cameBeforeNs = block(of: first)?.cameBeforeNs ?? .max
    while try findRows.step() {
      var row = ChunkRow(findRows)
      row.orderNs = min(row.orderNs, cameBeforeNs)
      body(row)
    }
  }

  /// When segments had ended, ns since 1970: when the earliest of all later ones was opened.
  private static func ends(_ database: Database) throws(StoreError) -> [Int64: Int64] {
    var ends: [Int64: Int64] = [:]
    var end = Int64.max
    let rows = try database.prepare("SELECT id, opened FROM segments ORDER BY id DESC")
    while try rows.step() {
      ends[rows.integer(0)] = end
      let (openedNs, overflow) = rows.integer(1).multipliedReportingOverflow(by: 1_000_000_000)
      if !overflow, openedNs >= 0 { end = min(end, openedNs) }
    }
    return ends
  }

  /// A block's chunks, unpacked as far as its bytes make sense.
  func unpack(_ block: Block) throws(StoreError) -> PackedBlock {
    if let index = remembered.firstIndex(where: { $0.block == block.id }) { return remembered[index].packed }
    try findPieces.bind(0, block.id << 10)
    try findPieces.bind(1, (block.id &+ 1) << 10)
    var buffer = BlockBuffer()
    buffer.baseNs = block.baseNs
    var isWhole = true
    while try findPieces.step() {
      if isWhole { isWhole = PieceCoding.read(findPieces.bytes(0), into: &buffer, with: &zstd) }
    }
    let packed = PackedBlock(buffer)
    remembered.append((block.id, packed))
    var bytes = remembered.reduce(0) { $0 + $1.packed.bytes }
    while remembered.count > 1, bytes > Self.rememberedBytesMax { bytes -= remembered.removeFirst().packed.bytes }
    return packed
  }

  /// The spans of a trace's chunks, as many as can be read and are not too large together.
  func read(_ trace: TraceRows, _ depth: SpanReader.Depth = .whole) throws(StoreError) -> Trace? {
    var spans: [TraceSpan] = []
    var (texts, unread) = (0, 0 as Int64)
    for row in trace.rows {
      guard spans.count < Self.spansMax, texts < Self.textBytesMax else {
        unread &+= max(row.spans, 0)
        continue
      }
      guard let block = block(of: row.id) else { continue }
      let more = try unpack(block).spans(ofChunk: Int(row.id &- block.firstChunk), depth) ?? []
      texts += more.reduce(0) { $0 + $1.textBytes }
      spans += more
    }
    guard !spans.isEmpty else { return nil }
    let verdict = trace.verdict
    var read = Trace(id: trace.id, spans: spans, isKept: verdict?.isKept ?? false, keptBy: verdict?.name ?? "")
    read.unreadSpans = Int(clamping: unread)
    return read
  }

  /// The number of the first chunk that there is from a number on; that number where there is none.
  func firstChunk(from number: Int64) -> Int64 {
    var (low, high) = (0, blocks.count)
    while low < high {
      let middle = (low + high) / 2
      if blocks[middle].firstChunk &+ blocks[middle].chunks <= number { low = middle + 1 } else { high = middle }
    }
    return low < blocks.count ? max(number, blocks[low].firstChunk) : number
  }

  /// The block that holds a chunk.
  func block(of chunk: Int64) -> Block? {
    var (low, high) = (0, blocks.count)
    while low < high {
      let middle = (low + high) / 2
      if blocks[middle].firstChunk <= chunk { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let block = blocks[low - 1]
    return chunk &- block.firstChunk < block.chunks ? block : nil
  }
}
