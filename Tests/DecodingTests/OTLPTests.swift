import Foundation
import TestFixtures
import TestTraces
import Testing
import TraceModel

@testable import Decoding

/// What spans of OpenTelemetry become.
@Suite struct `OTLP` {
  /// A request as OpenTelemetry's own classes write it, in both encodings.
  private static func rich() throws -> (protobuf: [UInt8], json: [UInt8]) {
    let document = try #require(try Fixtures.json("otlp/rich.json") as? [String: Any])
    let protobuf = try #require(Data(base64Encoded: document["protobuf"] as? String ?? ""))
    return (Array(protobuf), Array(try JSONSerialization.data(withJSONObject: document["json"] as Any)))
  }

  static func payload(
    _ body: [UInt8], _ decode: @escaping TracesDecoder = TracesOTLP.decodeJSON, _ mapping: OTLPMapping = OTLPMapping()
  ) throws(DecodeError) -> PlainPayload {
    let keys = KeyTable(peerTags: ["peer.service", "db.name", "http.request.headers.x_id"])
    let body = ExactBytes(body)
    var batch = SpanBatch()
    var scratch = DecodingScratch(otlp: mapping)
    batch.begin(body: body.bytes)
    try decode(body.bytes.bytes, keys, &scratch, &batch)
    batch.requireSound(keys: keys)
    return PlainPayload(batch)
  }

  /// One span with these members in JSON, of a resource with these attributes.
  private static func span(
    _ members: String, resource: String = "", scope: String = "{}", _ mapping: OTLPMapping = OTLPMapping()
  ) throws -> PlainSpan {
    let ids = #""traceId":"5b8aa5a2d2c872e8321cf37308d69df2","spanId":"00000000000000a1""#
    let text =
      #"{"resourceSpans":[{"scopeSpans":[{"spans":[{\#(ids),\#(members)}],"scope":\#(scope)}],"#
      + #""resource":{"attributes":[\#(resource)]}}]}"#
    return try #require(try payload(Array(text.utf8), TracesOTLP.decodeJSON, mapping).traces.first?.first)
  }

  @Test(arguments: [true, false])
  func `has spans' own names only where they are wanted`(isWanted: Bool) throws {
    let span =
      #""spanId":"00000000000000a1","name":"work","attributes":[\#(Self.attributes([("resource.name", "GET /")]))]"#
    let text =
      #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8aa5a2d2c872e8321cf37308d69df2",\#(span)}]}]}]}"#
    let body = ExactBytes(Array(text.utf8))
    var mapping = OTLPMapping()
    mapping.keepsOwnNames = isWanted
    var batch = SpanBatch()
    var scratch = DecodingScratch(otlp: mapping)
    batch.begin(body: body.bytes)
    try TracesOTLP.decodeJSON(body.bytes.bytes, keys: KeyTable(peerTags: []), scratch: &scratch, into: &batch)
    #expect(batch.spans.count == 1 && batch.ownNames.count == (isWanted ? 1 : 0))
  }

  /// Attributes in JSON, of texts unless a value is a number.
  private static func attributes(_ pairs: [(String, String)]) -> String {
    pairs.map { key, value in
      let value = Int(value) == nil ? #"{"stringValue":"\#(value)"}"# : #"{"intValue":"\#(value)"}"#
      return #"{"key":"\#(key)","value":\#(value)}"#
    }.joined(separator: ",")
  }

  static func attributes(_ text: String) -> String {
    attributes(
      text.split(separator: ";").map { pair in
        let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
        return (sides[0], sides.count > 1 ? sides[1] : "")
      })
  }

  // MARK: Whole requests

  @Test func `is mapped as the golden file says, as protobuf and as JSON`() throws {
    let (protobuf, json) = try Self.rich()
    let read = try Self.payload(protobuf, TracesOTLP.decodeProtobuf)
    let text = read.lines
    #expect(try text == Golden.text("otlp/rich.txt", accepting: text))
    #expect(try Self.payload(json, TracesOTLP.decodeJSON).lines == text)
  }

