import CZstd
import Compression
import TestFixtures
import Testing

@Suite struct `A request's body` {
  static let encodings: [ContentEncoding] = [.gzip, .zstd]

  private static func inflate(
    _ body: [UInt8], _ encoding: ContentEncoding, bytesMax: Int = 10_000_000, with inflater: inout BodyInflater
  ) throws(InflateError) -> [UInt8] {
    // Memory of exactly the body's size, so that AddressSanitizer sees a read behind it.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: body.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: body)
    defer { inflater.recycle() }
    return [UInt8](try inflater.inflate(UnsafeRawBufferPointer(memory), encoding: encoding, bytesMax: bytesMax))
  }

  private static func inflate(
    _ body: [UInt8], _ encoding: ContentEncoding, bytesMax: Int = 10_000_000
  ) throws(InflateError) -> [UInt8] {
    var inflater = BodyInflater()
    return try inflate(body, encoding, bytesMax: bytesMax, with: &inflater)
  }

  @Test(arguments: encodings, [0, 1, 1000, 65_535, 65_536, 65_537, 1_200_000])
  func `comes out as it went in`(encoding: ContentEncoding, count: Int) throws {
    let text = textLikeBytes(count: count, seed: 3)
    #expect(try Self.inflate(compressed(text, encoding), encoding) == text)
    let noise = randomBytes(count: count, seed: 4)
    #expect(try Self.inflate(compressed(noise, encoding), encoding) == noise)
  }

  @Test func `that is not encoded is itself`() throws {
    #expect(try Self.inflate([1, 2, 3], .identity, bytesMax: 3) == [1, 2, 3])
    #expect(throws: InflateError.tooLarge(bytesMax: 2)) { try Self.inflate([1, 2, 3], .identity, bytesMax: 2) }
  }

