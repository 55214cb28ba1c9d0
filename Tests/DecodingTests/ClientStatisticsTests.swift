import MessagePack
import Testing
import TraceModel

@testable import Decoding

@Suite struct ClientStatisticsTests {
  private static let keys = KeyTable(peerTags: ["peer.service"])

  /// What `body` gets of a payload.
  private static func read<Result>(
    _ bytes: [UInt8], _ body: (borrowing SpanBatch, borrowing ClientStatistics) -> Result
  ) throws(DecodeError) -> Result {
    var batch = SpanBatch()
    var scratch = DecodingScratch()
    var statistics = ClientStatistics()
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    let input = UnsafeRawBufferPointer(copy)
    batch.begin(body: input)
    defer { batch.end() }
    try ClientStatisticsV06.decode(input.bytes, keys: keys, scratch: &scratch, into: &batch, &statistics)
    return body(batch, statistics)
  }

  private static func payload(okSummary: [UInt8]) -> [UInt8] {
    let group: MessagePackValue = ["OkSummary": .binary(okSummary), "Service": "web", "PeerTags": ["a:b", "c:d"]]
    let bucket: MessagePackValue = ["Stats": [group], "Start": 7, "Duration": 9]
    return MessagePackValue.map([("Stats", [bucket]), ("Env", "test")]).pack()
  }

  private static func fixed64(_ value: Double) -> [UInt8] {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
  }

  private static let mapping: [UInt8] = [0x0A, 9, 0x09] + fixed64(1.5)

  /// Bins -2, 3 and 4 of one store in both encodings.
  private static let bothEncodings: [UInt8] = {
    let pair: [UInt8] = [0x0A, 11, 0x08, 3, 0x11] + fixed64(0.5)
    let row: [UInt8] = [0x12, 24] + fixed64(2) + fixed64(0) + fixed64(1) + [0x18, 6]
    return [0x12, UInt8(pair.count + row.count)] + pair + row
  }()

  private static func message(_ tag: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    let length = bytes.count
    return [tag, UInt8(length & 0x7F) | 0x80, UInt8(length >> 7 & 0x7F) | 0x80, UInt8(length >> 14)] + bytes
  }

  /// The store of the values above zero.
  private static func store(_ fields: [UInt8]) -> [UInt8] { message(0x12, fields) }

  /// A row's empty bins, in one field.
  private static func run(of bins: Int) -> [UInt8] { message(0x12, [UInt8](repeating: 0, count: 8 * bins)) }

  @Test func `reads a group with its bucket, texts and lists`() throws {
    let seen = try Self.read(Self.payload(okSummary: [])) { batch, statistics in
      [
        batch.text(batch.payload.env), batch.text(batch.spans[0].service), "\(statistics.groups[0].bucketStartNs)",
        "\(statistics.groups[0].bucketWidthNs)",
        statistics.groups[0].peerTags.range.map { batch.text(statistics.texts[$0]) }.joined(separator: " "),
      ]
    }
    #expect(seen == ["test", "web", "7", "9", "a:b c:d"])
  }

  @Test func `reads bins of both encodings, fractions of counts and any gamma`() throws {
    let sketch = Self.mapping + Self.bothEncodings + [0x21] + Self.fixed64(4)
    let bins = try Self.read(Self.payload(okSummary: sketch)) { _, statistics in
      #expect(statistics.groups[0].okSketch.gamma == 1.5 && statistics.groups[0].okSketch.zeroCount == 4)
      return statistics.groups[0].okSketch.bins.range.map { statistics.bins[$0] }
        .sorted { $0.index < $1.index }.map { "\($0.index): \($0.count)" }
    }
    #expect(bins == ["-2: 0.5", "3: 2.0", "5: 1.0"])
  }

  @Test(
    arguments: [
      ("no mapping", bothEncodings, DecodeError.Kind.outOfRange),
      ("a gamma of 1", [0x0A, 9, 0x09] + fixed64(1) + bothEncodings, .outOfRange),
      ("an interpolation", [0x0A, 11, 0x09] + fixed64(1.5) + [0x18, 1], .outOfRange),
      ("a count below zero", mapping + [0x12, 10, 0x12, 8] + fixed64(-1), .outOfRange),
      ("a count that is no number", mapping + [0x12, 10, 0x12, 8] + fixed64(.nan), .outOfRange),
      ("a count without end", mapping + [0x12, 10, 0x12, 8] + fixed64(.infinity), .outOfRange),
      ("a row of broken numbers", mapping + [0x12, 5, 0x12, 3, 1, 2, 3], .malformed),
      ("too many bins in two runs", mapping + store(run(of: 65_536) + run(of: 1)), .tooMany),
      ("too many bins, one a field", mapping + store((0..<65_537).flatMap { _ in [0x11] + fixed64(0) }), .tooMany),
      ("an end inside", Array(mapping.dropLast()), .shortBytes),
    ])
  func `refuses a sketch at its byte`(_ what: String, _ sketch: [UInt8], _ kind: DecodeError.Kind) throws {
    let body = Self.payload(okSummary: sketch)
    let error = #expect(throws: DecodeError.self) { try Self.read(body) { _, _ in } }
    #expect(error?.kind == kind, "\(what)")
    #expect(error?.field == "OkSummary of group 0 of bucket 0")
    #expect((0...body.count).contains(error?.byteOffset ?? -1))
  }

  @Test func `reads as many bins as a sketch may have, in either form`() throws {
    let last = [0x11] + Self.fixed64(2)
    let single: [UInt8] = (0..<65_535).flatMap { _ in [0x11] + Self.fixed64(0) }
    for row: [UInt8] in [Self.run(of: 65_535) + last, single + last] {
      let bins = try Self.read(Self.payload(okSummary: Self.mapping + Self.store(row))) { _, statistics in
        statistics.groups[0].okSketch.bins.range.map { "\(statistics.bins[$0].index): \(statistics.bins[$0].count)" }
      }
      #expect(bins == ["65535: 2.0"])
    }
  }

  @Test func `refuses every payload that is cut off, at a byte of it`() throws {
    let body = Self.payload(okSummary: Self.mapping + Self.bothEncodings)
    for length in 0..<body.count {
      let error = #expect(throws: DecodeError.self) { try Self.read(Array(body.prefix(length))) { _, _ in } }
      #expect((0...length).contains(error?.byteOffset ?? -1), "\(length) bytes")
    }
  }
}
