import Decoding
import MessagePack
import TestSpans
import Testing
import TraceModel

@testable import Processing

/// What becomes of payloads of v1.0, where that differs from older formats.
@Suite struct `Processing of v1.0` {
  private static func process(
    _ payload: MessagePackValue, _ configuration: ProcessingConfiguration = ProcessingConfiguration()
  ) throws -> Processed {
    try payload.pack().withUnsafeBytes { bytes in
      var batch = SpanBatch()
      batch.begin(body: bytes)
      defer { batch.end() }
      var scratch = DecodingScratch()
      try TracesV10.decode(bytes.bytes, keys: KeyTable(peerTags: []), scratch: &scratch, into: &batch)
      var processor = Processor(steps: configuration.steps)
      processor.process(&batch, RequestFacts(nowNs: now, language: .empty, clientComputedTopLevel: false))
      return Processed(batch: SeenBatch(batch), counts: processor.counts)
    }
  }

  private static func trace(id: [UInt8], _ span: MessagePackValue) -> MessagePackValue {
    [11: [[6: .binary(id), 4: [span]]]]
  }

  private static let id: [UInt8] = Array(1...16)
  private static let start = MessagePackValue.int(TestSpan.someTimeNs)

  @Test(
    arguments: [
      ("text:t", true), ("int:3", true), ("int:4", false), ("double:0.5", true), ("yes:true", true),
      ("yes:false", false), ("large:9007199254740993", true), ("bytes:ab", true), ("list", true), ("list:x", false),
      ("env:prod", true),
      ("span.kind:server", true), ("nobody", false),
    ])
  func `removes traces by root attributes of every type`(rule: String, isRejected: Bool) throws {
    let attributes: MessagePackValue = [
      "text", 1, "t", "int", 4, 3, "double", 3, 0.5, "yes", 2, true, "large", 4, .int(9_007_199_254_740_993),
      "bytes", 5, .binary([0x61, 0x62]), "list", 7, ["x", 4, 1],
    ]
    var configuration = ProcessingConfiguration()
    configuration.rejectedTags = [rule].compactMap(TagRule.init)
    let span: MessagePackValue = [1: "web", 4: 1, 6: Self.start, 9: attributes, 13: "prod", 16: 2]
    let processed = try Self.process(Self.trace(id: Self.id, span), configuration)
    #expect((processed.batch.chunks[0].removal == .filtered) == isRejected)
  }

  @Test func `takes the whole trace id for one, and its own parent for a root`() throws {
    let span: MessagePackValue = [1: "web", 4: 7, 5: 7, 6: Self.start]
    let high = [UInt8](repeating: 1, count: 8) + [UInt8](repeating: 0, count: 8)
    let processed = try Self.process(Self.trace(id: high, span))
    #expect(processed.removed == [] && processed.span.parentID == 0)
    let zero = try Self.process(Self.trace(id: [UInt8](repeating: 0, count: 16), span))
    #expect(zero.removed == ["trace_id_zero:1/1"])
  }
}