  @Test func `is refused or read, wherever it is cut off or damaged`() throws {
    let (protobuf, json) = try Self.rich()
    for (body, decode) in [(protobuf, TracesOTLP.decodeProtobuf), (json, TracesOTLP.decodeJSON)]
      as [([UInt8], TracesDecoder)]
    {
      var refused = 0
      for length in stride(from: 0, to: body.count, by: 7) {
        do { _ = try Self.payload(Array(body[..<length]), decode) } catch {
          refused += 1
          #expect((0...length).contains(error.byteOffset))
        }
      }
      #expect(refused > body.count / 10)
      var mutator = Mutator(seed: 16, corpus: [body])
      for _ in 0..<300 { _ = try? Self.payload(mutator.next(), decode) }
    }
  }

  @Test func `has a part for each resource with something in it`() throws {
    let body = ExactBytes(try Self.rich().protobuf + [0x0A, 0x00])
    let keys = KeyTable(peerTags: [])
    var batch = SpanBatch()
    var scratch = DecodingScratch()
    batch.begin(body: body.bytes)
    #expect(try TracesOTLP.findParts(of: body.bytes.bytes, .protobuf, keys: keys, scratch: &scratch, batch) == 2)
    try TracesOTLP.decodeParts(of: body.bytes.bytes, .protobuf, keys: keys, scratch: &scratch, into: &batch)
    batch.requireSound(keys: keys)
    let whole = PlainPayload(batch).traces
    var senders: [String] = []
    var traces: [[PlainSpan]] = []
    for part in [1, 0, 1] {
      _ = TracesOTLP.select(part: part, scratch: &scratch, &batch)
      senders.append(batch.text(batch.payload.languageName) + " " + batch.text(batch.payload.containerTags))
      if part == 0 || traces.isEmpty { traces = PlainPayload(batch).traces + traces }
    }
    #expect(senders == ["go ", "python container_id:c0ffee,pod_name:shop-0", "go "])
    #expect(traces == whole && batch.chunkedSpans == batch.spans.count - 1..<batch.spans.count)
  }

  @Test func `knows of each part whether its client computes statistics itself`() throws {
    func part(_ said: String?) -> [UInt8] {
      let value = said.map { Self.field(2, Self.field(1, Array($0.utf8))) } ?? []
      let resource = said == nil ? [] : Self.field(1, Self.field(1, Array("_dd.stats_computed".utf8)) + value)
      return Self.field(1, Self.field(1, resource) + Self.field(2, Self.field(2, [])))
    }
    let body = ExactBytes([nil, "true", "false", nil].flatMap { part($0) })
    let keys = KeyTable(peerTags: [])
    var batch = SpanBatch()
    var scratch = DecodingScratch()
    batch.begin(body: body.bytes)
    let parts = try TracesOTLP.findParts(of: body.bytes.bytes, .protobuf, keys: keys, scratch: &scratch, batch)
    try TracesOTLP.decodeParts(of: body.bytes.bytes, .protobuf, keys: keys, scratch: &scratch, into: &batch)
    let said = (0..<parts).map { TracesOTLP.select(part: $0, scratch: &scratch, &batch) }
    #expect(said == [false, true, false, false])
  }

