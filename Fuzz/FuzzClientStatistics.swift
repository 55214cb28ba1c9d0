import Decoding
import TraceModel

/// What libFuzzer calls with every input it thinks of: the body of a tracer's own statistics.
///
/// What is refused has to be refused at a byte of the body. Of what is accepted, every group has a span of its own, all texts
/// lie in the body, no count of a bin is one that a sketch cannot add up, and a sketch of all of them is sound. Reads outside of
/// the body are AddressSanitizer's business.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  if let start { history.note(start, count) }
  let body = UnsafeRawBufferPointer(start: start, count: count)
  thread.batch.begin(body: body)
  statistics.removeAll()
  defer {
    thread.scratch.removeAll()
    thread.batch.end()
  }
  do throws(DecodeError) {
    try ClientStatisticsV06.decode(
      body.bytes, keys: ThreadMemory.keys, scratch: &thread.scratch, into: &thread.batch, &statistics)
  } catch {
    ThreadMemory.requirePlace(of: error, in: body)
    return 0
  }
  thread.batch.requireSound(keys: ThreadMemory.keys)
  precondition(statistics.groups.count == thread.batch.chunks.count)
  precondition(statistics.groups.count == thread.batch.spans.count)
  var sum = DDSketch()
  for index in 0..<statistics.groups.count {
    let group = statistics.groups[index]
    requireSound(group)
    sum.add(group.okSketch, of: statistics)
    sum.add(group.errorSketch, of: statistics)
  }
  requireSound(sum)
  return 0
}

nonisolated(unsafe) private let thread = ThreadMemory()
nonisolated(unsafe) private var history = History()
nonisolated(unsafe) private var statistics = ClientStatistics()

private func requireSound(_ group: ClientGroupRecord) {
  for list in [group.peerTags, group.primaryTags, group.metricTags] {
    for text in list.range { _ = thread.batch.text(statistics.texts[text]) }
  }
  for sketch in [group.okSketch, group.errorSketch] {
    precondition(sketch.bins.isEmpty || sketch.gamma > 1 && sketch.gamma.isFinite)
    for bin in sketch.bins.range {
      precondition(statistics.bins[bin].count >= 0 && statistics.bins[bin].count.isFinite)
    }
  }
}

private func requireSound(_ sketch: DDSketch) {
  let bins = sketch.usedBins
  let counted = bins.reduce(0) { $0 + UInt64($1.count) } + sketch.zeroCount
  // A bin stops at its largest count.
  let isStopped = bins.contains { $0.count == .max }
  precondition(isStopped ? counted <= sketch.count : counted == sketch.count)
  precondition(zip(bins, bins.dropFirst()).allSatisfy { $0.index < $1.index })
  if let first = bins.first, let last = bins.last { precondition(last.index - first.index < DDSketch.binsMax) }
  precondition(sketch.quantile(0.5) <= sketch.quantile(0.99))
  precondition(!sketch.protobuf().isEmpty)
}
