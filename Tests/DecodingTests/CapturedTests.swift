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
  func `decode to the same traces when they come as v0.7`(request: CapturedRequest) throws {
    guard let expected = request.traces else { return }
    let twin = try #require(request.twinV07)
    let traces = try TraceFormat.v07.traces(of: twin)
    #expect(traces.map { $0.map(\.settled) } == expected.map { $0.map(\.settled) })
  }

  /// Every prefix is an error at its own end, and none reads past it (the sanitized run would see it).
  @Test(arguments: try CapturedRequest.all().filter { $0.body.count < 1800 })
  func `are refused wherever they are cut off`(request: CapturedRequest) throws {
    guard request.traces != nil else { return }
    for count in 0..<request.body.count {
      let error = #expect(throws: DecodeError.self) {
        try request.format.traces(of: Array(request.body.prefix(count)))
      }
      #expect(error?.kind == .shortBytes)
      #expect(error?.byteOffset == count)
    }
  }
}