  @Test(arguments: encodings)
  func `may consist of several members or frames`(encoding: ContentEncoding) throws {
    let parts = [textLikeBytes(count: 70_000, seed: 1), [], [7], textLikeBytes(count: 1000, seed: 2)]
    let body = try parts.flatMap { try compressed($0, encoding) }
    #expect(try Self.inflate(body, encoding) == Array(parts.joined()))
    if encoding == .zstd {
      // RFC 8878, section 3.1.2: a skippable frame of 3 bytes.
      #expect(
        try Self.inflate([0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9] + body, encoding) == Array(parts.joined()))
    }
  }

  @Test(arguments: encodings)
  func `may be as large as allowed and not one byte larger`(encoding: ContentEncoding) throws {
    for count in [0, 1, 1000, 65_536, 300_000] {
      let text = textLikeBytes(count: count, seed: 5)
      let body = try compressed(text, encoding)
      #expect(try Self.inflate(body, encoding, bytesMax: count) == text)
      #expect(try Self.inflate(body, encoding, bytesMax: .max) == text)
      guard count > 0 else { continue }
      #expect(throws: InflateError.tooLarge(bytesMax: count - 1)) {
        try Self.inflate(body, encoding, bytesMax: count - 1)
      }
      let twice = body + body
      #expect(throws: InflateError.tooLarge(bytesMax: count)) { try Self.inflate(twice, encoding, bytesMax: count) }
    }
  }

  @Test(arguments: encodings)
  func `that blows up is stopped before it takes memory`(encoding: ContentEncoding) throws {
    let bomb = try compressed([UInt8](repeating: 0, count: 8 << 20), encoding)
    #expect(bomb.count < 50_000)
    var inflater = BodyInflater()
    let error = #expect(throws: InflateError.self) {
      try Self.inflate(bomb, encoding, bytesMax: 1 << 20, with: &inflater)
    }
    #expect(error == .tooLarge(bytesMax: 1 << 20))
    #expect(error?.description == "the body is larger than 1048576 bytes when it is decompressed")
    let held = inflater.heldBytes
    #expect(held == 0)
  }

  @Test(arguments: encodings)
  func `is refused wherever it is cut off`(encoding: ContentEncoding) throws {
    let body = try compressed(textLikeBytes(count: 3000, seed: 6), encoding)
    for count in 0..<body.count {
      #expect(throws: InflateError.truncated(encoding, bodyBytes: count), "after \(count) bytes") {
        try Self.inflate(Array(body.prefix(count)), encoding)
      }
    }
  }

  @Test(arguments: encodings)
  func `is refused with something else behind it`(encoding: ContentEncoding) throws {
    let body = try compressed(textLikeBytes(count: 3000, seed: 6), encoding)
    let error = #expect(throws: InflateError.self) {
      try Self.inflate(body + [0x00, 0x01, 0x02, 0x03, 0x04, 0x05], encoding)
    }
    guard case .corrupt(encoding, let offset) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(offset >= body.count && offset <= body.count + 6)
  }

  static let foreign: [(ContentEncoding, [UInt8])] = [
    (.gzip, Array("[[{\"trace_id\":1}]]".utf8)), (.zstd, Array("[[{\"trace_id\":1}]]".utf8)),
    (.gzip, [0x28, 0xB5, 0x2F, 0xFD, 0x20, 0x00, 0x01, 0x00, 0x00]),
    (.zstd, [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    // A zlib stream instead of a gzip member, and a gzip member whose checksum does not fit.
    (.gzip, [0x78, 0x9C, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]),
    (.gzip, [0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0x03, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
  ]

  @Test(arguments: foreign.indices)
  func `that is something else is corrupt`(index: Int) {
    let (encoding, body) = Self.foreign[index]
    let error = #expect(throws: InflateError.self) { try Self.inflate(body, encoding) }
    guard case .corrupt(encoding, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.description.hasPrefix("the body is not valid \(encoding.rawValue): near byte") == true)
  }

  @Test func `asks for a zstd window of 8 MiB at most`() throws {
    // RFC 8878, section 3.1.1.1.2: exponent - 10 in the upper five bits. Then one raw block of three bytes, the last.
    func frame(windowLog: UInt8) -> [UInt8] {
      [0x28, 0xB5, 0x2F, 0xFD, 0x00, (windowLog - 10) << 3, 0x19, 0x00, 0x00, 1, 2, 3]
    }
    #expect(try Self.inflate(frame(windowLog: 23), .zstd) == [1, 2, 3])
    for windowLog in [24, 27, 31, 41] as [UInt8] {
      #expect(throws: InflateError.windowTooLarge) { try Self.inflate(frame(windowLog: windowLog), .zstd) }
    }
  }

  @Test(arguments: encodings)
  func `leaves at most 1 MiB behind, and nothing after a quiet time`(encoding: ContentEncoding) throws {
    var inflater = BodyInflater()
    let untouched = inflater.heldBytes
    #expect(untouched == 0)
    let small = try compressed(textLikeBytes(count: 20_000, seed: 7), encoding)
    _ = try Self.inflate(small, encoding, with: &inflater)
    let afterSmall = inflater.heldBytes
    #expect(afterSmall > 0)
    _ = try Self.inflate(small, encoding, with: &inflater)
    let again = inflater.heldBytes
    #expect(again == afterSmall)
    let large =
      encoding == .zstd ? try frameWithLargeWindow() : try compressed(randomBytes(count: 6 << 20, seed: 8), .gzip)
    _ = try Self.inflate(large, encoding, with: &inflater)
    let afterLarge = inflater.heldBytes
    #expect(afterLarge <= BodyInflater.keptBytes)
    inflater.release()
    let released = inflater.heldBytes
    #expect(released == 0)
  }

  @Test(arguments: encodings)
  func `is read whatever the one before it was`(encoding: ContentEncoding) throws {
    var inflater = BodyInflater()
    let text = textLikeBytes(count: 100_000, seed: 9)
    let body = try compressed(text, encoding)
    for bad in [[], [1, 2, 3], Array(body.prefix(body.count / 2)), body + [0x1F], body + body] as [[UInt8]] {
      #expect(throws: InflateError.self) { try Self.inflate(bad, encoding, bytesMax: text.count, with: &inflater) }
      #expect(try Self.inflate(body, encoding, bytesMax: text.count, with: &inflater) == text)
    }
  }

  /// A damaged body is an error or some bytes, never more of them than allowed, and never the end of the process.
  @Test(arguments: encodings)
  func `may be damaged in any way`(encoding: ContentEncoding) throws {
    var random = SeededGenerator(seed: 0xBAD)
    var inflater = BodyInflater()
    let body = try compressed(textLikeBytes(count: 5000, seed: 10), encoding)
    var refused = 0
    for _ in 0..<3000 {
      var damaged = body
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      do throws(InflateError) {
        let read = try Self.inflate(damaged, encoding, bytesMax: 100_000, with: &inflater)
        #expect(read.count <= 100_000)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 1000)
  }

  static let names: [(String?, ContentEncoding?)] = [
    (nil, .identity), ("", .identity), ("identity", .identity), ("gzip", .gzip), ("GZip", .gzip), ("x-gzip", .gzip),
    ("zstd", .zstd), ("ZSTD", .zstd), ("br", nil), ("deflate", nil), ("gzip, zstd", nil), ("gzipped", nil),
    ("snappy", nil),
  ]

  @Test(arguments: names)
  func `has an encoding that its header names`(name: String?, encoding: ContentEncoding?) throws {
    func read() throws -> ContentEncoding {
      guard let name else { return try ContentEncoding(header: nil) }
      return try Array(name.utf8).withUnsafeBytes { try ContentEncoding(header: $0) }
    }
    guard let encoding else {
      let error = #expect(throws: InflateError.self) { try read() }
      #expect(error == .unknownEncoding(name ?? ""))
      #expect(error?.description.contains("is not supported: send gzip, zstd or none") == true)
      return
    }
    #expect(try read() == encoding)
  }

  @Test func `repeats no more than 40 bytes of a header`() {
    let long = [UInt8](repeating: 0x61, count: 5000)
    #expect(throws: InflateError.unknownEncoding(String(repeating: "a", count: 40))) {
      try long.withUnsafeBytes { try ContentEncoding(header: $0) }
    }
  }
}

private func compressed(_ bytes: [UInt8], _ encoding: ContentEncoding) throws -> [UInt8] {
  var compressor = PayloadCompressor(encoding == .gzip ? .gzip() : .zstd())
  try bytes.withUnsafeBytes { try compressor.append($0) }
  return try compressor.finish()
}

func randomBytes(count: Int, seed: UInt64) -> [UInt8] {
  var random = SeededGenerator(seed: seed)
  var bytes = [UInt8](repeating: 0, count: count)
  // Eight at a time: one by one takes seconds without optimization.
  for offset in stride(from: 0, to: count - 7, by: 8) {
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: random.next(), toByteOffset: offset, as: UInt64.self) }
  }
  return bytes
}

/// A zstd frame that makes its reader keep 8 MiB.
private func frameWithLargeWindow() throws -> [UInt8] {
  let bytes = randomBytes(count: 9 << 20, seed: 11)
  let context = try #require(ZSTD_createCCtx())
  defer { ZSTD_freeCCtx(context) }
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 23)
  var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
  let count = ZSTD_compress2(context, &frame, frame.count, bytes, bytes.count)
  try #require(ZSTD_isError(count) == 0)
  return Array(frame.prefix(count))
}
