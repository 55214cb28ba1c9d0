import TestTraces
import Testing
import TraceModel

@testable import Decoding

/// Attributes of OTLP as protobuf, whose keys are remembered from span to span and from request to request.
@Suite struct `Keys of attributes in OTLP` {
  private static let keys = KeyTable(peerTags: ["peer.of.a.long.name.indeed"])

  /// A field of protobuf that holds bytes, fewer than 2^21 of them.
  private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    var (length, rest) = ([UInt8](), bytes.count)
    while rest > 0x7F {
      length.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return [number << 3 | 2] + length + [UInt8(rest)] + bytes
  }

  private static func keyValue(_ key: String, _ value: [UInt8]) -> [UInt8] {
    field(1, Array(key.utf8)) + field(2, value)
  }

  private static func attribute(_ key: String, _ value: String) -> [UInt8] {
    field(9, keyValue(key, field(1, Array(value.utf8))))
  }

  /// The spans of one scope, from their bytes.
  private static func spans(_ spans: [[UInt8]]) -> [UInt8] {
    let ids = field(1, [UInt8](repeating: 7, count: 16)) + field(2, [UInt8](repeating: 1, count: 8))
    return spans.flatMap { field(2, ids + $0) }
  }

  /// Bytes that keep the end of the body away: there, keys are not looked for among those that are remembered.
  private static let padding = field(15, [UInt8](repeating: 0, count: 32))

  /// A request of one resource, from the bytes of spans.
  private static func request(_ spans: [[UInt8]], resource: [UInt8] = []) -> [UInt8] {
    field(1, field(1, resource) + field(2, Self.spans(spans))) + padding
  }

  private static func read<Result>(
    _ body: [UInt8], _ scratch: inout DecodingScratch, keys: KeyTable = keys, _ use: (borrowing SpanBatch) -> Result
  ) throws(DecodeError) -> Result {
    let body = ExactBytes(body)
    var batch = SpanBatch()
    batch.begin(body: body.bytes)
    try TracesOTLP.decodeProtobuf(body.bytes.bytes, keys: keys, scratch: &scratch, into: &batch)
    batch.requireSound(keys: keys)
    return use(batch)
  }

  @Test func `may be any, of any length and as many as there are`() throws {
    // Around each length at which the comparison changes, and names that differ in one byte or in length.
    var names = (0...40).flatMap { length in ["a", "b", "é", "\0"].map { String(repeating: $0, count: length) } }
    names += [
      "env", "version", "span.kind", "http.route", "peer.service", "_dd.p.dm", "component", "out.host", "http.url",
    ]
    names += ["peer.of.a.long.name.indeed", "peer.of.a.long.name.indeee", "qeer.of.a.long.name.indeed"]
    names += (0..<300).map { "key.number.\($0)" }
    var random = SeededGenerator(seed: 7)
    var scratch = DecodingScratch()
    for round in 0..<60 {
      let usual = (0..<8).map { _ in names[Int.random(in: 0..<names.count, using: &random)] }
      let spans = (0..<10).map { _ in
        let others = (0..<Int.random(in: 0...3, using: &random)).map { _ in
          names[Int.random(in: 0..<names.count, using: &random)]
        }
        var seen: Set<String> = []
        return (usual + others).filter { .random(in: 0..<4, using: &random) > 0 && seen.insert($0).inserted }
      }
      let written = spans.map { names in
        names.map { name in "\(name) \(Array(name.utf8).withUnsafeBytes { Self.keys.lookup($0).rawValue }) of \(name)" }
      }
      let body = Self.request(spans.map { names in names.flatMap { Self.attribute($0, "of \($0)") } })
      let read = try Self.read(body, &scratch) { batch in
        (0..<batch.spans.count).map { index in
          // Behind its own, a span has what every span gets.
          batch.spans[index].meta.range.prefix(spans[index].count).map { place in
            let entry = batch.meta[place]
            return "\(batch.text(entry.key)) \(entry.known.rawValue) \(batch.text(entry.value))"
          }
        }
      }
      #expect(read == written, "seed 7, round \(round)")
    }
  }

