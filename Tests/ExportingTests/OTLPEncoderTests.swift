import Decoding
import MessagePack
import TestTraces
import Testing

@testable import Exporting
@testable import TraceModel

/// What Datadog's tracers sent, as receivers of OTLP get it.
@Suite struct `Spans of Datadog as OTLP` {
  static let identity = AgentIdentity(
    hostname: "agent-host", env: "agent-env", version: "1.2.3", targetTPS: 10, errorTPS: 10)

  /// Encodes the kept chunks of a batch and reads them back.
  static func readBack(_ batch: borrowing SpanBatch) throws -> ReadOTLPRequest {
    var encoder = OTLPTracesEncoder(identity: identity)
    let written = encoder.encode(batch, chunks: 0..<batch.chunks.count, bytesMax: .max)
    #expect(written.rest.isEmpty)
    let request = try ReadOTLPRequest(Array(encoder.buffer.bytes))
    #expect(request.spans.count == written.counts.spans)
    return request
  }

  /// Decodes a body, keeps every chunk, and encodes it.
  static func readBack(
    _ body: MessagePackValue, _ format: TraceFormat = .v04, _ change: (inout SpanBatch) -> Void = { _ in }
  ) throws -> ReadOTLPRequest {
    let bytes = ExactBytes(body.pack())
    var batch = SpanBatch()
    try format.decode(bytes.bytes, keys: KeyTable(peerTags: []), into: &batch)
    for index in 0..<batch.chunks.count { (batch.chunks[index].isKept, batch.chunks[index].priority) = (true, 1) }
    change(&batch)
    defer { batch.end() }
    return try readBack(batch)
  }

  /// One span with these fields besides the usual ones.
  private static func span(_ fields: [(key: MessagePackValue, value: MessagePackValue)]) throws -> ReadOTLPSpan {
    let usual: [(key: MessagePackValue, value: MessagePackValue)] = [
      ("service", "shop"), ("name", "flask.request"), ("resource", "GET /cart"), ("trace_id", 1), ("span_id", 2),
      ("start", 1_000), ("duration", 500),
    ]
    let kept = usual.filter { one in !fields.contains { $0.key == one.key } }
    let request = try readBack(.array([.array([.map(kept + fields)])]))
    return try #require(request.spans.first)
  }

