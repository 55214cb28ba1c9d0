import CZlib
import CZstd
import TestFixtures
import Testing

@testable import Compression

@Suite struct `Compressing a payload` {
  static let formats: [PayloadCompression] = [
    .zstd(), .zstd(level: -3), .zstd(level: 3), .gzip(), .gzip(level: 6), .gzip(level: 99), .zstd(level: -9_999_999),
    .zstd(level: 99), .identity,
  ]

  @Test(arguments: formats, [0, 1, 1000, 100_000, 1_200_000])
  func `gives back what was appended, piece by piece`(format: PayloadCompression, count: Int) throws {
    let body = textLikeBytes(count: count, seed: 1)
    var compressor = PayloadCompressor(format)
    try body.withUnsafeBytes { bytes in
      for start in stride(from: 0, to: count, by: 45_700) {
        try compressor.append(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + 45_700, count)]))
      }
    }
    let uncompressedBytes = compressor.uncompressedBytes
    #expect(uncompressedBytes == count)
    let compressed = try compressor.finish()
    #expect(try decompress(compressed, format) == body)
    if count > 1000, format != .identity { #expect(compressed.count < count / 2) }
  }

  @Test(arguments: formats)
  func `can be done again and again with one compressor`(format: PayloadCompression) throws {
    var compressor = PayloadCompressor(format)
    for seed in 1...3 as ClosedRange<UInt64> {
      let body = textLikeBytes(count: 100_000, seed: seed)
      try body.withUnsafeBytes { try compressor.append($0) }
      #expect(try decompress(compressor.finish(), format) == body)
      if seed == 2 { compressor.release() }
      let uncompressedBytes = compressor.uncompressedBytes
      #expect(uncompressedBytes == 0)
    }
  }

  @Test(arguments: formats)
  func `may be given up half-way`(format: PayloadCompression) throws {
    var compressor = PayloadCompressor(format)
    try textLikeBytes(count: 300_000, seed: 9).withUnsafeBytes { try compressor.append($0) }
    compressor.release()
    try [UInt8]("kept".utf8).withUnsafeBytes { try compressor.append($0) }
    #expect(try decompress(compressor.finish(), format) == [UInt8]("kept".utf8))
  }

  @Test func `keeps incompressible bytes`() throws {
    let body = randomBytes(count: 500_000, seed: 4)
    for format in Self.formats {
      var compressor = PayloadCompressor(format)
      try body.withUnsafeBytes { try compressor.append($0) }
      #expect(try decompress(compressor.finish(), format) == body)
    }
  }

  @Test func `takes a window of at most 512 KB, for the reader's sake`() throws {
    var compressor = PayloadCompressor(.zstd(level: 9))
    try textLikeBytes(count: 1_200_000, seed: 2).withUnsafeBytes { try compressor.append($0) }
    let frame = try compressor.finish()
    // RFC 8878: the byte behind magic number and descriptor is the window: exponent - 10 in its upper five bits.
    #expect(frame[5] >> 3 <= 9)
  }

  @Test func `is done by ISA-L for the first level of gzip, and by zlib where that is missing`() throws {
    #expect(IgzipLibrary.installed != nil)
    #expect(IgzipLibrary(names: ["libmissing.so.2"]) == nil)
    let body = textLikeBytes(count: 100_000, seed: 5)
    for igzip in [IgzipLibrary.installed, nil] {
      var compressor = PayloadCompressor(.gzip(), igzip: igzip)
      try body.withUnsafeBytes { try compressor.append($0) }
      let compressed = try compressor.finish()
      // RFC 1952: of the two only zlib says that it worked for speed.
      #expect((compressed[8] == 4) == (igzip == nil))
      #expect(try decompress(compressed, .gzip()) == body)
    }
  }

  @Test func `names its content encoding`() {
    #expect(PayloadCompression.zstd().contentEncoding == "zstd")
    #expect(PayloadCompression.gzip().contentEncoding == "gzip")
  }
}

/// Words out of a small vocabulary: compresses well, as spans do.
func textLikeBytes(count: Int, seed: UInt64) -> [UInt8] {
  let words = ["flask.request", "GET /orders/<id>", "postgres", "SELECT * FROM orders", "200", "error.stack"]
  var random = SeededGenerator(seed: seed)
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count + 100)
  while bytes.count < count {
    // One number for a line of seven words: without optimization, numbers and ranges are what takes the time.
    var number = random.next()
    for _ in 0..<7 {
      bytes += words[Int(truncatingIfNeeded: number & 0xFF) % words.count].utf8
      number >>= 8
    }
    bytes.append(UInt8(truncatingIfNeeded: number))
  }
  return [UInt8](bytes.prefix(count))
}

private struct Undecodable: Error {}

/// The inverse of a format by the reference library, straight.
func decompress(_ bytes: [UInt8], _ format: PayloadCompression) throws -> [UInt8] {
  var output = [UInt8](repeating: 0, count: 4_000_000)
  switch format {
  case .identity: return bytes
  case .zstd:
    let count = ZSTD_decompress(&output, output.count, bytes, bytes.count)
    guard ZSTD_isError(count) == 0 else { throw Undecodable() }
    return [UInt8](output.prefix(count))
  case .gzip:
    var stream = z_stream()
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw Undecodable()
    }
    defer { inflateEnd(&stream) }
    var input = bytes
    let status = input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        return inflate(&stream, Z_FINISH)
      }
    }
    guard status == Z_STREAM_END, stream.avail_in == 0 else { throw Undecodable() }
    return [UInt8](output.prefix(Int(stream.total_out)))
  }
}
