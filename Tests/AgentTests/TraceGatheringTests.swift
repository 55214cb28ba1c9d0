import Addresses
import Configuration
import Platform
import Sampling
import Store
import TestSpans
import Testing

@testable import Agent
@testable import Exporting

@Suite struct `Gathering traces for the store` {
  /// Blocks as a store gets them.
  private final class Blocks: TraceTaking {
    private let blocks = Lock<[TraceBlock]>([])
    private let state = Lock((arrivals: 0, lost: ChunkCounts()))

    let waitingBytes = 0
    func noteArrival() { state.withLock { $0.arrivals += 1 } }
    func lose(_ counts: ChunkCounts) { state.withLock { $0.lost += counts } }

    var arrivals: Int { state.withLock { $0.arrivals } }
    var lost: ChunkCounts { state.withLock { $0.lost } }

    func add(_ block: TraceBlock) { blocks.withLock { $0.append(block) } }

    var all: [TraceBlock] { blocks.withLock { $0 } }
    var chunks: [TraceBlock.Chunk] { all.flatMap(\.chunks) }

    /// The texts that stand somewhere in a part of a block.
    func holds(_ text: String, _ block: Int, _ slice: TraceBlock.Slice) -> Bool {
      let bytes = all[block].bytes[Int(slice.offset)..<Int(slice.offset + slice.length)]
      return bytes.firstRange(of: Array(text.utf8)) != nil
    }
  }

  private static func agent(
    forwarding: Bool = false, spansPerSecond: Int = 10_000
  ) throws -> (AgentUnderTest, Blocks) {
    let blocks = Blocks()
    let storing = TraceStoring(spansPerSecond: spansPerSecond)
    storing.open(blocks)
    let intake = try HTTPURL("http://127.0.0.1:9")
    let agent = try AgentUnderTest(threads: 1, storing: storing) {
      if forwarding { $0.apiKey = APIKey("0123456789abcdef0123456789abcdef") }
      if forwarding { $0.intakeURL = intake }
    }
    return (agent, blocks)
  }

  /// A kept trace, one that its tracer dropped, and one with a failed span.
  private static let body = TestPayload.v04([
    [TestSpan(1).metric("_sampling_priority_v1", 1), TestSpan(2, parent: 1)],
    [TestSpan(3).with { $0.traceID = 2 }.metric("_sampling_priority_v1", -1)],
    [
      TestSpan(5, parent: 4).with { ($0.traceID, $0.error) = (3, 1) }.meta("error.message", "no route"),
      TestSpan(4).with { $0.traceID = 3 }.meta("_dd.p.tid", "00000000000000ff").metric("_sampling_priority_v1", 1),
    ],
  ])

  @Test(arguments: [false, true])
  func `keeps what is forwarded and what sampling drops`(forwarding: Bool) throws {
    let (agent, blocks) = try Self.agent(forwarding: forwarding)
    _ = try agent.post("/v0.4/traces", Self.body, ["Datadog-Meta-Lang": "python"])
    #expect(blocks.all.isEmpty)
    agent.receiver.shards.forEach { $0.handOverTraces() }
    let chunks = blocks.chunks.sorted { $0.traceIDLow < $1.traceIDLow }
    #expect(chunks.map(\.traceIDLow) == [1, 2, 3])
    #expect(chunks.map(\.traceIDHigh) == [0, 0, 255])
    #expect(chunks.map(\.spanCount) == [2, 1, 2])
    #expect(chunks.map(\.errorCount) == [0, 0, 1])
    #expect(chunks.map(\.root) == [0, 0, 1])
    #expect(chunks.map(\.priority) == [1, -1, 1])
    let kept = chunks.map { SamplingVerdict(rawValue: Int($0.verdict))?.isKept }
    #expect(kept == [true, false, true])
    #expect(blocks.holds("no route", 0, chunks[2].message))
    #expect(!blocks.holds("no route", 0, chunks[0].message))
    #expect(blocks.holds("python", 0, chunks[0].sender))
    #expect(chunks[0].endNs - chunks[0].startNs == 1_000_000)
  }

  @Test func `hands over when a block is full, and what waits at the end`() throws {
    let (agent, blocks) = try Self.agent()
    let text = String(repeating: "x", count: 4_000)
    for number in 1...100 as ClosedRange<UInt64> {
      let span = TestSpan(number).with { $0.traceID = number }.meta("text", text)
      _ = try agent.post("/v0.4/traces", TestPayload.v04([[span]]))
    }
    #expect(blocks.all.count == 1)
    agent.flusher.flushTraces(nowNs: agent.nowNs)
    #expect(blocks.all.count == 1)
    agent.flusher.flushAll(nowNs: agent.nowNs)
    #expect(blocks.all.count == 2)
    #expect(blocks.chunks.count == 100)
    agent.flusher.flushAll(nowNs: agent.nowNs)
    #expect(blocks.all.count == 2)
  }

  @Test func `tells the store once that something came, until it is gathered`() throws {
    let blocks = Blocks()
    let storing = TraceStoring(spansPerSecond: 10_000)
    let agent = try AgentUnderTest(threads: 1, storing: storing)
    _ = try agent.post("/v0.4/traces", Self.body)
    #expect(blocks.arrivals == 0)
    storing.open(blocks)
    _ = try agent.post("/v0.4/traces", Self.body)
    #expect(blocks.arrivals == 1)
    storing.beginGathering()
    _ = try agent.post("/v0.4/traces", Self.body)
    _ = try agent.post("/v0.4/traces", Self.body)
    #expect(blocks.arrivals == 2)
  }

