import TestTraces
import Testing
import TraceModel

@testable import Decoding

/// Writes protobuf by hand.
private enum Proto {
  static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }
  static func bytes(_ field: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    varint(field << 3 | 2) + varint(UInt64(bytes.count)) + bytes
  }
  static func text(_ field: UInt64, _ text: String) -> [UInt8] { bytes(field, Array(text.utf8)) }
  static func number(_ field: UInt64, _ value: UInt64) -> [UInt8] { varint(field << 3) + varint(value) }
  static func fixed64(_ field: UInt64, _ value: UInt64) -> [UInt8] {
    varint(field << 3 | 1) + (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
  static func traceID(_ high: UInt64, _ low: UInt64) -> [UInt8] {
    bytes(1, [high, low].flatMap { half in (0..<8).reversed().map { UInt8(truncatingIfNeeded: half >> ($0 * 8)) } })
  }
  static func attribute(_ key: String, _ value: [UInt8]) -> [UInt8] { bytes(4, text(1, key) + bytes(2, value)) }
  static func span(_ fields: [UInt8]...) -> [UInt8] { bytes(1, fields.flatMap { $0 }) }
}

@Suite struct `A reader of protobuf` {
  private static let attributes: [[UInt8]] = [
    Proto.attribute("env", Proto.text(1, "prod")), Proto.attribute("ok", Proto.number(2, 1)),
    Proto.attribute("small", Proto.number(3, 200)), Proto.attribute("large", Proto.number(3, 1 << 53 + 1)),
    Proto.attribute("negative", Proto.number(3, UInt64(bitPattern: -7))),
    Proto.attribute("half", Proto.fixed64(4, (0.5).bitPattern)), Proto.attribute("raw", Proto.bytes(7, [0xFF, 0])),
    Proto.attribute(
      "list",
      Proto.bytes(
        5,
        Proto.bytes(1, Proto.text(1, "a")) + Proto.bytes(1, Proto.bytes(5, Proto.bytes(1, Proto.number(3, 4))))
          + Proto.bytes(1, Proto.number(2, 1)))),
    Proto.attribute(
      "map",
      Proto.bytes(
        6,
        Proto.bytes(1, Proto.text(1, "k") + Proto.bytes(2, Proto.number(3, 5)))
          + Proto.bytes(
            1,
            Proto.text(1, "inner")
              + Proto.bytes(
                2, Proto.bytes(6, Proto.bytes(1, Proto.text(1, "deep") + Proto.bytes(2, Proto.text(1, "v")))))
          ))),
  ]

  private static let body =
    Proto.span(Proto.traceID(7, 1), Proto.fixed64(2, 10), Proto.text(3, "web"), attributes.flatMap { $0 })
    + Proto.number(9, 5) + Proto.span(Proto.traceID(8, 1), Proto.fixed64(2, 20))
    + Proto.span(Proto.traceID(7, 1), Proto.fixed64(2, 11), Proto.text(3, "db"))

  /// What a value says, as one would write it.
  private static func text(_ value: AnyValueRecord, _ batch: borrowing SpanBatch) -> String {
    switch value.type {
    case 0: return batch.text(value.string)
    case 1: return "\(value.bool)"
    case 2: return "\(value.int)"
    case 3: return "\(value.double)"
    case 4:
      var elements: [String] = []
      for index in value.array.range { elements.append(text(batch.arrayValues[index], batch)) }
      return "\(elements)"
    case 5: return "\([UInt8](batch.bytes(value.string)))"
    default: return typed(value.keyValues, batch).description
    }
  }

  private static func typed(_ range: IndexRange, _ batch: borrowing SpanBatch) -> [String] {
    var texts: [String] = []
    for index in range.range {
      let attribute = batch.typedAttributes[index]
      texts.append("\(batch.text(attribute.key))=\(text(attribute.value, batch))")
    }
    return texts
  }

  @Test func `fills a batch: spans by trace, each attribute where its type has its place`() throws {
    try withDecoded(Self.body, ProtobufTraces.decode) { batch in
      let traces = batch.plainTraces
      #expect(traces.map { $0.map(\.spanID) } == [[10, 11], [20]])
      #expect(traces[0].map(\.service) == ["web", "db"])
      let highs = [batch.chunks[0].traceIDHigh, batch.chunks[1].traceIDHigh]
      #expect(highs == [7, 8])
      #expect(traces[0][0].meta == [Pair("env", "prod")])
      let (small, negative) = (PlainNumber(200, isInteger: true), PlainNumber(-7, isInteger: true))
      #expect(traces[0][0].metrics == [Pair("small", small), Pair("negative", negative), Pair("half", 0.5)])
      let typed = Self.typed(batch.spans[0].typed, batch)
      #expect(
        typed == [
          "ok=true", "large=9007199254740993", "raw=[255, 0]", #"list=["a", "[\"4\"]", "true"]"#,
          #"map=["k=5", "inner=[\"deep=v\"]"]"#,
        ])
      let env = batch.meta(.env, of: batch.spans[0]).map { batch.text($0) }
      #expect(env == "prod")
    }
  }

  static let malformed: [(body: [UInt8], kind: DecodeError.Kind, text: String)] = [
    ([0x00], .malformed, "byte 0, field traces: expected a tag, saw a tag of field 0 or of no wire type"),
    ([0x0E], .malformed, "byte 0, field traces: expected a tag, saw a tag of field 0 or of no wire type"),
    ([0x0B], .malformed, "byte 0, field traces: expected a tag, saw group"),
    ([0x0C], .malformed, "byte 0, field traces: expected a tag, saw group"),
    ([0x08, 0x01], .wrongType, "byte 0, span 0, field traces: expected length-delimited, saw varint"),
    ([0x80], .shortBytes, "byte 1, field traces: expected a tag, saw the end of the body"),
    ([0x0A], .shortBytes, "byte 1, span 0, field traces: expected length-delimited, saw the end of the body"),
    (
      [0x0A, 0x02, 0x08], .shortBytes,
      "byte 3, span 0, field traces: expected length-delimited, saw the end of the body"
    ),
    (
      [0x0A, 0x01, 0x0A, 0x00], .shortBytes,
      "byte 3, span 0, field span: expected length-delimited, saw the end of the message"
    ),
    (
      [0x0A, 0x02, 0x0A, 0x00], .wrongLength,
      "byte 2, span 0, field span: expected a trace id of 16 bytes, saw bytes"
    ),
    (
      [0x10] + [UInt8](repeating: 0xFF, count: 9) + [0x02], .malformed,
      "byte 1, field traces: expected a varint of 64 bits, saw a longer varint"
    ),
    (
      [0x10] + [UInt8](repeating: 0x80, count: 11), .malformed,
      "byte 1, field traces: expected a varint of 64 bits, saw a longer varint"
    ),
    ([0x11, 1, 2, 3], .shortBytes, "byte 4, field traces: expected fixed64, saw the end of the body"),
    ([0x15, 1, 2, 3], .shortBytes, "byte 4, field traces: expected fixed32, saw the end of the body"),
    (
      [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01], .shortBytes,
      "byte 11, span 0, field traces: expected length-delimited, saw the end of the body"
    ),
  ]

  @Test(arguments: malformed)
  func `says where, what was expected and what was there`(body: [UInt8], kind: DecodeError.Kind, text: String) {
    let error = #expect(throws: DecodeError.self) {
      try withDecoded(body, ProtobufTraces.decode) { $0.spans.count }
    }
    #expect(error?.description == text)
    #expect(error?.kind == kind)
  }

  static let varints: [(bytes: [UInt8], read: UInt64)] = [
    ([0x00], 0), ([0x7F], 127), ([0x80, 0x01], 128), ([0x80, 0x00], 0), ([0xFF, 0xFF, 0xFF, 0xFF, 0x0F], 0xFFFF_FFFF),
    (Proto.varint(1 << 56 - 1), 1 << 56 - 1), (Proto.varint(1 << 56), 1 << 56), (Proto.varint(1 << 62), 1 << 62),
    (Proto.varint(1 << 63 - 1), 1 << 63 - 1), (Proto.varint(1 << 63), 1 << 63), ([0x85, 0x80, 0x80, 0x00], 5),
    ([UInt8](repeating: 0x80, count: 8) + [0], 0), ([UInt8](repeating: 0x80, count: 9) + [0], 0),
    ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .max),
  ]

  @Test(arguments: varints)
  func `reads a varint of any length that fits`(bytes: [UInt8], read: UInt64) throws {
    let body = ExactBytes([0x08] + bytes)
    var reader = ProtobufReader(body.bytes.bytes)
    let tag = try #require(try reader.readTag())
    let value = try reader.readVarint(tag)
    let rest = try reader.readTag()
    #expect(value == read && rest == nil)
  }

  @Test(arguments: varints)
  func `looks at a varint that ends where its message does, and at no other`(bytes: [UInt8], read: UInt64) {
    // One byte of a varint stands on each side.
    let body = ExactBytes([0x80] + bytes + [0x01])
    let reader = ProtobufReader(body.bytes.bytes)
    let end = 1 + bytes.count
    // Ten bytes may hold more than 64 bits: they are left to `readVarint`, which refuses that.
    let whole = reader.peekVarint(at: 1, until: end)
    #expect(whole == (bytes.count < 10 ? read : nil))
    let others = (0...end + 2).filter { $0 != end }.map { reader.peekVarint(at: 1, until: $0) }
    #expect(others.allSatisfy { $0 == nil })
  }

  @Test func `goes 64 messages deep and no deeper`() {
    func nested(_ depth: Int) -> [UInt8] {
      // Each array takes two messages: the array, and the value in it.
      let value = (0..<depth).reduce(Proto.number(2, 1)) { inner, _ in Proto.bytes(5, Proto.bytes(1, inner)) }
      return Proto.span(Proto.attribute("k", value))
    }
    #expect(throws: Never.self) { try withDecoded(nested(30), ProtobufTraces.decode) { $0.spans.count } }
    let error = #expect(throws: DecodeError.self) {
      try withDecoded(nested(31), ProtobufTraces.decode) { $0.spans.count }
    }
    #expect(error?.kind == .tooDeep)
    #expect(error?.expected == "at most 64 levels")
  }

  @Test func `survives any bytes`() {
    var mutator = Mutator(seed: 82, corpus: [Self.body, Proto.span(Proto.traceID(1, 2), Self.attributes[7])])
    var refused = 0
    for _ in 0..<4_000 {
      let body = mutator.next()
      if (try? withDecoded(body, ProtobufTraces.decode) { $0.spans.count }) == nil { refused += 1 }
    }
    #expect(refused > 1_000 && refused < 4_000)
  }
}
