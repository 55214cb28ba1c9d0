/// Follows the frames of a connection in the bytes that a client sends, so that each can be counted: libnghttp2 passes over
/// some without a word (those of a type that nobody knows, and data for streams that are closed).
struct FrameScanner {
  private static let prefaceBytes = 24
  private static let headBytes = 9

  /// Bytes that belong to the preface, or to the frame whose head was read last.
  private var left = Self.prefaceBytes
  /// Bytes of the next frame's head that have come, and its length as far as they say.
  private var headCount = 0
  private var length = 0

  /// Follows the bytes from `start` on until so many frames have begun, or the bytes end.
  /// - Returns: where that is, and how many frames have begun.
  mutating func scan(
    _ bytes: UnsafeRawBufferPointer, from start: Int, framesMax: Int
  ) -> (end: Int, frames: Int) {
    var (position, frames) = (start, 0)
    while position < bytes.count {
      if left > 0 {
        let count = min(left, bytes.count - position)
        left -= count
        position += count
        continue
      }
      if headCount == 0 {
        guard frames < framesMax else { break }
        frames += 1
        length = 0
      }
      if headCount < 3 { length = length << 8 | Int(bytes[position]) }
      headCount += 1
      position += 1
      if headCount == Self.headBytes { (left, headCount) = (length, 0) }
    }
    return (position, frames)
  }
}
