/// The segments of the traces: what came in an hour, or as much as a segment may take. The oldest goes as a whole.
final class TraceSegments {
  private static let seconds: Int64 = 3_600
  /// How far the clock may go back within a segment.
  private static let clockStepSeconds: Int64 = 60
  /// Texts of roots in a segment, and their bytes: they are in memory as long as it is the current one.
  private static let textsMax = 20_000
  private static let textBytesMax = 2 << 20

  private let database: Database
  private let bytesMax: Int64
  private let insertText: Statement
  private var insertWords: Statement?
  private var texts = ByteStringTable()
  private var opened: Int64 = 0
  private var bytes: Int64 = 0
  /// `nil` as long as there is none.
  private(set) var current: Int64?

  init(_ database: Database, bytesMax: Int64) throws(StoreError) {
    self.database = database
    self.bytesMax = bytesMax
    insertText = try database.prepare("INSERT INTO texts VALUES (?, ?, ?)")
  }

  /// Goes on with the last segment of the database, as the database has it.
  func reload() throws(StoreError) {
    texts = ByteStringTable()
    (current, insertWords, opened, bytes) = (nil, nil, 0, 0)
    let rows = try database.prepare("SELECT id, opened, first_block FROM segments ORDER BY id DESC LIMIT 1")
    guard try rows.step() else { return }
    let id = rows.integer(0)
    (current, opened) = (id, rows.integer(1))
    bytes = try database.integer(
      "SELECT coalesce(sum(length(data)), 0) FROM pieces WHERE id >= \(rows.integer(2) << 10)")
    rows.reset()
    insertWords = try database.prepare("INSERT INTO words_\(id) (rowid, words) VALUES (?, ?)")
    let known = try database.prepare("SELECT text FROM texts WHERE segment = \(id) ORDER BY number")
    while try known.step() { known.withBytes(0) { _ = texts.insert($0) } }
  }

  /// What comes next belongs to another segment.
  func leave() {
    opened = .min
    insertWords = nil
    texts = ByteStringTable()
  }

  /// Whether what comes now belongs to another segment. A clock that was set back begins one.
  func isDue(nowSeconds: Int64) -> Bool {
    current == nil || opened <= nowSeconds - Self.seconds || opened > nowSeconds + Self.clockStepSeconds
      || bytes >= bytesMax || texts.count >= Self.textsMax || texts.byteCount >= Self.textBytesMax
  }

  /// Whether nothing was written to the current segment.
  var isEmpty: Bool { bytes == 0 }

  /// Begins a segment, the current one from now on.
  func open(nowSeconds: Int64, firstBlock: Int64, firstChunk: Int64) throws(StoreError) {
    let id = (current ?? 0) &+ 1
    try database.execute(
      """
      INSERT INTO segments VALUES (\(id), \(nowSeconds), \(firstBlock), \(firstChunk));
      CREATE VIRTUAL TABLE words_\(id) USING fts5(words, content='', detail=none, columnsize=0, tokenize='ascii')
      """)
    insertWords = try database.prepare("INSERT INTO words_\(id) (rowid, words) VALUES (?, ?)")
    texts = ByteStringTable()
    (current, opened, bytes) = (id, nowSeconds, 0)
  }

  /// The number of a text in the current segment.
  func number(of text: UnsafeRawBufferPointer) throws(StoreError) -> Int64 {
    let (number, isNew) = texts.insert(text)
    if isNew, let current {
      try insertText.bind(0, current)
      try insertText.bind(1, Int64(number))
      try insertText.bind(2, text: text)
      try insertText.run()
    }
    return Int64(number)
  }

  /// Adds the words of a block that is sealed.
  func insert(words: [UInt8], block: Int64) throws(StoreError) {
    guard let insertWords else { return }
    try insertWords.bind(0, block)
    try words[...].withBytes { (bytes) throws(StoreError) in try insertWords.bind(1, text: bytes) }
    try insertWords.run()
  }

  /// Takes note of bytes that were written.
  func count(bytes more: Int) { bytes &+= Int64(more) }

  /// The segment that came first, behind so many others; `nil` when there is none.
  func oldest(skipping skipped: Int) throws(StoreError) -> Int64? {
    let oldest = try database.integer(
      "SELECT coalesce((SELECT id FROM segments ORDER BY id LIMIT 1 OFFSET \(skipped)), -1)")
    return oldest < 0 ? nil : oldest
  }

  /// Forgets a segment that is not the current one. To be called within a transaction.
  func drop(_ id: Int64) throws(StoreError) {
    let range = try database.prepare(
      """
      SELECT a.first_block, a.first_chunk, b.first_block, b.first_chunk FROM segments a, segments b
      WHERE a.id = \(id) AND b.id = (SELECT min(id) FROM segments WHERE id > a.id)
      """)
    guard try range.step() else { return }
    let (block, chunk) = (range.integer(0), range.integer(1))
    let (endBlock, endChunk) = (range.integer(2), range.integer(3))
    range.reset()
    try database.execute(
      """
      DELETE FROM chunks WHERE id >= \(chunk) AND id < \(endChunk);
      DELETE FROM pieces WHERE id >= \(block << 10) AND id < \(endBlock << 10);
      DELETE FROM block_ids WHERE block >= \(block) AND block < \(endBlock);
      DELETE FROM blocks WHERE id >= \(block) AND id < \(endBlock);
      DELETE FROM texts WHERE segment = \(id);
      DELETE FROM segments WHERE id = \(id);
      DROP TABLE IF EXISTS words_\(id)
      """)
  }
}
