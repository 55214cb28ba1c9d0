import Compression
import Decoding
import Foundation
import TestFixtures
import TestTraces
import Testing

@testable import Exporting
@testable import TraceModel

/// What came as OTLP leaves as it came: decoding what was written comes to the same spans again.
@Suite struct `Spans of OpenTelemetry` {
  static let identity = AgentIdentity(
    hostname: "agent-host", env: "agent-env", version: "1.2.3", targetTPS: 10, errorTPS: 10)

  /// Decodes each resource of a request by itself, keeps all, and writes them.
  static func written(
    _ bytes: [UInt8], _ encoding: TracesOTLP.Encoding = .protobuf
  ) throws -> (request: [UInt8], payloads: [PlainPayload], titles: [UInt64: PlainText]) {
    let keys = KeyTable(peerTags: ["peer.service", "db.name"])
    let body = ExactBytes(bytes)
    var scratch = DecodingScratch()
    var batch = SpanBatch()
    batch.begin(body: body.bytes)
    defer { batch.end() }
    var request: [UInt8] = []
    var payloads: [PlainPayload] = []
    var titles: [UInt64: PlainText] = [:]
    var encoder = OTLPTracesEncoder(identity: identity)
    let parts = try TracesOTLP.findParts(of: body.bytes.bytes, encoding, keys: keys, scratch: &scratch, batch)
    try TracesOTLP.decodeParts(of: body.bytes.bytes, encoding, keys: keys, scratch: &scratch, into: &batch)
    batch.requireSound(keys: keys)
    for part in 0..<parts {
      _ = TracesOTLP.select(part: part, scratch: &scratch, &batch)
      for index in 0..<batch.chunks.count { batch.chunks[index].isKept = true }
      // As processing does.
      for index in batch.chunkedSpans where batch.spans[index].resource.isEmpty {
        batch.spans[index].resource = batch.spans[index].name
      }
      let result = encoder.encode(batch, chunks: 0..<batch.chunks.count, bytesMax: .max)
      #expect(result.rest.isEmpty && result.counts.spans == batch.chunkedSpans.count)
      request += Array(encoder.buffer.bytes)
      payloads.append(PlainPayload(batch).comparable)
      for index in batch.chunkedSpans {
        titles[batch.spans[index].spanID] = PlainText(batch.title(of: batch.spans[index]), of: batch)
      }
      encoder.removeAll()
    }
    return (request, payloads, titles)
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func `come back as they were, whatever a program sends`(seed: UInt64) throws {
    var generator = OTLPGenerator(seed: seed)
    for number in 0..<60 {
      let bytes = generator.request()
      let first = try Self.written(bytes)
      let second = try Self.written(first.request)
      let differences = PlainPayload.joined(first.payloads).differences(from: .joined(second.payloads))
      try #require(differences == [], "request \(number) of seed \(seed): \(bytes)")
      try #require(first.titles == second.titles, "request \(number) of seed \(seed)")
      // And what they are written to is the same from then on.
      let third = try Self.written(second.request)
      try #require(PlainPayload.joined(first.payloads).differences(from: .joined(third.payloads)) == [])
    }
  }

  @Test func `are written as the golden file says, from protobuf and from JSON`() throws {
    let document = try #require(try Fixtures.json("otlp/rich.json") as? [String: Any])
    let protobuf = try #require(Data(base64Encoded: document["protobuf"] as? String ?? ""))
    let json = Array(try JSONSerialization.data(withJSONObject: document["json"] as Any, options: .sortedKeys))
    let text = try ReadOTLPRequest(Self.written(Array(protobuf)).request).lines
    #expect(try text == Golden.text("otlp/rich-out.txt", accepting: text))
    #expect(try ReadOTLPRequest(Self.written(json, .json).request).lines == text)
  }
}

extension PlainPayload {
  /// The same with what follows from other parts, or has no order, brought into one form.
  fileprivate var comparable: PlainPayload {
    var payload = self
    let order = traces.indices.sorted { ids(of: $0).lexicographicallyPrecedes(ids(of: $1)) }
    payload.traces = order.map { place in
      traces[place].map { span in
        var span = span.settled
        // On the first span of each run of a trace.
        span.meta.removeAll { $0.key == "_dd.p.tid" }
        return span
      }.sorted { $0.spanID < $1.spanID }
    }
    payload.chunks = order.map { chunks[$0] }
    return payload
  }

