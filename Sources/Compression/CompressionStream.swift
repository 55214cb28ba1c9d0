/// Bytes go in as they come, one compressed body comes out, and the next one may begin.
///
/// The compression context (1.3 MB for zstd, 0.3 or 0.4 MB for gzip) is made when the first byte comes, kept from body to body,
/// and given back by `release()`.
protocol CompressionStream: ~Copyable {
  /// Compresses the bytes behind those appended before. They are not kept: what is not compressed yet is copied.
  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CompressionError)
  /// Ends the body and hands it over; the stream is then as new, with its context kept.
  mutating func finish() throws(CompressionError) -> [UInt8]
  /// Gives all memory back and forgets an unfinished body.
  mutating func release()
}

/// Where a compressed body grows: in steps, so that a small body never costs a large buffer.
struct CompressedOutput: ~Copyable {
  /// What is asked of the library at once; large enough that a call rarely has to be repeated.
  private static let stepBytes = 32 << 10

  private var bytes: [UInt8] = []
  private(set) var count = 0

  /// Lets `write` fill free space; it returns how many bytes it wrote there.
  mutating func write(_ write: (UnsafeMutableRawBufferPointer) -> Int) {
    if bytes.count - count < Self.stepBytes {
      bytes.append(contentsOf: repeatElement(0, count: Self.stepBytes))
    }
    let start = count
    let written = unsafe bytes.withUnsafeMutableBytes {
      unsafe write(UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
    }
    count += written
  }

  /// The body, with no more memory than it needs; the output is then empty and holds no memory.
  mutating func take() -> [UInt8] {
    defer { reset() }
    // Growing doubles the array. The body may wait in a queue that is bounded in bytes, so it is cut to size.
    return [UInt8](bytes[..<count])
  }

  mutating func reset() {
    bytes = []
    count = 0
  }
}
