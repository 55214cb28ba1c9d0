import Compression
import MessagePack
import Platform
import TestTraces
import Testing

@testable import Exporting
@testable import TraceModel

@Suite struct `A payload that is too large for an intake` {
  typealias Writer = `The trace writer`

  /// A payload of chunks with one, two, three… spans, whose texts do not compress, of two tracers and of v1.0.
  private static func traces(_ chunkCount: Int, _ format: PayloadCompression) throws -> OutgoingPayload {
    var random = SeededGenerator(seed: 7)
    var writer = TraceWriter(identity: Writer.identity, compression: format)
    for number in 1...chunkCount {
      var batch = SpanBatch()
      batch.isIndexed = number.isMultiple(of: 3)
      batch.payload.languageName = batch.addBytes(Array((number.isMultiple(of: 2) ? "ruby" : "python").utf8))
      let noise = (0..<1_500).map { _ in UInt8.random(in: 0x61...0x7a, using: &random) }
      let spans = (0..<number).map { index in
        var span = SpanRecord()
        (span.spanID, span.resource) = (UInt64(number * 100 + index), batch.addBytes(noise))
        return span
      }
      batch.addKept(spans)
      try writer.add(batch) { _ in }
    }
    return try #require(try writer.finish())
  }

  private static func spanIDs(_ payload: OutgoingPayload, _ format: PayloadCompression) throws -> [UInt64] {
    let read = try Writer.read(payload, format)
    #expect(read.hostname == "a-host" && read.env == "staging" && read.version == "1.2.3" && read.targetTPS == 10)
    let ids =
      read.chunks.flatMap { $0.spans.map(\.spanID) }
      + read.idxPayloads.flatMap(\.chunks).flatMap { $0.spans.map(\.spanID) }
    #expect(payload.counts.spans == ids.count)
    #expect(payload.counts.traces == read.chunks.count + read.idxPayloads.flatMap(\.chunks).count)
    return ids
  }

  @Test(arguments: Writer.formats)
  func `is halved by traces until each is alone, and loses nothing on the way`(format: PayloadCompression) throws {
    let whole = try Self.traces(9, format)
    var pieces = [whole]
    var alone: [OutgoingPayload] = []
    while let piece = pieces.popLast() {
      guard let halves = piece.halves() else {
        alone.append(piece)
        continue
      }
      #expect(halves.count == 2 && halves.allSatisfy { $0.counts.traces > 0 && $0.path == whole.path })
      #expect(halves.allSatisfy { $0.headers == whole.headers && $0.contentEncoding == whole.contentEncoding })
      pieces += halves
    }
    #expect(alone.count == 9 && alone.allSatisfy { $0.counts.traces == 1 })
    let ids = try alone.flatMap { try Self.spanIDs($0, format) }
    let all = try Self.spanIDs(whole, format)
    #expect(ids.sorted() == all.sorted() && ids.count == 45)
  }

  @Test func `is halved by groups where it is statistics`() throws {
    let payload = `A statistics body`.payload(buckets: [600, 1], clients: 2)
    let whole = try #require(try StatsPayloadEncoder().encode(payload, reportedLanguages: ["go"]).first)
    let halves = try #require(whole.halves())
    #expect(halves.map(\.counts.groups) == [601, 601])
    func resources(_ payload: OutgoingPayload) throws -> [String] {
      let text = String(decoding: try decompress(payload.body.bytes, .gzip()), as: UTF8.self)
      return text.split(separator: "GET ").dropFirst().map { String($0.prefix { $0 == "/" || $0.isNumber }) }
    }
    let (parts, all) = (try halves.flatMap(resources), try resources(whole))
    #expect(parts == all && all.count == 1_202)
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `is left whole where its bytes are none that roost makes`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let whole = try Self.traces(3, .gzip())
    var bytes = try decompress(whole.body.bytes, .gzip())
    for _ in 0..<Int.random(in: 1...200, using: &random) {
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
    }
    let halves = bytes.withUnsafeBytes { TracesSplitting(of: $0)?.halves() }
    #expect(halves.map { $0.count == 2 } ?? true)
    _ = StatsSplitting(bytes)?.halves()
    var damaged = whole
    damaged.body = .memory(whole.body.bytes.map { $0 ^ UInt8(truncatingIfNeeded: seed + 1) })
    #expect(damaged.halves() == nil)
    damaged.contentEncoding = "br"
    #expect(damaged.halves() == nil)
  }
}

@Suite struct `A forwarder whose intake has a limit` {
  @Test func `sends parts in place of what is refused, and gives up one trace that is too large`() throws {
    let intake = try FaultyIntake([.status(413), .status(413)])
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log) { $0.limitTraces(connections: 1) }
    var writer = TraceWriter(identity: `The trace writer`.identity, compression: .gzip())
    var random = SeededGenerator(seed: 1)
    for number in 1...2 {
      var batch = SpanBatch()
      var span = SpanRecord()
      span.spanID = UInt64(number)
      span.resource = batch.addBytes((0..<4_000).map { _ in UInt8.random(in: 0x61...0x7a, using: &random) })
      batch.addKept([span])
      try writer.add(batch) { _ in }
    }
    forwarder.enqueue(try #require(try writer.finish()))
    // The whole, and then its first half, are too large.
    #expect(log.waitForFinals(2))
    #expect(
      log.outcomes == [
        .retrying(.response(status: 413, retryAfter: nil)), .rejected(status: 413), .delivered(status: 200),
      ])
    let counts = forwarder.counters[.traces]
    #expect(counts.sent == PayloadCounts(traces: 1, spans: 1) && counts.lost == PayloadCounts(traces: 1, spans: 1))
    #expect(counts.held == PayloadCounts() && forwarder.counters.bodyBytes == 0)
  }
}
