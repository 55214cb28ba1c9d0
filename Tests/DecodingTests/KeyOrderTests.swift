import MessagePack
import TestTraces
import Testing
import TraceModel

@testable import Decoding

@Suite struct `The order of a span's keys` {
  private static let keys = KeyTable(peerTags: [])

  /// A payload of one trace, a span for each list of fields with a text as their value.
  private static func payload(_ spans: [[String]]) -> [UInt8] {
    precondition(spans.count < 16)
    var body: [UInt8] = [0x91, 0x90 | UInt8(spans.count)]
    for fields in spans {
      body.append(0x80 | UInt8(fields.count))
      for field in fields { body += MessagePackValue.text(field).pack() + MessagePackValue.text("=" + field).pack() }
    }
    // Behind the last key something has to follow for it to be looked at in one piece.
    return body + [UInt8](repeating: 0xC0, count: 32)
  }

  /// Service, name, resource and type of each span, decoded with the scratch that others were decoded with.
  private static func texts(_ spans: [[String]], _ scratch: inout DecodingScratch) throws -> [[String]] {
    let body = payload(spans)
    return try body.withUnsafeBytes { bytes in
      var batch = SpanBatch()
      batch.begin(body: bytes)
      defer { batch.end() }
      try TracesV04.decode(bytes.bytes, keys: keys, scratch: &scratch, into: &batch)
      return (0..<batch.spans.count).map { index in
        let span = batch.spans[index]
        return [span.service, span.name, span.resource, span.type].map {
          String(decoding: batch.bytes($0), as: UTF8.self)
        }
      }
    }
  }

  private static func expected(_ spans: [[String]]) -> [[String]] {
    spans.map { fields in
      ["service", "name", "resource", "type"].map { fields.contains($0) ? "=" + $0 : "" }
    }
  }

  @Test func `may differ from span to span and from payload to payload`() throws {
    let names = ["service", "name", "resource", "type", "of_nobody", "x", "quite_a_long_name"]
    var scratch = DecodingScratch()
    for seed in 0..<200 {
      let spans = (0..<12).map { span in
        let turned = (0..<names.count).map { names[($0 * (1 + (seed + span) % 6) + seed * span) % names.count] }
        // Of keys that stand twice the last counts, which is the same here.
        return Array(turned.prefix(1 + (seed + span) % names.count))
      }
      #expect(try Self.texts(spans, &scratch) == Self.expected(spans))
    }
  }

  @Test(arguments: ["service", "name", "resource", "type"])
  func `does not make a key of one that differs in a byte or in length`(name: String) throws {
    let bytes = Array(name.utf8)
    var others = [name + "s", String(name.dropLast()), name + "\u{0}"]
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      others.append(String(decoding: changed, as: UTF8.self))
    }
    var scratch = DecodingScratch()
    for other in others where !["service", "name", "resource", "type"].contains(other) {
      #expect(try Self.texts([[name]], &scratch) == Self.expected([[name]]))
      #expect(try Self.texts([[other]], &scratch) == [["", "", "", ""]], "\(other)")
    }
  }

  /// Text and number attributes of one span for each list of keys, as they are written and as they are read.
  private static func attributes(
    _ spans: [[String]], _ scratch: inout DecodingScratch
  ) throws -> (written: [[String]], read: [[String]]) {
    var body: [UInt8] = [0x91, 0x90 | UInt8(spans.count)]
    for keys in spans {
      body.append(0x82)
      body += MessagePackValue.text("meta").pack() + [0xDE, 0, UInt8(keys.count)]
      for key in keys { body += MessagePackValue.text(key).pack() + MessagePackValue.text("of " + key).pack() }
      body += MessagePackValue.text("metrics").pack() + [0xDE, 0, UInt8(keys.count)]
      for (index, key) in keys.enumerated() { body += MessagePackValue.text(key).pack() + [UInt8(index)] }
    }
    let keyTable = KeyTable(peerTags: ["peer.of.a.long.name.indeed"])
    let read = try body.withUnsafeBytes { bytes in
      var batch = SpanBatch()
      batch.begin(body: bytes)
      defer { batch.end() }
      try TracesV04.decode(bytes.bytes, keys: keyTable, scratch: &scratch, into: &batch)
      return (0..<batch.spans.count).map { span in
        batch.spans[span].meta.range.map { entry in
          let meta = batch.meta[entry]
          return "\(String(decoding: batch.bytes(meta.key), as: UTF8.self)) \(meta.known.rawValue) "
            + String(decoding: batch.bytes(meta.value), as: UTF8.self)
        }
          + batch.spans[span].metrics.range.map { entry in
            let metric = batch.metrics[entry]
            return
              "\(String(decoding: batch.bytes(metric.key), as: UTF8.self)) \(metric.known.rawValue) \(metric.value)"
          }
      }
    }
    let written = spans.map { keys in
      let known = keys.map { key in Array(key.utf8).withUnsafeBytes { keyTable.lookup($0).rawValue } }
      return zip(keys, known).map { "\($0) \($1) of \($0)" }
        + zip(keys, known).enumerated().map { "\($1.0) \($1.1) \(Double($0))" }
    }
    return (written, read)
  }

  @Test func `may be any among attributes, of any length and as many as there are`() throws {
    // Around each length at which the comparison changes, and names that differ in one byte or in length.
    var names = (0...40).flatMap { length in
      ["a", "b", "é"].map { String(repeating: $0, count: length) }
    }
    names += ["env", "version", "span.kind", "http.status_code", "peer.service", "_dd.p.dm", "component", "out.host"]
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
      let (written, read) = try Self.attributes(spans, &scratch)
      #expect(read == written, "seed 7, round \(round)")
    }
  }

  @Test func `expects the four keys that came last, the last one first`() {
    var random = SeededGenerator(seed: 5)
    var followers = KeyOrder.Followers()
    var expected: [KeyOrder.Place] = [0, 0, 0, 0]
    for _ in 0..<500 {
      let place = KeyOrder.Place.random(in: 250...255, using: &random)
      followers.prefer(place)
      expected = Array(([place] + expected.filter { $0 != place }).prefix(4))
      #expect((0..<4).map { followers[$0] } == expected)
    }
  }

  @Test func `does not outlive the table that says what keys mean`() throws {
    var body: [UInt8] = [0x91, 0x91, 0x81]
    body += MessagePackValue.text("meta").pack()
    body += [0x81] + MessagePackValue.text("one").pack() + MessagePackValue.text("x").pack()
    body += [UInt8](repeating: 0xC0, count: 32)
    var scratch = DecodingScratch()
    for tags in [["one", "two"], ["two", "one"], [], ["one"]] {
      let keys = KeyTable(peerTags: tags)
      try body.withUnsafeBytes { bytes in
        var batch = SpanBatch()
        batch.begin(body: bytes)
        defer { batch.end() }
        try TracesV04.decode(bytes.bytes, keys: keys, scratch: &scratch, into: &batch)
        #expect(batch.meta[0].known == keys.lookup(batch.bytes(batch.meta[0].key)))
      }
    }
  }

  @Test func `a remembered field is the one whose number was noted`() {
    for number in 0...20 as ClosedRange<UInt32> {
      #expect(SpanField(remembered: number) == SpanField(rawValue: number) ?? .unknown)
    }
  }
}
