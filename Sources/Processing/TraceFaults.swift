import TraceModel

/// Traces of one payload whose ids or parents make no sense in the same way, and that are of one service.
package struct FaultyTraces: Sendable, Equatable {
  /// What is wrong, as `roost info` shows it; each has a row in docs/accounting.md.
  package let reason: String
  /// Whether they go no further. The others are used, but for spans that belong nowhere.
  package let isRemoved: Bool
  /// Of the first span that is concerned, as tables show it; empty for traces without spans, and for those of services
  /// beyond the ones that are told apart.
  package let service: ByteSlice
  /// Position of the first of them in the batch.
  package let firstChunk: Int
  /// Position in the batch of a span of that trace with the fault; `nil` where the trace as a whole has it.
  package let span: Int?
  /// Traces in the group, the first among them; 1 or more.
  package fileprivate(set) var traces: UInt64 = 1

  fileprivate init(reason: String, isRemoved: Bool, service: ByteSlice, firstChunk: Int, span: Int?) {
    self.reason = reason
    self.isRemoved = isRemoved
    self.service = service
    self.firstChunk = firstChunk
    self.span = span
  }
}

/// What is wrong with the traces of the batch at hand, told apart by reason and service; empty for nearly every batch.
///
/// Bounded, however many traces a payload has.
struct TraceFaults: Sendable {
  /// Groups that have a service; further traces of a reason share one without.
  static let groupsMax = 16

  private(set) var groups: [FaultyTraces] = []

  mutating func removeAll() {
    if !groups.isEmpty { groups.removeAll(keepingCapacity: true) }
  }

  /// Adds a trace. The service is that of `span`, else that of the first span.
  mutating func add(
    _ reason: String, isRemoved: Bool, chunk: Int, span: Int? = nil, in batch: borrowing SpanBatch
  ) {
    let first = span ?? batch.chunks[chunk].spans.range.first
    var service = first.map { batch.spans[$0].service } ?? .empty
    var group = index(of: reason, service, batch)
    if group == nil, groups.count >= Self.groupsMax {
      service = .empty
      group = index(of: reason, service, batch)
    }
    if let group {
      groups[group].traces &+= 1
    } else {
      groups.append(
        FaultyTraces(reason: reason, isRemoved: isRemoved, service: service, firstChunk: chunk, span: span))
    }
  }

  private func index(of reason: String, _ service: ByteSlice, _ batch: borrowing SpanBatch) -> Int? {
    for (index, group) in groups.enumerated()
    where group.reason == reason && ByteString.equal(batch.bytes(group.service), batch.bytes(service)) {
      return index
    }
    return nil
  }
}
