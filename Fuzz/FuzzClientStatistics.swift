import Decoding
import TestTraces
import TraceModel

/// What libFuzzer calls with every input it thinks of: the body of a tracer's own statistics.
///
/// What is refused has to be refused at a byte of the body. Of what is accepted, every group has a span of its own, all texts
/// lie in the body, and no count of a bin is one that a sketch cannot add up. Reads outside of the body are
/// AddressSanitizer's business.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let body = ExactBytes([UInt8](UnsafeBufferPointer(start: start, count: count)))
  var batch = SpanBatch()
  var scratch = DecodingScratch()
  var statistics = ClientStatistics()
  batch.begin(body: body.bytes)
  defer { batch.end() }
  do throws(DecodeError) {
    try ClientStatisticsV06.decode(body.bytes.bytes, keys: keys, scratch: &scratch, into: &batch, &statistics)
  } catch {
    guard (0...count).contains(error.byteOffset) else { preconditionFailure("\(error) in \(count) bytes") }
    return 0
  }
  batch.requireSound(keys: keys)
  precondition(statistics.groups.count == batch.chunks.count && batch.chunks.count == batch.spans.count)
  for index in 0..<statistics.groups.count {
    let group = statistics.groups[index]
    for list in [group.peerTags, group.primaryTags, group.metricTags] {
      for text in list.range { _ = batch.text(statistics.texts[text]) }
    }
    for sketch in [group.okSketch, group.errorSketch] {
      precondition(sketch.bins.isEmpty || sketch.gamma > 1 && sketch.gamma.isFinite)
      for bin in sketch.bins.range {
        precondition(statistics.bins[bin].count >= 0 && statistics.bins[bin].count.isFinite)
      }
    }
  }
  return 0
}

private let keys = KeyTable(peerTags: ["peer.service", "db.instance", "messaging.kafka.bootstrap.servers"])
