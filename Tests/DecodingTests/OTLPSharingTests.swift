import TestTraces
import Testing
import TraceModel

@testable import Decoding

/// What spans of one resource get of it, and of their scopes.
extension `OTLP` {
  /// Resource, first scope, second scope, then what every other span says.
  @Test(
    arguments: [
      ("service.version=1;deployment.environment=a", "version=s;env=s", "", ""),
      ("service.version=1;deployment.environment.name=a", "version=s", "env=t", "env=own;version=own"),
      ("service.version=1;deployment.environment=a", "", "version=s", "service.version=;deployment.environment.name="),
      ("service.version=1;deployment.environment=a", "", "env=s", "service.version=2;deployment.environment.name=b"),
      ("service.version=1;datadog.version=d;datadog.env=e", "version=s;env=s", "", "version=own;env=own"),
      ("version=r;env=r;service.version=1;datadog.env=e", "version=s;env=s", "env=t", "datadog.version=d;env=o"),
      ("service.version=1;deployment.environment=a;error.type=r", "", "k=v", "datadog.env=o;datadog.error.type=own"),
      ("team=r", "team=s;version=s", "env=t", "service.version=2;deployment.environment=b"),
    ])
  func `what spans say, or their scopes, is theirs alone`(
    _ resource: String, _ first: String, _ second: String, _ own: String
  ) throws {
    func span(_ id: Int, _ own: String) -> String {
      #"{"traceId":"5b8aa5a2d2c872e8321cf37308d69df2","spanId":"00000000000000a\#(id)","name":"s\#(id)","#
        + #""attributes":[\#(Self.attributes(own))]}"#
    }
    func scope(_ attributes: String, _ spans: [String]) -> String {
      #"{"scope":{"name":"lib","attributes":[\#(Self.attributes(attributes))]},"#
        + #""spans":[\#(spans.joined(separator: ","))]}"#
    }
    func spans(_ scopes: [String]) throws -> [PlainSpan] {
      let text =
        #"{"resourceSpans":[{"resource":{"attributes":[\#(Self.attributes(resource))]},"#
        + #""scopeSpans":[\#(scopes.joined(separator: ","))]}]}"#
      return try Self.payload(Array(text.utf8)).traces.flatMap(\.self)
    }
    for firstSays in [true, false] {
      let said = (0..<4).map { ($0 % 2 == 0) == firstSays ? own : "" }
      let together = try spans([
        scope(first, [span(0, said[0]), span(1, said[1])]), scope(second, [span(2, said[2]), span(3, said[3])]),
      ])
      #expect(together.count == 4)
      for id in 0..<4 {
        let alone = try #require(try spans([scope(id < 2 ? first : second, [span(id, said[id])])]).first)
        let seen = try #require(together.first { $0.spanID == 0xa0 + UInt64(id) })
        // The first span of a trace alone says the upper half of its id.
        let meta = alone.meta.filter { id == 0 || $0.key != "_dd.p.tid" }
        #expect(seen.meta == meta && seen.metrics == alone.metrics, "span \(id)")
      }
    }
  }

  @Test(
    arguments: [
      "", "datadog.env=o", "datadog.version=o", "deployment.environment.name=o", "service.version=o",
      "datadog.error.type=own",
    ])
  func `the first span that has all that its resource says shows what spans share`(own: String) throws {
    let resource = Self.attributes("service.version=1;deployment.environment=a;error.type=r;team=t")
    let ids = #""traceId":"5b8aa5a2d2c872e8321cf37308d69df2","name":"a""#
    let text =
      #"{"resourceSpans":[{"resource":{"attributes":[\#(resource)]},"scopeSpans":[{"spans":["#
      + #"{\#(ids),"spanId":"00000000000000a1","attributes":[\#(Self.attributes(own))]},"#
      + #"{\#(ids),"spanId":"00000000000000a2"}]}]}]}"#
    let body = ExactBytes(Array(text.utf8))
    var batch = SpanBatch()
    var scratch = DecodingScratch()
    batch.begin(body: body.bytes)
    try TracesOTLP.decodeJSON(body.bytes.bytes, keys: KeyTable(peerTags: []), scratch: &scratch, into: &batch)
    #expect(batch.sharedMeta.count == 6)
    #expect(batch.spans[own.isEmpty ? 0 : 1].meta.range.contains(batch.sharedMeta.range.lowerBound))
    #expect(batch.sharedMeta.range.allSatisfy { batch.meta[$0].known != .removed })
  }
}
