import TraceModel

/// Owner of the outputs of one receiving thread; every batch goes to each of them.
///
/// Sendable by hand: nobody else has the outputs, which their makers give away (`sending`), so they move with it.
package struct BatchOutputs: ~Copyable, @unchecked Sendable {
  private let outputs: [any BatchOutput]

  /// One output of each maker.
  package init(_ makers: [BatchOutputMaker], nowNs: Int64, encodedChunks: (any EncodedChunkReceiver)? = nil) {
    outputs = makers.map { $0(nowNs, encodedChunks) }
  }

  /// Adds a batch that has been sampled to the outputs that it has chunks for.
  package mutating func add(_ batch: borrowing SpanBatch, nowNs: Int64, _ results: inout OutputResults) {
    for output in outputs where output.selection.matchesAny(of: batch) { output.add(batch, nowNs: nowNs, &results) }
  }

  /// Hands out what has waited long enough, or all there is.
  package mutating func flush(nowNs: Int64, force: Bool, _ results: inout OutputResults) {
    for output in outputs { output.flush(nowNs: nowNs, force: force, &results) }
  }

  /// What is inside of the outputs, by kind.
  package var pending: [OutgoingPayload.Kind: PayloadCounts] {
    var pending: [OutgoingPayload.Kind: PayloadCounts] = [:]
    for output in outputs { pending[output.kind, default: PayloadCounts()] += output.pending }
    return pending
  }
}