  /// What one of two says and the other one does not, a line each.
  fileprivate func differences(from other: PlainPayload) -> [String] {
    let (mine, theirs) = (Set(lines), Set(other.lines))
    return mine.subtracting(theirs).map { "lost: \($0)" }.sorted()
      + theirs.subtracting(mine).map { "new: \($0)" }.sorted()
  }

  private var lines: [String] {
    var lines = sender.fields.map { "sender \($0.key): \($0.value)" } + sender.tags.map { "sender \($0)" }
    for (place, trace) in traces.enumerated() {
      for span in trace {
        let id = "\(ids(of: place)) \(span.spanID)"
        lines += span.meta.map { "\(id) \($0.key): \($0.value)" }
        lines += span.metrics.map { "\(id) \($0.key): \($0.value), an integer: \($0.value.isInteger)" }
        var rest = span
        (rest.meta, rest.metrics) = ([], [])
        lines.append("\(id) \(rest)")
      }
    }
    return lines
  }

  private func ids(of place: Int) -> [UInt64] { [chunks[place].traceIDHigh, traces[place].first?.traceID ?? 0] }

  /// Payloads as one, with the sender of the first: spans of one resource may be written as several.
  fileprivate static func joined(_ payloads: [PlainPayload]) -> PlainPayload {
    var joined = PlainPayload()
    joined.sender = payloads.first?.sender ?? PlainSender()
    var traces: [[UInt64]: [PlainSpan]] = [:]
    for payload in payloads {
      for place in payload.traces.indices { traces[payload.ids(of: place), default: []] += payload.traces[place] }
    }
    for (ids, spans) in traces.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      var chunk = PlainChunk()
      chunk.traceIDHigh = ids[0]
      joined.chunks.append(chunk)
      joined.traces.append(spans.sorted { $0.spanID < $1.spanID })
    }
    return joined
  }
}

extension ReadOTLPRequest {
  /// A text that a person can read, for golden files.
  var lines: String {
    var lines: [String] = []
    for resource in resources {
      lines.append("resource")
      lines += resource.attributes.map { "  \($0.key): \($0.value.line)" }
      for scope in resource.scopes {
        lines.append("  scope \(scope.name) \(scope.version)")
        for span in scope.spans { lines += span.lines.map { "    " + $0 } }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension ReadOTLPSpan {
  fileprivate var lines: [String] {
    var lines = [
      "\(name), kind \(kind), trace \(traceID.hex) span \(spanID.hex) parent \(parentID.hex), state \(traceState)",
      "  from \(startNs) to \(endNs), status \(statusCode) \(statusMessage), flags \(flags)",
    ]
    lines += attributes.map { "  \($0.key): \($0.value.line)" }
    for event in events {
      lines.append("  event \(event.name) at \(event.timeNs), \(event.droppedAttributes) dropped")
      lines += event.attributes.map { "    \($0.key): \($0.value.line)" }
    }
    for link in links {
      lines.append(
        "  link to \(link.traceID.hex) \(link.spanID.hex), state \(link.traceState), \(link.droppedAttributes) dropped")
      lines += link.attributes.map { "    \($0.key): \($0.value.line)" }
    }
    return lines
  }
}

extension PlainText {
  /// Bytes as hexadecimal digits.
  var hex: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

extension PlainValue {
  fileprivate var line: String {
    switch type {
    case 1: "\(bool)"
    case 2: "\(int)"
    case 3: "\(double.value) (double)"
    case 4: "[" + (array ?? []).map(\.line).joined(separator: ", ") + "]"
    case 5: "bytes \(string.hex)"
    case 6: "{" + (keyValues ?? []).map { "\($0.key): \($0.value.line)" }.joined(separator: ", ") + "}"
    default: "\(string)"
    }
  }
}