  /// A field of protobuf that holds bytes.
  private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    var (length, left) = ([UInt8](), bytes.count)
    while left >= 128 {
      length.append(UInt8(left & 0x7F | 0x80))
      left >>= 7
    }
    return [number << 3 | 2] + length + [UInt8(left)] + bytes
  }

  /// The empty name stands for that of the scope.
  @Test(
    arguments: [
      "", "any", "service.name", "service.version", "deployment.environment.name", "resource.name", "operation.name",
      "datadog.span.kind", "db.namespace", "datadog.service", "datadog.name", "datadog.resource", "datadog.env",
      "datadog.version", "datadog.type", "span.type", "datadog.error.msg", "datadog.error.type", "datadog.error.stack",
    ])
  func `is refused where a few of its bytes would be much in all of its spans`(key: String) {
    let long = Self.field(1, [UInt8](repeating: 0x61, count: 500_000))
    let resource = key.isEmpty ? [] : Self.field(1, Self.field(1, Self.field(1, Array(key.utf8)) + Self.field(2, long)))
    let scope = key.isEmpty ? Self.field(1, long) : []
    for (count, isTaken) in [(2, true), (300, false)] {
      let spans = [[UInt8]](repeating: Self.field(2, []), count: count).flatMap(\.self)
      let body = Self.field(1, resource + Self.field(2, scope + spans))
      var kind: DecodeError.Kind?
      do throws(DecodeError) { _ = try Self.payload(body, TracesOTLP.decodeProtobuf) } catch { kind = error.kind }
      #expect(kind == (isTaken ? nil : .tooMany), "\(count) spans")
    }
  }

  @Test func `is refused where a resource has too many attributes, or a request too many resources`() {
    let attributes = (0..<1_025).flatMap { Self.field(1, Self.field(1, [UInt8($0 & 0x7F), UInt8($0 >> 7)])) }
    let scope = Self.field(2, [])
    for (attributes, parts, isTaken) in [
      (attributes.dropLast(6), 1, true), (attributes[...], 1, false), ([], 10_000, true), ([], 10_001, false),
    ] {
      let part = Self.field(1, Self.field(1, Array(attributes)) + scope)
      let body = [[UInt8]](repeating: part, count: parts).flatMap(\.self)
      var kind: DecodeError.Kind?
      do throws(DecodeError) { _ = try Self.payload(body, TracesOTLP.decodeProtobuf) } catch { kind = error.kind }
      #expect(kind == (isTaken ? nil : .tooMany))
    }
    // Without a field for spans it is no part at all.
    #expect(throws: Never.self) {
      try Self.payload(
        [[UInt8]](repeating: [0x0A, 2, 0x0A, 0], count: 20_000).flatMap(\.self), TracesOTLP.decodeProtobuf)
    }
  }

  @Test(
    arguments: [
      (#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8a"}]}]}]}"#, DecodeError.Kind.wrongLength),
      (#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"zzzzzzzzzzzzzzzz"}]}]}]}"#, .malformed),
      (#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"soon"}]}]}]}"#, .wrongType),
      (#"[]"#, .wrongType), (#"{"resourceSpans":"#, .unexpectedEnd),
    ])
  func `is refused for values that a field cannot have`(_ text: String, _ kind: DecodeError.Kind) {
    let error = #expect(throws: DecodeError.self) { try Self.payload(Array(text.utf8)) }
    #expect(error?.kind == kind)
  }

  @Test func `takes ids in base64, names of enumerations, either name of a field, and what nobody knows`() throws {
    let span = try Self.span(
      #""trace_id":"W4qlotLIcugyHPNzCNad8g==","span_id":"AAAAAAAAAKE=","kind":"SPAN_KIND_CLIENT","name":"a","#
        + #""status":{"code":"STATUS_CODE_ERROR"},"flags":1,"unknown":{"a":[1]},"start_time_unix_nano":12,"#
        + #""attributes":[{"key":"d","value":{"doubleValue":"NaN"}},{"key":"e","value":{"doubleValue":"1.5"}}]"#)
    #expect((span.traceID, span.spanID, span.startNs) == (0x321c_f373_08d6_9df2, 0xa1, 12))
    #expect((span.error, span.tag("span.kind")) == (1, "client"))
    #expect(span.metrics.map { $0.value.value.description } == ["nan", "1.5"])
  }

  // MARK: The mapping

  @Test(
    arguments: [
      (2, "http.method=GET;http.route=/a", "http.server.request", "GET /a", "web"),
      (2, "http.request.method=_OTHER", "http.server.request", "HTTP", "web"),
      (3, "http.request.method=GET;http.route=/a", "http.client.request", "GET", "http"),
      (3, "db.system=MySQL;db.statement=SELECT 1", "mysql.query", "SELECT 1", "sql"),
      (3, "db.system=mariadb;db.query.text=SELECT 2", "mariadb.query", "SELECT 2", "sql"),
      (3, "db.system.name=microsoft.sql_server", "microsoft.sql_server.query", "own", "sql"),
      (3, "db.system=redis", "redis.query", "own", "redis"),
      (3, "db.system=couchbase", "couchbase.query", "own", "db"),
      (1, "db.system=redis;db.statement=GET a", "Internal", "GET a", "custom"),
      (
        5, "messaging.system=kafka;messaging.operation=process;messaging.destination=orders", "kafka.process",
        "process orders", "custom"
      ),
      (3, "rpc.system=aws-api;rpc.service=S3;rpc.method=Get", "aws.s3.request", "Get S3", "http"),
      (3, "rpc.system=aws-api", "aws.client.request", "own", "http"),
      (2, "rpc.system=grpc;rpc.service=Cart;rpc.method=Get", "grpc.server.request", "Get Cart", "web"),
      (3, "faas.invoked_provider=aws;faas.invoked_name=f", "aws.f.invoke", "own", "http"),
      (2, "faas.trigger=timer", "timer.invoke", "own", "web"),
      (0, "graphql.operation.type=query;graphql.operation.name=me", "graphql.server.request", "query me", "custom"),
      (2, "network.protocol.name=amqp", "amqp.server.request", "own", "web"),
      (3, "", "client.request", "own", "http"), (4, "", "Producer", "own", "custom"),
      (9, "", "Internal", "own", "custom"),
      (2, "operation.name=Op;resource.name=R;span.type=T", "Op", "R", "T"),
      (2, "operation.name=o;datadog.name=dn;datadog.resource=dr;datadog.type=dt", "dn", "dr", "dt"),
    ])
  func `operation, resource and type`(
    _ kind: Int, _ attributes: String, _ name: String, _ resource: String, _ type: String
  ) throws {
    let span = try Self.span(
      #""kind":\#(kind),"name":"own","attributes":[\#(Self.attributes(attributes))]"#)
    #expect([span.name, span.resource, span.type] == [PlainText(name), PlainText(resource), PlainText(type)])
  }

  @Test(
    arguments: [
      (false, [], #"{"name":"lib"}"#, "lib.server", "GET /a"), (false, [], "{}", "opentelemetry.server", "GET /a"),
      (true, [], #"{"name":"lib"}"#, "own", "GET /a"),
      (false, [RenamedOperation(from: "lib.server", to: "web")], #"{"name":"lib"}"#, "web", "GET /a"),
    ] as [(Bool, [RenamedOperation], String, String, String)])
  func `older names`(
    _ isOwn: Bool, _ renamed: [RenamedOperation], _ scope: String, _ name: String, _ resource: String
  ) throws {
    var mapping = OTLPMapping()
    (mapping.usesNewerNames, mapping.spanNameIsOperation, mapping.renamedOperations) = (false, isOwn, renamed)
    let members = #""kind":2,"name":"own","attributes":[\#(Self.attributes("http.method=GET;http.route=/a"))]"#
    let span = try Self.span(members, scope: scope, mapping)
    #expect([span.name, span.resource] == [PlainText(name), PlainText(resource)])
  }

  @Test(
    arguments: [
      ("service.name=a", "", "service", "a"), ("service.name=a", "service.name=b", "service", "b"),
      ("", "", "service", "otlpresourcenoservicename"), ("service.name=a", "datadog.service=d", "service", "d"),
      ("deployment.environment=a", "", "env", "a"),
      ("deployment.environment=a;deployment.environment.name=b", "", "env", "b"),
      ("deployment.environment=a", "datadog.env=d", "env", "d"), ("deployment.environment=a", "env=own", "env", "own"),
      ("service.version=1", "", "version", "1"), ("service.version=1", "version=2x", "version", "2x"),
      ("", "datadog.span.kind=consumer", "span.kind", "consumer"), ("", "datadog.other=1", "datadog.other", ""),
      ("team=a", "team=b", "team", "b"), ("team=7", "", "team", "7"), ("", "db.namespace=n", "db.name", "n"),
      ("", "db.namespace=n;db.name=m", "db.name", "m"), ("", "url.full=u;http.url=v", "http.url", "v"),
      ("", "user_agent.original=u", "http.useragent", "u"),
      ("", "http.request.header.x=v", "http.request.headers.x", "v"),
    ])
  func `where texts come from`(_ resource: String, _ own: String, _ key: String, _ value: String) throws {
    let span = try Self.span(
      #""name":"own","attributes":[\#(Self.attributes(own))]"#, resource: Self.attributes(resource))
    #expect((key == "service" ? span.service : PlainText(span.tag(key))) == PlainText(value))
    #expect(span.meta.count { $0.key == PlainText(key) } <= 1)
  }

  @Test(
    arguments: [
      ("http.response.status_code=404", "http.status_code", 404), ("http.status_code=200", "http.status_code", 200),
      ("http.status_code=200;datadog.http_status_code=503", "http.status_code", 503),
      ("sampling.priority=2", "_sampling_priority_v1", 2), ("analytics.event=true", "_dd1.sr.eausr", 1),
      ("analytics.event=F", "_dd1.sr.eausr", 0), ("_dd.measured=1", "_dd.measured", 1), ("n=-5", "n", -5),
    ])
  func `numbers`(_ own: String, _ key: String, _ value: Double) throws {
    let span = try Self.span(#""name":"own","attributes":[\#(Self.attributes(own))]"#)
    #expect(span.metrics.filter { $0.key == PlainText(key) }.map(\.value.value) == [value])
  }

  @Test(
    arguments: [
      (#""status":{"code":2,"message":"m"}"#, "m"), (#""status":{"code":2}"#, ""),
      (#""status":{"code":1,"message":"m"}"#, ""),
      (#""status":{"code":2},"attributes":[\#(attributes("http.status_code=503;http.status_text=Gone"))]"#, "503 Gone"),
      (
        #""status":{"code":2,"message":"m"},"events":[{"name":"Exception","attributes":[\#(attributes("exception.message=e"))]}]"#,
        "e"
      ),
      (#""attributes":[\#(attributes("datadog.error=1;datadog.error.msg=d"))]"#, "d"),
    ])
  func `the message of an error`(_ members: String, _ message: String) throws {
    let span = try Self.span(#""name":"own",\#(members)"#)
    #expect(span.tag("error.msg") == message)
    #expect(span.error == (members.contains("code\":1") ? 0 : 1))
  }

  @Test func `the kind says what enters a service and what is measured, where that is asked for`() throws {
    var mapping = OTLPMapping()
    mapping.usesKindForTopLevel = true
    for (kind, metrics) in [(1, []), (2, ["_top_level"]), (3, ["_dd.measured"])] as [(Int, [PlainText])] {
      let span = try Self.span(#""kind":\#(kind),"parentSpanId":"00000000000000a0","name":"own""#, mapping)
      #expect(span.metrics.map(\.key) == metrics)
    }
  }
}

extension PlainSpan {
  /// The value of a text attribute; empty where there is none.
  fileprivate func tag(_ key: String) -> String {
    meta.last { $0.key == PlainText(key) }.map { String(decoding: $0.value.bytes, as: UTF8.self) } ?? ""
  }
}

extension PlainPayload {
  /// All that spans have, a line each.
  fileprivate var lines: String {
    var lines: [String] = []
    for (trace, chunk) in zip(traces, chunks) {
      lines.append("trace, upper half \(String(chunk.traceIDHigh, radix: 16))")
      for span in trace {
        lines.append("  \(span.name) \(span.service) \(span.resource) \(span.type)")
        let ids = [span.traceID, span.spanID, span.parentID].map { String($0, radix: 16) }.joined(separator: " ")
        lines.append("    ids \(ids), start \(span.startNs), duration \(span.durationNs), error \(span.error)")
        let texts = span.meta.map { "    \($0.key): \($0.value)" }
        let numbers = span.metrics.map { "    \($0.key): \($0.value.value)" }
        lines += texts.sorted() + numbers.sorted()
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
