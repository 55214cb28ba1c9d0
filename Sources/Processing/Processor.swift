import TraceModel

/// Takes decoded traces through an ordered list of steps.
///
/// One per receiving thread; it owns the steps' counts and the scratch memory that they share.
package struct Processor: ~Copyable, Sendable {
  private struct Entry: Sendable {
    var step: any ProcessingStep
    var removals: [ProcessingCounts.Removal]
  }

  private var entries: [Entry]
  private var context = ProcessingContext(RequestFacts(nowNs: 0, language: .empty, clientComputedTopLevel: false))

  /// - Parameter steps: copied, and run in this order. Their names must differ, for their counts are kept by name.
  package init(steps: [any ProcessingStep]) {
    precondition(Set(steps.map(\.name)).count == steps.count, "two processing steps have the same name")
    entries = steps.map { step in
      Entry(
        step: step, removals: step.removalReasons.map { ProcessingCounts.Removal(step: step.name, reason: $0) })
    }
  }

  /// Runs the steps that the configuration asks for.
  package init(configuration: ProcessingConfiguration) {
    self.init(steps: configuration.steps)
  }

  /// What the steps have removed and repaired since the processor was made.
  package var counts: ProcessingCounts {
    ProcessingCounts(
      removals: entries.flatMap(\.removals), repairs: entries.flatMap(\.step.repairs),
      undecided: entries.flatMap(\.step.undecided))
  }

  /// What is wrong with traces of the last batch, for the client's fault; what a rule filters is none of it.
  package var faults: [FaultyTraces] { context.faults.groups }

  /// Processes every chunk of the batch in place. A chunk that a step removes is marked (`ChunkRecord.removal`) and
  /// counted, and the steps behind do not see it.
  package mutating func process(_ batch: inout SpanBatch, _ request: RequestFacts) {
    context.request = request
    context.faults.removeAll()
    context.patterns.beginRequest()
    for index in entries.indices { entries[index].step.begin(&batch, &context) }
    for chunk in 0..<batch.chunks.count { process(&batch, chunk: chunk) }
  }

  /// Processes the groups of statistics that a client computed, each of which is a chunk of one span. What a rule removes
  /// is marked and not counted: it is no trace.
  /// - Parameter isObfuscated: the client has hidden data itself.
  package mutating func processStatistics(_ batch: inout SpanBatch, _ request: RequestFacts, isObfuscated: Bool) {
    context.request = request
    context.faults.removeAll()
    context.patterns.beginRequest()
    let steps = entries.indices.filter {
      entries[$0].step.worksOnStatistics && !(isObfuscated && entries[$0].step is ObfuscatingStep)
    }
    for index in steps { entries[index].step.begin(&batch, &context) }
    for chunk in 0..<batch.chunks.count {
      for index in steps where !batch.chunks[chunk].isRemoved {
        batch.chunks[chunk].removal = entries[index].step.process(&batch, chunk: chunk, &context)?.removal
      }
    }
  }

  private mutating func process(_ batch: inout SpanBatch, chunk: Int) {
    for index in entries.indices {
      guard let reason = entries[index].step.process(&batch, chunk: chunk, &context) else { continue }
      batch.chunks[chunk].removal = reason.removal
      if reason.removal == .malformed { context.faults.add(reason.name, isRemoved: true, chunk: chunk, in: batch) }
      count(reason, spans: Int(batch.chunks[chunk].spans.count), entry: index)
      return
    }
  }

  /// Counted here and not by the step, so that what came in is always what went on and what was removed together.
  private mutating func count(_ reason: RemovalReason, spans: Int, entry: Int) {
    let row = entries[entry].removals.firstIndex { $0.reason == reason }
    precondition(row != nil, "a processing step removed a trace for a reason that it does not list")
    guard let row else { return }
    entries[entry].removals[row].traces &+= 1
    entries[entry].removals[row].spans &+= UInt64(spans)
  }
}