  @Test func `keeps what comes while the store opens, and thins what is too much for that`() throws {
    let blocks = Blocks()
    let storing = TraceStoring(spansPerSecond: 0)
    let agent = try AgentUnderTest(threads: 1, storing: storing)
    let text = String(repeating: "x", count: 4_900)
    var sent: UInt64 = 0
    for round in 0..<6 as Range<UInt64> {
      var traces = (1...1_000 as ClosedRange<UInt64>).map { number in
        [TestSpan(number).with { $0.traceID = Self.spread(round * 1_000 + number) }.meta("text", text)]
      }
      traces.append([TestSpan(1).with { ($0.traceID, $0.error) = (round + 1, 1) }.meta("text", text)])
      _ = try agent.post("/v0.4/traces", TestPayload.v04(traces))
      sent += UInt64(traces.count)
    }
    agent.receiver.shards.forEach { $0.handOverTraces() }
    storing.open(blocks)
    let counts = agent.receiver.shards[0].snapshot()?.stored ?? StoredTraceCounts()
    #expect(counts.traces > 1_000 && counts.traces == UInt64(blocks.chunks.count) && blocks.lost.chunks == 0)
    #expect(counts.traces + counts.thinnedTraces == sent)
    // The failed ones of all requests are there, but for those beyond five in a second.
    let failed = Set(blocks.chunks.lazy.filter { $0.errorCount > 0 }.map(\.traceIDLow))
    #expect(failed.isSuperset(of: [1, 2, 3, 4, 5]))
    #expect(storing.thinning.withLock { $0.thinnedTraces(sinceNs: nil, untilNs: nil) } == counts.thinnedTraces)
    _ = try agent.post("/v0.4/traces", TestPayload.v04([[TestSpan(1).with { $0.traceID = 9_999 }]]))
    agent.receiver.shards.forEach { $0.handOverTraces() }
    #expect(blocks.chunks.last?.traceIDLow == 9_999)
  }

  /// Ids as tracers make them: spread over 64 bits.
  private static func spread(_ number: UInt64) -> UInt64 { number &* 0xD134_2543_DE82_EF95 }

  @Test func `gathers nothing when there is no store`() throws {
    let storing = TraceStoring(spansPerSecond: 0)
    let agent = try AgentUnderTest(threads: 1, storing: storing)
    _ = try agent.post("/v0.4/traces", Self.body)
    storing.open(nil)
    agent.receiver.shards.forEach { $0.handOverTraces() }
    _ = try agent.post("/v0.4/traces", Self.body)
    #expect(agent.receiver.shards[0].snapshot()?.stored.traces == 3)
  }

  @Test(arguments: ["/v0.4/traces", "/v0.5/traces"])
  func `a payload that is larger than the store takes at once costs a share of it, and nothing else`(
    path: String
  ) throws {
    let (agent, blocks) = try Self.agent(spansPerSecond: 0)
    let text = String(repeating: "x", count: 4_900)
    _ = try agent.post("/v0.4/traces", TestPayload.v04([[TestSpan(1)]]))
    var traces = (2...2_000 as ClosedRange<UInt64>).map { number in
      [TestSpan(number).with { $0.traceID = Self.spread(number) }.meta("text", text)]
    }
    traces.append([TestSpan(7).with { ($0.traceID, $0.error) = (77, 1) }.meta("text", text)])
    // One text in the table of v0.5, however often it is used.
    _ = try agent.post(path, path == "/v0.4/traces" ? TestPayload.v04(traces) : TestPayload.v05(traces))
    agent.receiver.shards.forEach { $0.handOverTraces() }
    let counts = agent.receiver.shards[0].snapshot()?.stored ?? StoredTraceCounts()
    #expect(blocks.chunks.contains { $0.traceIDLow == 1 } && blocks.chunks.contains { $0.traceIDLow == 77 })
    #expect(blocks.all.allSatisfy { $0.bytes.count < 2 * TraceGatherer.blockBytesMax })
    #expect(counts.traces == UInt64(blocks.chunks.count) && counts.traces > 900)
    #expect(counts.traces + counts.thinnedTraces == 2_001)
    let bytes = blocks.all.reduce(0) { $0 + $1.bytes.count }
    #expect(bytes < TraceStoring.capacity * 7 / 8)
  }

  @Test func `counts what is thinned`() throws {
    let (agent, blocks) = try Self.agent(spansPerSecond: 20)
    for number in 1...100 as ClosedRange<UInt64> {
      _ = try agent.post("/v0.4/traces", TestPayload.v04([[TestSpan(number).with { $0.traceID = number }]]))
    }
    agent.receiver.shards.forEach { $0.handOverTraces() }
    let counts = agent.receiver.shards[0].snapshot()?.stored ?? StoredTraceCounts()
    #expect(blocks.chunks.count == Int(counts.traces))
    #expect(counts.traces >= 10 && counts.traces <= 20)
    #expect(counts.traces + counts.thinnedTraces == 100)
    #expect(counts.spans + counts.thinnedSpans == 100)
  }
}
