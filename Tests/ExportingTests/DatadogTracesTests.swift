import Compression
import Exporting
import Testing
import TraceModel

@Suite struct `Traces for the Datadog intake` {
  private static let second: Int64 = 1_000_000_000

  private static func outputs(_ makers: [BatchOutputMaker] = []) -> BatchOutputs {
    let datadog: BatchOutputMaker = { nowNs, _ in
      DatadogTraces(
        identity: AgentIdentity(hostname: "h", env: "e", version: "1", targetTPS: 10, errorTPS: 10),
        compression: .zstd(), flushPeriodNs: 5 * second, nowNs: nowNs)
    }
    return BatchOutputs([datadog] + makers, nowNs: 0)
  }

  private static func batch(_ bytes: Int) -> SpanBatch { `The trace writer`.batch([bytes]) }

  /// What happens in which half second, and how many traces the payloads have that come of it.
  private static let steps: [(half: Int64, bytes: Int?, force: Bool, handedOut: [Int], pending: Int)] = [
    (1, 10, false, [], 1),
    (9, 10, false, [], 2),
    (10, nil, false, [], 2),
    (11, nil, false, [2], 0),
    (18, 2_000_000, false, [], 1),
    // It does not fit beside the first, and its time begins now.
    (20, 2_000_000, false, [1], 1),
    (29, nil, false, [], 1),
    // The look after this one would be too late.
    (30, nil, false, [1], 0),
    (31, 10, true, [1], 0),
    (200, nil, true, [], 0),
    (201, 10, false, [], 1),
    // The clock was set back.
    (100, nil, false, [1], 0),
    (108, 10, false, [], 1),
    (118, nil, false, [1], 0),
  ]

  @Test func `wait five seconds at most for others, unless a payload became full or the agent ends`() {
    var outputs = Self.outputs()
    for step in Self.steps {
      var results = OutputResults()
      if let bytes = step.bytes { outputs.add(Self.batch(bytes), nowNs: step.half * Self.second / 2, &results) }
      outputs.flush(nowNs: step.half * Self.second / 2, force: step.force, &results)
      let pending = outputs.pending
      #expect(results.payloads.map(\.counts.traces) == step.handedOut, "half \(step.half)")
      #expect(pending == [.traces: PayloadCounts(traces: step.pending, spans: step.pending)], "half \(step.half)")
    }
  }

  @Test func `say how long the first of a payload has waited, which is where the rest of its second begins`() {
    var outputs = Self.outputs()
    var results = OutputResults()
    outputs.add(Self.batch(2_000_000), nowNs: 1_000, &results)
    outputs.add(Self.batch(10), nowNs: 2_000, &results)
    outputs.add(Self.batch(2_000_000), nowNs: 3_000, &results)
    outputs.flush(nowNs: 3_500, force: true, &results)
    #expect(results.payloads.map(\.gatheredFor) == [.nanoseconds(2_000), .nanoseconds(500)])
  }

  /// Counts its calls in a payload for each.
  private final class CountingOutput: BatchOutput {
    let kind = OutgoingPayload.Kind(rawValue: "calls")
    let selection: ChunkSelection
    let pending = PayloadCounts()

    init(_ selection: ChunkSelection) { self.selection = selection }

    func add(_ batch: borrowing SpanBatch, nowNs: Int64, _ results: inout OutputResults) {
      results.lose(PayloadCounts(traces: batch.chunks.count), of: kind, reason: "\(selection)")
    }

    func flush(nowNs: Int64, force: Bool, _ results: inout OutputResults) {}
  }

  static let chunks: [(isKept: Bool, isRemoved: Bool, calls: [String])] = [
    (true, false, ["kept", "all"]), (false, false, ["all"]), (false, true, []),
  ]

  @Test(arguments: chunks)
  func `stand beside others, each called for batches that it has chunks in`(
    isKept: Bool, isRemoved: Bool, calls: [String]
  ) {
    var outputs = Self.outputs([{ _, _ in CountingOutput(.kept) }, { _, _ in CountingOutput(.all) }])
    var batch = Self.batch(10)
    batch.chunks[0].isKept = isKept
    batch.chunks[0].removal = isRemoved ? .filtered : nil
    var results = OutputResults()
    outputs.add(batch, nowNs: 0, &results)
    outputs.add(SpanBatch(), nowNs: 0, &results)
    let pending = outputs.pending
    #expect(results.losses.map(\.reason) == calls)
    #expect(pending[.traces] == PayloadCounts(traces: isKept ? 1 : 0, spans: isKept ? 1 : 0))
  }
}
