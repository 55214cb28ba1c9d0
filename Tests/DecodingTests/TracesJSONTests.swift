import MessagePack
import TestTraces
import Testing
import TraceModel

@testable import Decoding

/// The same payload as MessagePack and as JSON has to come to the same spans.
@Suite struct `Traces as JSON` {
  private static func traces(_ json: [UInt8], _ decode: TracesDecoder = TracesJSON.decode) throws -> [[PlainSpan]] {
    try withDecoded(json, decode) { $0.plainTraces }
  }

  private static func traces(_ text: String, _ decode: TracesDecoder = TracesJSON.decode) throws -> [[PlainSpan]] {
    try traces(Array(text.utf8), decode)
  }

  private static func requireTwin(_ payload: MessagePackValue, seed: UInt64) throws {
    let json = JSONTwin.bytes(payload, seed: seed)
    let expected = try TraceFormat.v04.traces(of: payload.pack())
    try #require(
      settled(try traces(json)) == settled(expected), "seed \(seed): \(String(decoding: json, as: UTF8.self))")
  }

  /// Which first copies of a tag are left out depends on the keys that are known.
  private static func settled(_ traces: [[PlainSpan]]) -> [[PlainSpan]] { traces.map { $0.map(\.withoutReplacedTags) } }

  @Test(arguments: try CapturedRequest.all().filter { $0.format == .v04 && $0.traces != nil })
  func `are what captured requests say as MessagePack`(request: CapturedRequest) throws {
    try Self.requireTwin(try MessagePackValue.unpack(request.body).value.finite, seed: UInt64(request.body.count))
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `are what any payload says as MessagePack`(seed: UInt64) throws {
    var generator = PayloadGenerator(seed: 500 + seed)
    for number in 0..<200 as Range<UInt64> {
      let payload = try MessagePackValue.unpack(generator.payload(.v04)).value.finite
      try Self.requireTwin(payload, seed: seed * 1_000 + number)
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `that came as single spans are put together by their trace id`(seed: UInt64) throws {
    var generator = PayloadGenerator(seed: 900 + seed)
    for number in 0..<100 as Range<UInt64> {
      let payload = try MessagePackValue.unpack(generator.payload(.v04)).value.finite
      var spans = (payload.array ?? []).flatMap { $0.array ?? [] }
      // Few traces, so that some have several spans, in turns.
      for (index, span) in spans.enumerated() {
        guard let members = span.map else { continue }
        let id = (key: MessagePackValue.text("trace_id"), value: MessagePackValue.uint(UInt64(index % 3) + 1))
        spans[index] = .map(members + [id])
      }
      let read = try TraceFormat.v04.traces(of: MessagePackValue.array([.array(spans)]).pack()).flatMap(\.self)
      var expected: [[PlainSpan]] = []
      for span in read {
        if let trace = expected.firstIndex(where: { $0[0].traceID == span.traceID }) {
          expected[trace].append(span)
        } else {
          expected.append([span])
        }
      }
      let json = JSONTwin.bytes(spans: spans, seed: seed * 1_000 + number)
      let traces = try Self.traces(json, TracesV01.decode)
      try #require(Self.settled(traces) == Self.settled(expected), "\(String(decoding: json, as: UTF8.self))")
    }
  }

  @Test func `may be null anywhere, and have anything behind the document`() throws {
    #expect(try Self.traces("null") == [] && Self.traces("null", TracesV01.decode) == [])
    #expect(try Self.traces("[null,[],[null]]") == [[], [], []])
    #expect(try Self.traces("[null,{},null]x", TracesV01.decode) == [[PlainSpan()]])
    let nulls = """
      [[{"service":null,"trace_id":null,"start":null,"error":null,"meta":null,"metrics":null,"meta_struct":null,\
      "span_links":null,"span_events":null},{"meta":{"k":null},"metrics":{"k":null},"span_links":[null,{}],\
      "span_events":[null,{"attributes":{"k":null}},{"attributes":{"k":{"array_value":null}}}]}]]}
      """
    let second = try #require(try Self.traces(nulls).first?.last)
    #expect(try Self.traces(nulls).first?.first == PlainSpan())
    #expect(second.meta == [Pair("k", "")] && second.metrics == [Pair("k", 0)] && second.links == [PlainLink()])
    #expect(second.events.map { $0.attributes } == [[Pair("k", PlainValue())], [Pair("k", PlainValue())]])
  }

  static let binaries: [(json: String, bytes: [UInt8]?)] = [
    ("", []), ("AA==", [0]), ("AAE=", [0, 1]), ("AAEC", [0, 1, 2]), ("+/8=", [251, 255]), ("A\\nAEC", [0, 1, 2]),
    ("AA\\u003d=", [0]), ("A", nil), ("AA", nil), ("AA=", nil), ("AA==AA==", nil), ("A===", nil), ("=", nil),
    ("AA-_", nil), ("é", nil),
  ]

  @Test(arguments: binaries)
  func `have bytes as base64`(text: String, bytes: [UInt8]?) throws {
    let json = "[[{\"meta_struct\":{\"k\":\"\(text)\"}}]]"
    guard let bytes else {
      #expect(throws: DecodeError.self) { try Self.traces(json) }
      return
    }
    #expect(try Self.traces(json).first?.first?.metaStruct == [Pair("k", PlainText(bytes))])
  }

  @Test func `that came as single spans name the span that cannot be read`() {
    let error = #expect(throws: DecodeError.self) { try Self.traces("[{},{\"name\":5}]", TracesV01.decode) }
    #expect(error?.description == "byte 12, span 1, field name: expected string, saw number")
  }

  @Test(arguments: [false, true])
  func `ask for no more memory than a payload may`(isFlat: Bool) {
    let count = PayloadBudget.bytesMin / (MemoryLayout<SpanRecord>.stride - 3 * PayloadBudget.bytesPerBodyByte) + 1
    let spans = "[" + String(repeating: "{},", count: count) + "{}]"
    let error = #expect(throws: DecodeError.self) {
      try Self.traces(isFlat ? spans : "[\(spans)]", isFlat ? TracesV01.decode : TracesJSON.decode)
    }
    #expect(error?.kind == .tooMany)
  }

  @Test func `survive any damage`() throws {
    var generator = PayloadGenerator(seed: 77)
    var corpus: [[UInt8]] = []
    for seed in 0..<60 as Range<UInt64> {
      let payload = try MessagePackValue.unpack(generator.payload(.v04)).value.finite
      corpus.append(JSONTwin.bytes(payload, seed: seed))
      corpus.append(JSONTwin.bytes(spans: payload.array?.first?.array ?? [], seed: seed))
    }
    var mutator = Mutator(seed: 78, corpus: corpus)
    var refused = 0
    for number in 0..<3_000 {
      let body = mutator.next()
      let decode: TracesDecoder = number % 2 == 0 ? TracesJSON.decode : TracesV01.decode
      do {
        _ = try Self.traces(body, decode)
      } catch let error as DecodeError {
        refused += 1
        try #require((0...body.count).contains(error.byteOffset), "\(error)")
      }
    }
    #expect(refused > 500 && refused < 3_000)
  }
}
