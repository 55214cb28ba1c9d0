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
    private let othersBytes: Int
    private let isStuck: Bool

    /// - Parameters:
    ///   - waitingBytes: of others that wait.
    ///   - isStuck: whether nothing of what comes is written.
    init(waitingBytes: Int = 0, isStuck: Bool = false) {
      othersBytes = waitingBytes
      self.isStuck = isStuck
    }

    var memoryBytes: Int { all.reduce(0) { $0 + $1.memoryBytes } }
    var waitingBytes: Int { othersBytes + (isStuck ? memoryBytes : 0) }
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
    forwarding: Bool = false, spansPerSecond: Int = 10_000, threads: Int = 1, _ blocks: Blocks = Blocks()
  ) throws -> (AgentUnderTest, Blocks) {
    let storing = TraceStoring(spansPerSecond: spansPerSecond)
    storing.open(blocks)
    let intake = try HTTPURL("http://127.0.0.1:9")
    let agent = try AgentUnderTest(threads: threads, storing: storing) {
      if forwarding { $0.apiKey = APIKey("0123456789abcdef0123456789abcdef") }
      if forwarding { $0.intakeURL = intake }
    }
    return (agent, blocks)
  }

  /// What became of traces on all threads.
  private func stored(_ agent: AgentUnderTest) -> StoredTraceCounts {
    var counts = StoredTraceCounts()
    for shard in agent.receiver.shards {
      if let accounts = shard.accounts() { counts.add(accounts.counts.stored) }
    }
    return counts
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
    let counts = stored(agent)
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
    #expect(stored(agent).traces == 3)
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
    let counts = stored(agent)
    #expect(blocks.chunks.contains { $0.traceIDLow == 1 } && blocks.chunks.contains { $0.traceIDLow == 77 })
    #expect(blocks.all.allSatisfy { $0.bytes.count < 2 * TraceGatherer.blockBytesMax })
    #expect(counts.traces == UInt64(blocks.chunks.count) && counts.traces > 900)
    #expect(counts.traces + counts.thinnedTraces == 2_001)
    let bytes = blocks.all.reduce(0) { $0 + $1.bytes.count }
    #expect(bytes < TraceStoring.capacity * 7 / 8)
  }

  /// 1,600 traces of one span, some of them with large texts, none of which is among those that are looked at first.
  struct Burst: Sendable, CustomTestStringConvertible {
    /// Bytes that wait already.
    var waiting: Int
    var large: Int
    /// Texts of 20,000 bytes in each large one.
    var texts: Int
    var isThinned: Bool
    var tooLarge = 0

    var testDescription: String { "\(large) with \(texts) texts while \(waiting) bytes wait" }
  }

  @Test(arguments: [
    Burst(waiting: 0, large: 60, texts: 5, isThinned: true),
    Burst(waiting: 2 << 20, large: 60, texts: 5, isThinned: true),
    Burst(waiting: 6 << 20, large: 60, texts: 5, isThinned: true),
    Burst(waiting: 0, large: 20, texts: 5, isThinned: false),
    Burst(waiting: 0, large: 1, texts: 195, isThinned: false),
    Burst(waiting: 5 << 20, large: 1, texts: 195, isThinned: true),
    // One that is too large costs the others nothing, whether that is seen before it is encoded or afterwards.
    Burst(waiting: 0, large: 1, texts: 215, isThinned: false, tooLarge: 1),
    Burst(waiting: 5 << 20, large: 1, texts: 450, isThinned: false, tooLarge: 1),
  ])
  func `traces of mixed sizes take no more than the place there is, and nothing is lost`(_ burst: Burst) throws {
    let (agent, blocks) = try Self.agent(spansPerSecond: 0, Blocks(waitingBytes: burst.waiting))
    let text = String(repeating: "x", count: 20_000)
    var traces = (1...1_600 as ClosedRange<UInt64>).map { number in
      [TestSpan(number).with { $0.traceID = Self.spread(number) }]
    }
    for number in 0..<burst.large {
      let large = number * 26 + 13
      for key in 0..<burst.texts { traces[large][0].meta.append(("text\(key)", text)) }
    }
    traces.append([TestSpan(7).with { ($0.traceID, $0.error) = (77, 1) }])
    _ = try agent.post("/v0.4/traces", TestPayload.v04(traces))
    agent.receiver.shards.forEach { $0.handOverTraces() }
    let counts = stored(agent)
    #expect(burst.waiting + blocks.memoryBytes <= TraceStoring.capacity)
    #expect(counts.traces == UInt64(blocks.chunks.count))
    #expect(counts.traces + counts.thinnedTraces + counts.tooLargeTraces == UInt64(traces.count))
    #expect(counts.tooLargeTraces == UInt64(burst.tooLarge) && (counts.thinnedTraces > 0) == burst.isThinned)
    #expect(blocks.chunks.contains { $0.traceIDLow == 77 })
  }

  @Test func `threads that receive at once take no more together than the store holds`() async throws {
    let (agent, blocks) = try Self.agent(spansPerSecond: 0, threads: 2, Blocks(isStuck: true))
    let sender = UncheckedAgent(agent: agent)
    let text = String(repeating: "x", count: 20_000)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<4 as Range<UInt64> {
        group.addTask {
          let traces = (1...150 as ClosedRange<UInt64>).map { number in
            [TestSpan(number).with { $0.traceID = Self.spread(client * 1_000 + number) }.meta("text", text)]
          }
          _ = try sender.agent.post("/v0.4/traces", TestPayload.v04(traces))
        }
      }
      try await group.waitForAll()
    }
    agent.receiver.shards.forEach { $0.handOverTraces() }
    #expect(blocks.memoryBytes <= TraceStoring.capacity && blocks.memoryBytes > TraceStoring.capacity / 2)
    let counts = stored(agent)
    #expect(counts.traces + counts.thinnedTraces == 600)
    // All of it was handed over.
    #expect(agent.receiver.shards[0].parts.pipeline.storing?.thinning.withLock { $0.chosenBytes } == 0)
  }

  private struct UncheckedAgent: @unchecked Sendable {
    let agent: AgentUnderTest
  }

  @Test func `counts what is thinned`() throws {
    let (agent, blocks) = try Self.agent(spansPerSecond: 20)
    for number in 1...100 as ClosedRange<UInt64> {
      _ = try agent.post("/v0.4/traces", TestPayload.v04([[TestSpan(number).with { $0.traceID = number }]]))
    }
    agent.receiver.shards.forEach { $0.handOverTraces() }
    let counts = stored(agent)
    #expect(blocks.chunks.count == Int(counts.traces))
    #expect(counts.traces >= 10 && counts.traces <= 20)
    #expect(counts.traces + counts.thinnedTraces == 100)
    #expect(counts.spans + counts.thinnedSpans == 100)
  }
}
