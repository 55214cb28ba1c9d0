/// The block to which chunks are added just now, with all that becomes its rows.
final class GrowingBlock {
  /// Packed bytes from which on a block is sealed: what is compressed together. More would make reading one trace slower.
  static let packedBytesMax = 512 << 10
  /// Pieces that a block may have while it grows: their numbers have ten bits.
  static let piecesMax = 1 << 10

  let id: Int64
  let firstChunk: Int64
  var buffer = BlockBuffer()
  var words = BlockWords()
  /// Upper 32 bits of the lower halves of the trace ids, one for each chunk.
  var lows: [UInt8] = []
  /// Upper halves of trace ids, each once.
  var highs: Set<UInt64> = []
  var chunks: Int64 = 0
  var spans: Int64 = 0
  var errors: Int64 = 0
  var minStartNs = Int64.max
  var maxStartNs = Int64.min
  /// What is in the database already, and in how many pieces.
  var written = BlockMark()
  var pieces: Int64 = 0

  init(id: Int64, firstChunk: Int64) {
    self.id = id
    self.firstChunk = firstChunk
  }

  var isFull: Bool { buffer.packedBytes >= Self.packedBytesMax || pieces >= Self.piecesMax - 1 }
  var hasUnwritten: Bool { buffer.texts.count > written.texts }
  var nextChunk: Int64 { firstChunk &+ chunks }

  /// Takes note of a chunk that was appended.
  func add(_ chunk: PackedChunk, high: UInt64, low: UInt64) {
    chunks &+= 1
    spans &+= Int64(chunk.spans)
    errors &+= Int64(chunk.errors)
    minStartNs = min(minStartNs, chunk.orderNs)
    maxStartNs = max(maxStartNs, chunk.orderNs)
    withUnsafeBytes(of: UInt32(low >> 32).littleEndian) { lows.append(contentsOf: $0) }
    if high != 0 { highs.insert(high) }
  }

  /// The upper halves as the database has them.
  var highBytes: [UInt8] { highs.flatMap { high in withUnsafeBytes(of: high.littleEndian) { Array($0) } } }
}
