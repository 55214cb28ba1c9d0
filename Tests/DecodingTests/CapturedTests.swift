import Decoding
import TestTraces
import Testing

@Suite struct `Captured requests` {
  @Test(arguments: try CapturedRequest.all())
  func `decode to what Python's msgpack reads in them`(request: CapturedRequest) throws {
    guard let expected = request.traces else {
      #expect(throws: DecodeError.self) { try request.format.traces(of: request.body) }
      return
    }
    let traces = try request.format.traces(of: request.body)
    try #require(traces.map(\.count) == expected.map(\.count))
    for (trace, expectedTrace) in zip(traces, expected) {
      for (span, expectedSpan) in zip(trace, expectedTrace) { #expect(span.settled == expectedSpan.settled) }
    }
  }

  @Test func `are many, of both formats, with links, binary attributes, broken UTF-8 and one cut short`() throws {
    let requests = try CapturedRequest.all()
    let spans = requests.flatMap { $0.traces ?? [] }.joined()
    #expect(requests.filter { $0.format == .v04 }.count > 30)
    #expect(requests.filter { $0.format == .v05 }.count > 20)
    #expect(requests.filter { $0.traces == nil }.count == 1)
    #expect(spans.contains { !$0.links.isEmpty })
    #expect(spans.contains { !$0.metaStruct.isEmpty })
    #expect(
      spans.contains { span in
        span.meta.contains { String(decoding: $0.value.bytes, as: UTF8.self).contains("\u{FFFD}") }
      })
  }

  @Test(arguments: try CapturedRequest.all())
  func `read the same with libmsgpack-c`(request: CapturedRequest) throws {
    guard request.traces != nil else { return }
    #expect(
      try request.format.traces(of: request.body)
        == ReferenceReader.payload(of: request.body, as: request.format).traces)
  }

  @Test(arguments: try CapturedRequest.all().filter { $0.format == .v04 })
  func `decode to the same traces when they come as v0.7 and as v1.0`(request: CapturedRequest) throws {
    guard let expected = request.traces else { return }
    for format in [TraceFormat.v07, .v10] {
      let twin = try format.payload(of: try #require(request.twin(as: format)))
      var expected = expected
      if format == .v10 {
        // There it is a field of the chunk.
        #expect(twin.chunks.map(\.traceIDHigh) == expected.indices.map { Self.takeTraceIDHigh(&expected[$0]) })
      }
      #expect(twin.traces.map { $0.map(\.settled) } == expected.map { $0.map(\.settled) })
    }
  }

  /// The upper half that the attributes of a trace say, which are taken out.
  private static func takeTraceIDHigh(_ trace: inout [PlainSpan]) -> UInt64 {
    let texts = trace.flatMap(\.meta).filter { $0.key == "_dd.p.tid" }.map(\.value)
    for index in trace.indices { trace[index].meta.removeAll { $0.key == "_dd.p.tid" } }
    return texts.first.flatMap { UInt64(String(decoding: $0.bytes, as: UTF8.self), radix: 16) } ?? 0
  }

  /// Every prefix is an error at its own end, and none reads past it (the sanitized run would see it).
  @Test(arguments: try CapturedRequest.all().filter { $0.body.count < 1800 })
  func `are refused wherever they are cut off`(request: CapturedRequest) throws {
    guard request.traces != nil else { return }
    #expect(cutsNotRefused(of: request.body, as: request.format) == [])
  }

  @Test func `of v1.0 are refused wherever they are cut off`() throws {
    let requests = try CapturedRequest.all().filter { $0.body.count < 1800 && $0.traces != nil }
    let twins = requests.compactMap { $0.twin(as: .v10) }
    #expect(twins.count > 3)
    for twin in twins { #expect(cutsNotRefused(of: twin, as: .v10) == []) }
  }

  /// At how many bytes a body can be cut off without an error that says where it ends.
  private func cutsNotRefused(of body: [UInt8], as format: TraceFormat) -> [Int] {
    body.indices.filter { count in
      do throws(DecodeError) {
        _ = try format.traces(of: Array(body.prefix(count)))
        return true
      } catch {
        return error.kind != .shortBytes || error.byteOffset != count
      }
    }
  }
}