  @Test func `are not taken where their message ends within them`() throws {
    let key = Array("a.key.of.thirty.bytes.or.so".utf8)
    var scratch = DecodingScratch()
    let whole = Self.request([Self.attribute(String(decoding: key, as: UTF8.self), "v")])
    for _ in 0..<2 { try Self.read(whole, &scratch) { _ in } }
    for length in 0..<key.count {
      // The rest of the key stands behind the message.
      let cut = Self.field(9, [0x0A, UInt8(key.count)] + key.prefix(length)) + key.dropFirst(length)
      var kind: DecodeError.Kind?
      do throws(DecodeError) { try Self.read(Self.request([cut]), &scratch) { _ in } } catch { kind = error.kind }
      #expect(kind == .shortBytes)
    }
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }

  /// What stands in a value's message, and what the span has of it; `nil` where the body is refused.
  private static let values: [(bytes: [UInt8], read: String?)] =
    [0, 1, 127, 128, 1 << 53 - 1, 1 << 56 - 1, 1 << 62, .max, -1, .min].map { (number: Int64) in
      ([0x18] + varint(UInt64(bitPattern: number)), "integer \(Double(number))")
    }
    + [0, 1, 118, 119, 120, 121, 122, 123, 127, 128, 300].map { count in
      let text = String(repeating: "x", count: count)
      return (field(1, Array(text.utf8)), "text \(text)")
    }
    + [
      // More bytes than the number needs.
      ([0x18, 0x80, 0x00], "integer 0.0"), ([0x18] + [UInt8](repeating: 0x80, count: 9) + [0x00], "integer 0.0"),
      // Of several kinds the last counts.
      ([0x18, 5, 0x18, 6], "integer 6.0"), ([0x18, 5, 0x0A, 1, 0x78], "text x"),
      ([0x0A, 1, 0x78, 0x18, 5], "integer 5.0"),
      ([0x0A, 0, 0x0A, 1, 0x78], "text x"), ([], "text "), ([0x10, 1], "text true"), ([0x10, 0], "text false"),
      ([0x21, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F], "number 1.5"),
      // A kind that there is not, and ends within a part.
      ([0x48, 5], "text "), ([0x18], nil), ([0x18, 0x80], nil), ([0x0A], nil), ([0x0A, 2, 0x78], nil),
      ([0x18] + [UInt8](repeating: 0xFF, count: 9) + [0x02], nil),
    ]

  /// The first attribute of the first span; of a body that is refused, why.
  private static func first(_ body: [UInt8], _ scratch: inout DecodingScratch) -> (value: String?, error: DecodeError?)
  {
    do throws(DecodeError) {
      let value = try read(body, &scratch) { batch in
        if let metric = batch.plainTraces[0][0].metrics.first {
          return "\(metric.value.isInteger ? "integer" : "number") \(metric.value.value)"
        }
        return "text \(batch.text(batch.meta[0].value))"
      }
      return (value, nil)
    } catch {
      return (nil, error)
    }
  }

  @Test(arguments: values)
  func `have the same values where they are expected`(value: [UInt8], expected: String?) throws {
    let body = Self.request([Self.field(9, Self.keyValue("k", value))])
    var unknowing = DecodingScratch()
    var knowing = DecodingScratch()
    try Self.read(Self.request([Self.attribute("k", "v")]), &knowing) { _ in }
    let (alone, again) = (Self.first(body, &unknowing), Self.first(body, &knowing))
    #expect(alone.value == expected && again.value == expected)
    #expect(alone.error?.description == again.error?.description)
  }

