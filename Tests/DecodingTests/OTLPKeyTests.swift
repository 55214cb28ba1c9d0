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

  private static func attribute(_ key: String, _ value: String) -> [UInt8] {
    field(9, field(1, Array(key.utf8)) + field(2, field(1, Array(value.utf8))))
  }

  /// A request of one resource, from the bytes of spans.
  private static func request(_ spans: [[UInt8]]) -> [UInt8] {
    let ids = field(1, [UInt8](repeating: 7, count: 16)) + field(2, [UInt8](repeating: 1, count: 8))
    return field(1, field(2, spans.flatMap { field(2, ids + $0) })) + field(15, [UInt8](repeating: 0, count: 32))
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
