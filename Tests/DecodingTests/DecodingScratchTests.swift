import Testing
import TraceModel

@testable import Decoding

@Suite struct `The decoders' scratch memory` {
  @Test func `keeps no more of a huge payload than its bound`() {
    var scratch = DecodingScratch()
    scratch.strings.strings.append(repeating: ByteSlice(bodyOffset: 0, length: 0), count: 1 << 20)
    scratch.grouping.traceIDHighs.append(repeating: 1, count: 1 << 20)
    scratch.removeAll()
    let stringBytes = scratch.strings.strings.allocatedBytes
    let groupingBytes = scratch.grouping.traceIDHighs.allocatedBytes
    #expect(stringBytes <= SpanBatch.keptBytesPerArray)
    #expect(groupingBytes <= SpanBatch.keptBytesPerArray)
    let left = scratch.strings.strings.count + scratch.grouping.traceIDHighs.count
    #expect(left == 0)
  }
}
