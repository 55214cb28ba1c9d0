import Compression

/// How a part of a block, or all of it, lies in the database: the lengths of its texts, numbers and ids, then the ids as
/// they are, because nothing compresses them, then texts and numbers as one Zstandard frame.
enum PieceCoding {
  /// What a piece may hold at most: a block ends soon after half a MiB, and one trace may be larger than that.
  static let packedBytesMax = 256 << 20

  /// What was added to a block behind these marks.
  static func write(
    _ block: BlockBuffer, since start: BlockMark, with zstd: inout ZstdBlocks
  ) throws(CompressionError) -> [UInt8] {
    let ids = block.ids[start.ids...]
    let (textBytes, numberBytes) = (block.texts.count - start.texts, block.numbers.count - start.numbers)
    let frame = try zstd.compress(Array(block.texts[start.texts...]) + block.numbers[start.numbers...])
    var piece: [UInt8] = []
    piece.reserveCapacity(frame.count + ids.count + 12)
    for length in [textBytes, numberBytes, ids.count] { piece.append(varint: UInt64(length)) }
    piece.append(contentsOf: ids)
    piece.append(contentsOf: frame)
    return piece
  }

  /// Appends what a piece holds to a block.
  /// - Returns: false when its bytes make no sense, and nothing is appended.
  static func read(_ piece: [UInt8], into block: inout BlockBuffer, with zstd: inout ZstdBlocks) -> Bool {
    piece.withUnsafeBytes { bytes in
      var offset = 0
      guard let texts = bytes.readVarint(&offset), let numbers = bytes.readVarint(&offset),
        let ids = bytes.readVarint(&offset), texts <= packedBytesMax, numbers <= packedBytesMax,
        ids <= UInt64(bytes.count - offset)
      else { return false }
      let frame = UnsafeRawBufferPointer(rebasing: bytes[(offset + Int(ids))...])
      // A frame cannot hold more than about 20,000 times its length; a damaged length must not take memory for it.
      guard texts + numbers <= UInt64(frame.count) * 32_768,
        let packed = zstd.decompress(frame, count: Int(texts + numbers))
      else { return false }
      block.texts.append(contentsOf: packed[..<Int(texts)])
      block.numbers.append(contentsOf: packed[Int(texts)...])
      block.ids.append(contentsOf: bytes[offset..<(offset + Int(ids))])
      return true
    }
  }
}

/// How far a block has grown.
struct BlockMark {
  var texts = 0
  var numbers = 0
  var ids = 0

  /// The beginning of a block.
  init() {}

  /// Where the next chunk will be appended.
  init(endOf block: BlockBuffer) {
    texts = block.texts.count
    numbers = block.numbers.count
    ids = block.ids.count
  }
}