  @Test func `have the names, times and attributes that OpenTelemetry has for the same`() throws {
    let body: MessagePackValue = [
      [
        [
          "service": "shop", "name": "flask.request", "resource": "GET /cart", "type": "web", "trace_id": 0x0102,
          "span_id": 0x0A, "parent_id": 0x0B, "start": 1_000, "duration": 500, "error": 0,
          "meta": [
            "http.method": "GET", "http.status_code": "200", "env": "prod", "version": "1.4", "language": "python",
            "_dd.p.tid": "5b8aa5a2d2c872e8", "_dd.p.dm": "-0", "runtime-id": "r-1", "component": "flask",
          ],
          "metrics": [
            "_sampling_priority_v1": 1, "_dd.measured": 1, "_dd.top_level": 1, "process_id": 812, "ratio": 0.5,
            "_dd1.sr.eausr": 1, "_sample_rate": 0.25,
          ],
        ]
      ]
    ]
    let request = try Self.readBack(body) { batch in
      batch.payload.languageName = batch.addText("python")
      batch.payload.languageVersion = batch.addText("3.13.1")
      batch.payload.tracerVersion = batch.addText("4.16.0")
      batch.payload.containerID = batch.addText("c0ffee")
      batch.payload.containerTags = batch.addText("image_name:shop,kube_namespace:carts,odd,other:x,pod_name:shop-0")
      batch.spans[0].flags.insert(.topLevel)
      batch.setMetric(.errorsRate, "_dd.errors_sr", 0.25, ofSpanAt: 0)
    }
    let resource = try #require(request.resources.first)
    #expect(
      resource.attributes == [
        Pair("service.name", "shop"), Pair("deployment.environment.name", "prod"), Pair("service.version", "1.4"),
        Pair("host.name", "agent-host"), Pair("telemetry.sdk.name", "datadog"),
        Pair("telemetry.sdk.language", "python"), Pair("telemetry.sdk.version", "4.16.0"),
        Pair("process.runtime.version", "3.13.1"), Pair("container.id", "c0ffee"),
        Pair("k8s.pod.name", "shop-0"), Pair("k8s.namespace.name", "carts"), Pair("container.image.name", "shop"),
      ])
    let span = try #require(request.spans.first)
    #expect(span.traceID.hex == "5b8aa5a2d2c872e80000000000000102")
    #expect(span.spanID.hex == "000000000000000a" && span.parentID.hex == "000000000000000b")
    #expect(span.name == "GET /cart" && span.kind == 2 && span.flags == 1)
    #expect(span.startNs == 1_000 && span.endNs == 1_500 && span.statusCode == 0)
    let expected: [Pair<PlainValue>] = [
      Pair("operation.name", "flask.request"), Pair("resource.name", "GET /cart"), Pair("span.type", "web"),
      Pair("http.method", "GET"), Pair("http.status_code", PlainValue(int: 200)), Pair("runtime-id", "r-1"),
      Pair("component", "flask"), Pair("sampling.priority", PlainValue(int: 1)), Pair("_dd.measured", "1"),
      Pair("analytics.event", PlainValue(bool: true)), Pair("process_id", PlainValue(int: 812)),
      Pair("ratio", PlainValue(double: 0.5)),
    ]
    #expect(span.attributes.settled() == expected.settled())
  }

  @Test func `have no name twice, and keep what their fields do not say`() throws {
    let tags: MessagePackValue = ["language": "de", "operation.name": "o", "resource.name": "r", "span.type": "t"]
    for type in ["web", ""] {
      let span = try Self.span([("type", .text(type)), ("meta", tags)])
      #expect(span["operation.name"] == "flask.request" && span["resource.name"] == "GET /cart")
      #expect(span["span.type"] == (type == "" ? "t" : "web") && span["language"] == "de")
    }
    var batch = Self.batch([["shop"]])
    for name in ["service.name", "host.name", "k8s.pod.name", "team"] {
      var attribute = TypedAttribute()
      attribute.key = batch.addBytes(Array(name.utf8))
      attribute.value = .string(batch.addText("other"))
      batch.typedAttributes.append(attribute)
    }
    batch.payload.attributes = IndexRange(start: 0, end: 4)
    batch.payload.containerTags = batch.addText("image_tag:1,image_tag:2,pod_name:shop-0")
    let resource = try #require(try Self.readBack(batch).resources.first)
    let names = resource.attributes.map(\.key)
    #expect(Set(names).count == names.count, "\(names)")
    #expect(resource["service.name"] == "shop" && resource["team"] == "other")
    #expect(resource["container.image.tag"] == "1" && resource["k8s.pod.name"] == "shop-0")
  }

  @Test func `that came as OTLP say nothing of what is added for Datadog's intake`() throws {
    var batch = SpanBatch()
    batch.payload.isOTLP = true
    let span = batch.span(meta: [("_dd.install.id", .unknown, "i"), ("added", .unknown, "v")])
    batch.addKept([span])
    let read = try #require(try Self.readBack(batch).spans.first)
    #expect(read["_dd.install.id"] == nil && read["added"] == "v")
  }

  private static let kinds: [(kind: String?, type: String, number: UInt64, attribute: PlainValue?)] = [
    ("server", "web", 2, nil), ("client", "web", 3, nil), ("internal", "web", 1, nil), ("producer", "", 4, nil),
    ("consumer", "", 5, nil), (nil, "web", 2, nil), (nil, "http", 3, nil), (nil, "sql", 3, nil), (nil, "redis", 3, nil),
    (nil, "worker", 1, nil), (nil, "", 1, nil), ("broker", "web", 0, "broker"),
  ]

  @Test(arguments: kinds)
  func `have the kind that their tag says, else that of their type`(
    kind: String?, type: String, number: UInt64, attribute: PlainValue?
  ) throws {
    let meta: [(key: MessagePackValue, value: MessagePackValue)] = kind.map { [("span.kind", .text($0))] } ?? []
    let span = try Self.span([("type", .text(type)), ("meta", .map(meta))])
    #expect(span.kind == number && span["span.kind"] == attribute)
  }

  @Test func `that failed have a status, and an event where they have none that says it`() throws {
    let tags: MessagePackValue = [
      "error.type": "ValueError", "error.message": "no cart", "error.stack": "Traceback\n  line 1",
    ]
    let failed = try Self.span([("error", 1), ("meta", tags)])
    #expect(failed.statusCode == 2 && failed.statusMessage == "no cart")
    let event = try #require(failed.events.first)
    #expect(failed.events.count == 1 && event.name == "exception" && event.timeNs == 1_500)
    #expect(
      event.attributes == [
        Pair("exception.type", "ValueError"), Pair("exception.message", "no cart"),
        Pair("exception.stacktrace", "Traceback\n  line 1"),
      ])
    #expect(failed["error.type"] == "ValueError" && failed["error.message"] == nil && failed["error.stack"] == nil)
    // Handled: the span has not failed, and says what happened.
    let handled = try Self.span([("error", 0), ("meta", tags)])
    #expect(handled.statusCode == 0 && handled.events.isEmpty && handled["error.message"] == "no cart")
    let noted = try Self.span([
      ("error", 1), ("meta", tags), ("span_events", [["time_unix_nano": 7, "name": "exception"]]),
    ])
    #expect(noted.events.map(\.timeNs) == [7] && noted["error.stack"] == "Traceback\n  line 1")
    let bare = try Self.span([("error", 1)])
    #expect(bare.statusCode == 2 && bare.events.isEmpty)
  }

  @Test func `have their links and events, whether the format has places for them or tags hold them`() throws {
    let native = try Self.span([
      (
        "span_links",
        [
          [
            "trace_id": 2, "trace_id_high": 1, "span_id": 3, "tracestate": "a=1", "flags": 0x8000_0001,
            "attributes": ["k": "v"],
          ]
        ]
      ),
      (
        "span_events",
        [["time_unix_nano": 5, "name": "retry", "attributes": ["n": ["type": 2, "int_value": 2]]]]
      ),
    ])
    let tagged = try Self.span([
      (
        "meta",
        [
          "_dd.span_links": .text(
            #"[{"trace_id":"00000000000000010000000000000002","span_id":"0000000000000003","tracestate":"a=1","#
              + #""flags":2147483649,"attributes":{"k":"v"}}]"#),
          "events": .text(#"[ {"time_unix_nano": 5, "name": "retry", "attributes": {"n": 2}} ]"#),
        ]
      )
    ])
    for span in [native, tagged] {
      let link = try #require(span.links.first)
      #expect(link.traceID.hex == "00000000000000010000000000000002" && link.spanID.hex == "0000000000000003")
      #expect(link.traceState == "a=1" && link.flags == 1 && link.attributes == [Pair("k", "v")])
      let event = try #require(span.events.first)
      #expect(event.timeNs == 5 && event.name == "retry" && event.attributes == [Pair("n", PlainValue(int: 2))])
      #expect(span["events"] == nil && span["_dd.span_links"] == nil)
    }
  }

  private static let others = [
    "", "no list", "[", "[1]", #"[{"name":"retry"}]"#, #"[{"time_unix_nano":5,"name":"a"},{"time_unix_nano":5,"na"#,
    #"[{"time_unix_nano":5,"name":"a","severity":{}}]"#, #"{"time_unix_nano":5,"name":"a"}"#,
    String(repeating: "[", count: 100_000),
  ]

  @Test(arguments: others)
  func `keep a tag that is no whole list as it is`(text: String) throws {
    let span = try Self.span([("meta", ["events": .text(text)])])
    #expect(span.events.isEmpty && span["events"]?.string == PlainText(text))
  }

  // MARK: Grouping

  /// A batch of kept traces whose spans have these services, with ids from 1 on.
  private static func batch(_ traces: [[String]], env: (Int) -> String = { _ in "" }) -> SpanBatch {
    var batch = SpanBatch()
    var id: UInt64 = 0
    for (number, services) in traces.enumerated() {
      let spans = services.map { service in
        id += 1
        var span = batch.span(meta: [("env", .env, env(Int(id)))])
        (span.traceID, span.spanID) = (UInt64(number + 1), id)
        span.service = batch.addBytes(Array(service.utf8))
        return span
      }
      batch.addKept(spans)
    }
    return batch
  }

  @Test func `of one service share a resource, over several traces too`() throws {
    let one = try Self.readBack(Self.batch([["a", "a"], ["a"], ["a", "a", "a"]]))
    #expect(one.resources.count == 1 && one.spans.map(\.spanID.bytes.last) == [1, 2, 3, 4, 5, 6])
    let several = try Self.readBack(Self.batch([["a", "b", "a", "b", "c", "a"]]))
    #expect(several.resources.count == 3)
    for resource in several.resources {
      let ids = resource.scopes.flatMap(\.spans).compactMap(\.spanID.bytes.last)
      let expected: [PlainText: [UInt8]] = ["a": [1, 3, 6], "b": [2, 4], "c": [5]]
      #expect(ids == expected[resource["service.name"] ?? ""])
    }
  }

  @Test func `of different environments do not share a resource`() throws {
    let request = try Self.readBack(Self.batch([["a", "a", "a", "a"]], env: { $0.isMultiple(of: 2) ? "x" : "" }))
    let envs = request.resources.map { $0["deployment.environment.name"] }
    #expect(Set(envs) == ["x", "agent-env"] && request.resources.count == 2)
  }

  @Test(arguments: [1, 15, 16, 17, 300])
  func `are all there, however many services they are of`(services: Int) throws {
    let names = (0..<3 * services).map { "service-\($0 % services)" }
    let request = try Self.readBack(Self.batch([names, ["service-0"], names]))
    let found = request.resources.flatMap { resource in
      resource.scopes.flatMap(\.spans).map { "\(resource["service.name"] ?? "")-\($0.spanID.hex)" }
    }
    let expected = (names + ["service-0"] + names).enumerated().map { place, name in
      "\(PlainText(name))-\(PlainText(withUnsafeBytes(of: UInt64(place + 1).bigEndian) { Array($0) }).hex)"
    }
    #expect(found.sorted() == expected.sorted())
    #expect(request.resources.count <= 2 * services + 1)
  }

  @Test func `of many services do not each repeat what is large of their sender`() throws {
    var batch = Self.batch([(0..<6_000).map { "service-\($0 % 300)" }])
    var attribute = TypedAttribute()
    attribute.key = batch.addText("large")
    attribute.value = .string(batch.addBytes([UInt8](repeating: 0x61, count: 200_000)))
    batch.typedAttributes.append(attribute)
    batch.payload.attributes = IndexRange(start: 0, end: 1)
    let request = try Self.readBack(batch)
    #expect(Set(request.resources.map { $0["service.name"] }).count == 300 && request.resources.count == 300)
    #expect((1...10).contains(request.resources.count { $0["large"] != nil }))
  }

  @Test(arguments: [0, 200, 400, 1_000, 3_000])
  func `that do not fit are left for the next payload, chunk by chunk`(bytesMax: Int) throws {
    let batch = Self.batch((0..<20).map { $0.isMultiple(of: 3) ? ["a", "b"] : ["a"] })
    var encoder = OTLPTracesEncoder(identity: Self.identity)
    var rest = 0..<batch.chunks.count
    var seen: [UInt8] = []
    while !rest.isEmpty {
      let written = encoder.encode(batch, chunks: rest, bytesMax: bytesMax)
      let request = try ReadOTLPRequest(Array(encoder.buffer.bytes))
      #expect(
        request.spans.count == written.counts.spans && Set(request.spans.map(\.traceID)).count == written.counts.traces)
      #expect(written.rest.count < rest.count)
      seen += request.spans.compactMap(\.spanID.bytes.last)
      rest = written.rest
    }
    #expect(seen.sorted() == (1...27).map { UInt8($0) })
  }

  @Test(arguments: [SentPart.singleSpans, .events])
  func `are those that go alone where their trace is dropped`(part: SentPart) throws {
    var batch = SpanBatch()
    let spans = (1...4 as ClosedRange<UInt64>).map { id in
      var span = SpanRecord()
      span.spanID = id
      if id.isMultiple(of: 2) { span.flags = .sentAlone }
      return span
    }
    batch.addKept(spans) { ($0.priority, $0.sentPart, $0.spansSentAlone) = (0, part, 2) }
    batch.addKept(spans) { $0.isKept = false }
    let request = try Self.readBack(batch)
    #expect(request.spans.compactMap(\.spanID.bytes.last) == [2, 4])
    #expect(request.spans.map(\.flags) == (part == .singleSpans ? [1, 1] : [0, 0]))
  }

  @Test func `of v1.0 have attributes of every type`() throws {
    let span: MessagePackValue = [
      1: "shop", 2: "op", 3: "GET /", 4: 8, 6: 5, 7: 6,
      9: [
        "text", 1, "v", "truth", 2, true, "double", 3, 2.0, "integer", 4, 7, "bytes", 5, .binary([0, 255]),
        "list", 6, [1, "x", 4, 1],
      ],
    ]
    let request = try Self.readBack([11: [[1: 1, 4: [span]]]], .v10)
    let read = try #require(request.spans.first)
    #expect(read["text"] == "v" && read["truth"] == PlainValue(bool: true))
    #expect(read["double"] == PlainValue(double: 2) && read["integer"] == PlainValue(int: 7))
    #expect(read["list"] == PlainValue(array: ["x", PlainValue(int: 1)]))
  }

  /// The numbers of roost's own types mean nothing in v0.4, whose arrays have their elements elsewhere.
  @Test(arguments: [5, 6, 7, -1] as [Int64])
  func `of v0.4 have no values of types that it does not know`(type: Int64) throws {
    let elements = MessagePackValue.array([MessagePackValue](repeating: ["type": 2, "int_value": 1], count: 100))
    let value: MessagePackValue = ["type": .int(type), "array_value": ["values": elements]]
    let span = try Self.span([("span_events", [["time_unix_nano": 5, "name": "e", "attributes": ["k": value]]])])
    #expect(span.events.map(\.name) == ["e"])
    #expect(span.events.first?.attributes == (type == -1 ? [] : [Pair("k", PlainValue())]))
  }

  @Test(arguments: TraceFormat.allCases, Array(1...4) as [UInt64])
  func `are all that a client could send, each once`(format: TraceFormat, seed: UInt64) throws {
    var generator = PayloadGenerator(seed: seed)
    for number in 0..<60 {
      let bytes = generator.payload(format)
      let expected = try format.payload(of: bytes)
      let body = ExactBytes(bytes)
      var batch = SpanBatch()
      try format.decode(body.bytes, keys: KeyTable(peerTags: []), into: &batch)
      for index in 0..<batch.chunks.count { batch.chunks[index].isKept = true }
      defer { batch.end() }
      let request = try Self.readBack(batch)
      func line(_ service: PlainText?, _ span: PlainText, _ start: UInt64, _ end: UInt64, _ name: PlainText) -> String {
        "\(service ?? "") \(span.hex) \(start) \(end) \(name)"
      }
      let found = request.resources.flatMap { resource in
        resource.scopes.flatMap(\.spans).map {
          line(resource["service.name"], $0.spanID, $0.startNs, $0.endNs, $0.name)
        }
      }
      let wanted = expected.traces.joined().map { span in
        let id = PlainText(withUnsafeBytes(of: span.spanID.bigEndian) { Array($0) })
        let start = UInt64(bitPattern: span.startNs)
        return line(
          span.service, id, start, start &+ UInt64(bitPattern: span.durationNs),
          span.resource == "" ? span.name : span.resource)
      }
      try #require(found.sorted() == wanted.sorted(), "payload \(number) of seed \(seed): \(bytes)")
    }
  }
}
