import Foundation
import TestFixtures
import TestTraces
import Testing

/// What tracers write, and what Datadog's own test agent makes of it: `fixtures/twins`.
@Suite struct `A payload of v1.0 by a tracer` {
  private struct Malformed: Error {}

  private static func bodies(_ tracer: String) throws -> (body: [UInt8], twin: [UInt8]) {
    let document = try Fixtures.json("twins/\(tracer).json") as? [String: Any]
    guard let body = (document?["body"] as? String).flatMap({ Data(base64Encoded: $0) }),
      let twin = (document?["twin"] as? String).flatMap({ Data(base64Encoded: $0) })
    else { throw Malformed() }
    return ([UInt8](body), [UInt8](twin))
  }

  @Test(arguments: ["go", "java", "libdatadog"])
  func `says what its twin in v0.4 says`(tracer: String) throws {
    let (body, twin) = try Self.bodies(tracer)
    let read = Self.inOlderForm(try TraceFormat.v10.payload(of: body))
    let expected = try TraceFormat.v04.traces(of: twin)
    #expect(read.map { $0.map(\.settled) } == expected.map { $0.map(\.settled) })
  }

  /// What the test agent does: each span says what payload and chunk say, and values of other types are taken apart.
  private static func inOlderForm(_ payload: PlainPayload) -> [[PlainSpan]] {
    var traces = payload.traces
    for (index, chunk) in payload.chunks.enumerated() {
      for position in traces[index].indices {
        var span = traces[index][position]
        if !chunk.origin.bytes.isEmpty { span.meta.append(Pair("_dd.origin", chunk.origin)) }
        let high = String(chunk.traceIDHigh, radix: 16)
        span.meta.append(Pair("_dd.p.tid", PlainText(String(repeating: "0", count: 16 - high.count) + high)))
        if position == 0, !chunk.decisionMaker.bytes.isEmpty {
          span.meta.append(Pair("_dd.p.dm", chunk.decisionMaker))
        }
        if let tags = payload.sender.fields["_dd.tags.process"] { span.meta.append(Pair("_dd.tags.process", tags)) }
        let integers = span.metrics.map { Pair($0.key, PlainNumber($0.value.value)) }
        span.metrics = integers + [Pair("_sampling_priority_v1", PlainNumber(Double(chunk.priority)))]
        let typed = span.typed + chunk.tags + payload.sender.tags
        span.typed = []
        for pair in typed { Self.put(pair.key, pair.value, into: &span) }
        traces[index][position] = span
      }
    }
    return traces
  }

  private static func put(_ key: PlainText, _ value: PlainValue, into span: inout PlainSpan) {
    func inner(_ name: [UInt8]) -> PlainText { PlainText(key.bytes + [UInt8(ascii: ".")] + name) }
    switch value.type {
    case 0: span.meta.append(Pair(key, value.string))
    case 1: span.metrics.append(Pair(key, PlainNumber(value.bool ? 1 : 0)))
    case 2: span.metrics.append(Pair(key, PlainNumber(Double(value.int))))
    case 3: span.metrics.append(Pair(key, value.double))
    default:
      for (index, element) in (value.array ?? []).enumerated() {
        put(inner(Array("\(index)".utf8)), element, into: &span)
      }
      for pair in value.keyValues ?? [] { put(inner(pair.key.bytes), pair.value, into: &span) }
    }
  }
}
