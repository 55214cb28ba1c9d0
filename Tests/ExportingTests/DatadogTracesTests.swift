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

  /// What happens in which second, and how many traces the payloads have that come of it.
  private static let steps: [(second: Int64, bytes: Int?, force: Bool, handedOut: [Int], pending: Int)] = [
    (1, 10, false, [], 1),
    (4, 10, false, [], 2),
    (5, nil, false, [2], 0),
    (9, 2_000_000, false, [], 1),
    // It does not fit beside the first, and the time begins anew.
    (9, 2_000_000, false, [1], 1),
    (13, nil, false, [], 1),
    (14, nil, false, [1], 0),
    (15, 10, true, [1], 0),
    (100, nil, true, [], 0),
    // The clock was set back.
    (50, 10, false, [1], 0),
    (54, 10, false, [], 1),
    (55, nil, false, [1], 0),
  ]

  @Test func `wait five seconds for others, unless a payload became full or the agent ends`() {
    var outputs = Self.outputs()
    for step in Self.steps {
      var results = OutputResults()
      if let bytes = step.bytes { outputs.add(Self.batch(bytes), nowNs: step.second * Self.second, &results) }
      outputs.flush(nowNs: step.second * Self.second, force: step.force, &results)
      let pending = outputs.pending
      #expect(results.payloads.map(\.counts.traces) == step.handedOut, "second \(step.second)")
      #expect(pending == [.traces: PayloadCounts(traces: step.pending, spans: step.pending)], "second \(step.second)")
    }
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