  @Test func `go before those of the resource, each time they come`() throws {
    let names = ["a.key", "env", "peer.service"]
    let resource = names.flatMap { Self.field(1, Self.keyValue($0, Self.field(1, Array("shared".utf8)))) }
    let own = names.flatMap { Self.attribute($0, "own") }
    let keys = names.map { PlainText($0) }
    let body = Self.request([own, own, own, []], resource: resource)
    var scratch = DecodingScratch()
    for _ in 0..<2 {
      let spans = try Self.read(body, &scratch) { $0.plainTraces[0] }
      #expect(spans.count == 4)
      for (span, value) in zip(spans, ["own", "own", "own", "shared"]) {
        let read = span.meta.filter { keys.contains($0.key) }
        let expected = keys.map { Pair($0, PlainText(value)) }
        #expect(read == expected)
      }
    }
  }

  @Test func `mean the same each time they come`() throws {
    let keys = ["datadog.service", "datadog.x", "http.request.header.x_id", "http.request.method"]
    let own = keys.flatMap { Self.attribute($0, "of \($0)") }
    var scratch = DecodingScratch()
    for _ in 0..<2 {
      let spans = try Self.read(Self.request([own, own, own]), &scratch) { $0.plainTraces[0] }
      #expect(spans.map(\.service) == [PlainText](repeating: "of datadog.service", count: 3))
      for span in spans {
        let expected = [
          Pair("http.request.headers.x_id", PlainText("of http.request.header.x_id")),
          Pair("http.method", PlainText("of http.request.method")),
        ]
        #expect(Array(span.meta.prefix(2)) == expected)
        #expect(!span.meta.contains { $0.key.description.hasPrefix("\"datadog.") })
      }
    }
  }

  @Test func `of the resource are what spans of all scopes share`() throws {
    let texts = ["of.resource", "of.scope"].map { Self.field(1, Self.keyValue($0, Self.field(1, [0x78]))) }
    // The first scope has an attribute of its own; attributes are its third field.
    let scope = Self.field(1, Self.field(3, Self.keyValue("of.scope", Self.field(1, [0x78]))))
    let scopes = Self.field(2, scope + Self.spans([[]])) + Self.field(2, Self.spans([[]]))
    var scratch = DecodingScratch()
    let shared = try Self.read(Self.field(1, Self.field(1, texts[0]) + scopes) + Self.padding, &scratch) { batch in
      batch.sharedMeta.range.map { batch.text(batch.meta[$0].key) }
    }
    #expect(shared == ["of.resource"])
  }

  @Test func `are as few as a set of 64 bits tells apart`() {
    #expect(OTLPKey.allCases.count <= 64)
  }

  @Test func `do not outlive the table that says which are known`() throws {
    let body = Self.request([Self.attribute("one", "x")])
    var scratch = DecodingScratch()
    for tags in [["one", "two"], ["two", "one"], [], ["one"]] {
      let keys = KeyTable(peerTags: tags)
      let (known, expected) = try Self.read(body, &scratch, keys: keys) { batch in
        (batch.meta[0].known, keys.lookup(batch.bytes(batch.meta[0].key)))
      }
      #expect(known == expected)
    }
  }

  @Test func `name a database each span for itself, however many there are`() throws {
    let systems = ["postgresql", "redis", "MySQL", "a", "b", "c", "d", "e", "f", "g", "mongodb"]
    let order = (0..<60).map { systems[($0 * 7 + $0 / 11) % systems.count] }
    let client: [UInt8] = [6 << 3, 3]
    let body = Self.request(order.map { client + Self.attribute("db.system", $0) })
    var scratch = DecodingScratch()
    let types = ["postgresql": "sql", "MySQL": "sql", "redis": "redis", "mongodb": "mongodb"]
    let spans = try Self.read(body, &scratch) { batch in
      (0..<batch.spans.count).map { batch.text(batch.spans[$0].name) + " " + batch.text(batch.spans[$0].type) }
    }
    #expect(spans == order.map { "\($0.lowercased()).query \(types[$0] ?? "db")" })
  }
}
