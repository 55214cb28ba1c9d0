import Compression
import Control
import TestSpans
import Testing

@testable import Agent

@Suite struct `A compressed body` {
  private static let body = TestPayload.v04([[TestSpan(1), TestSpan(2, parent: 1)]])

  private static func headers(_ encoding: String) -> [String: String] {
    ["Content-Encoding": encoding, "Content-Type": "application/msgpack"]
  }

  @Test(arguments: [
    ("gzip", PayloadCompression.gzip(level: 6)), ("X-GZIP", .gzip(level: 1)), ("zstd", .zstd(level: 1)),
  ])
  func `is taken like a plain one, and counted as it travelled`(
    _ encoding: String, _ compression: PayloadCompression
  ) throws {
    let agent = try AgentUnderTest(threads: 1)
    let bytes = try compression.compressed(Self.body)
    for _ in 0..<3 { #expect(try agent.post("/v0.4/traces", bytes, Self.headers(encoding)).status == 200) }
    #expect(try agent.post("/v0.4/traces", Self.body, Self.headers("identity")).status == 200)
    #expect(try agent.services().map(\.hits) == [4])
    let traces = UInt64(4)
    #expect(agent.info.received.traces == traces && agent.info.received.spans == 2 * traces)
    #expect(agent.info.received.bytes == UInt64(3 * bytes.count + Self.body.count))
  }

  @Test func `is taken in every format`() throws {
    let agent = try AgentUnderTest()
    for format in ServedRoutes.standard.formats {
      let isJSON = ["v0.1", "v0.2"].contains(format.name)
      let empty: [String: [UInt8]] = [
        "v0.5": [0x92, 0x90, 0x90], "v0.7": [0x80], "v1.0": [0x80], "v0.6/stats": [0x80],
        "otlp": [],
      ]
      let body = isJSON ? Array("[]".utf8) : empty[format.name] ?? Self.body
      let bytes = try PayloadCompression.gzip(level: 1).compressed(body)
      var headers = isJSON ? ["Content-Encoding": "gzip"] : Self.headers("gzip")
      if format.name == "otlp" { headers["Content-Type"] = "application/x-protobuf" }
      #expect(try agent.post(format.path, bytes, headers).status == 200, "\(format.name)")
    }
  }

  @Test(arguments: [("gzip", PayloadCompression.gzip(level: 6)), ("zstd", .zstd(level: 1))])
  func `may come in several members, with nothing behind them`(
    _ encoding: String, _ compression: PayloadCompression
  ) throws {
    let agent = try AgentUnderTest(threads: 1)
    let parts = [Array(Self.body.prefix(9)), Array(Self.body.dropFirst(9))]
    let members = try parts.flatMap { try compression.compressed($0) }
    #expect(try agent.post("/v0.4/traces", members, Self.headers(encoding)).status == 200)
    #expect(try agent.post("/v0.4/traces", members + [0, 1, 2, 3, 4], traces: 1, Self.headers(encoding)).status == 400)
    #expect(agent.info.received.traces == 2 && agent.info.refused == ["corrupt_content_encoding": 1])
  }

  @Test func `leaves no memory taken once none came between two flushes`() throws {
    let agent = try AgentUnderTest(threads: 1)
    let shard = try #require(agent.receiver.shards.first)
    let bytes = try PayloadCompression.zstd(level: 1).compressed(Self.body)
    func flush() { shard.flush(nowNs: TestSpan.someTimeNs, force: false, until: .soon) }
    #expect(shard.inflaterBytes == 0)
    #expect(try agent.post("/v0.4/traces", bytes, Self.headers("zstd")).status == 200)
    flush()
    #expect(shard.inflaterBytes > 0)
    #expect(try agent.post("/v0.4/traces", Self.body, Self.headers("identity")).status == 200)
    flush()
    #expect(shard.inflaterBytes == 0)
  }

  @Test func `is judged by what is in it`() throws {
    let agent = try AgentUnderTest()
    let json = try PayloadCompression.gzip(level: 1).compressed(Array("[[}".utf8))
    #expect(try agent.post("/v0.4/traces", json, ["Content-Encoding": "gzip"]).body.hasPrefix("byte 2"))
    #expect(try agent.post("/v0.2/traces", json, Self.headers("gzip")).status == 415)
    let plain = try PayloadCompression.gzip(level: 1).compressed(Self.body)
    #expect(try agent.post("/v0.4/traces", plain, ["Content-Encoding": "gzip"]).status == 200)
    let broken = try PayloadCompression.gzip(level: 1).compressed([0x91, 0x91, 0xc1])
    let response = try agent.post("/v0.4/traces", broken, Self.headers("gzip"))
    #expect(response.status == 400 && response.body.hasPrefix("byte 2"))
    #expect(agent.info.refused == ["unsupported_media_type": 1, "decoding_error": 2])
  }

  @Test(arguments: ["br", "deflate", "gzip, zstd"])
  func `in an encoding that is not read is refused with those that are`(_ encoding: String) throws {
    let agent = try AgentUnderTest()
    let response = try agent.post("/v0.4/traces", Self.body, traces: 1, Self.headers(encoding))
    #expect(response.status == 415 && response.headers["accept-encoding"] == "identity, gzip, zstd")
    #expect(agent.info.refused == ["unsupported_content_encoding": 1])
    #expect(agent.info.dropped["unsupported_content_encoding"]?.traces == 1)
    #expect(agent.clientIssues(.undecodable).map(\.client) == [""])
  }

  @Test func `that is broken or cut off is refused, and the next is taken`() throws {
    let agent = try AgentUnderTest(threads: 1)
    let whole = try PayloadCompression.gzip(level: 6).compressed(Self.body)
    let cut = Array(whole.dropLast(9))
    for bytes in [cut, [0x1f, 0x8b, 1, 2, 3], Self.body] {
      #expect(try agent.post("/v0.4/traces", bytes, traces: 1, Self.headers("gzip")).status == 400)
      #expect(try agent.post("/v0.4/traces", whole, Self.headers("gzip")).status == 200)
    }
    #expect(agent.info.refused == ["corrupt_content_encoding": 3] && agent.info.received.traces == 6)
    #expect(agent.info.lastErrors.count == 1, "of one client and one reason")
  }

  @Test(arguments: [("gzip", PayloadCompression.gzip(level: 9)), ("zstd", .zstd(level: 3))])
  func `that grows beyond the limit is given up`(_ encoding: String, _ compression: PayloadCompression) throws {
    let agent = try AgentUnderTest(threads: 1) { $0.maxPayloadBytes = 50_000 }
    let bomb = try compression.compressed([UInt8](repeating: 0x90, count: 4_000_000))
    #expect(bomb.count < 10_000)
    #expect(try agent.post("/v0.4/traces", bomb, traces: 8, Self.headers(encoding)).status == 413)
    #expect(agent.info.dropped["payload_too_large"]?.traces == 8)
    #expect(agent.clientIssues(.tooLarge).map(\.amount) == [50_000])
    let good = try compression.compressed(Self.body)
    #expect(try agent.post("/v0.4/traces", good, Self.headers(encoding)).status == 200)
  }
}
