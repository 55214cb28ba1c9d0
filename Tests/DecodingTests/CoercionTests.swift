import Decoding
import MessagePack
import TestTraces
import Testing

/// What the Datadog agent makes of values that are not of the type that its documentation gives.
@Suite struct `A span's fields` {
  /// A payload of one trace of one span with one field, as it stands on the wire.
  static func payload(_ field: String, _ value: [UInt8]) -> [UInt8] {
    [0x91, 0x91, 0x81] + MessagePackValue.text(field).pack() + value
  }

  static func span(_ field: String, _ value: [UInt8]) throws -> PlainSpan {
    let traces = try TraceFormat.v04.traces(of: payload(field, value))
    return try #require(traces.first?.first)
  }

  static let texts: [(wire: [UInt8], read: PlainText)] = [
    ([0xC0], ""),
    ([0xA0], ""),
    ([0xA3, 0x77, 0x65, 0x62], "web"),
    ([0xD9, 0x03, 0x77, 0x65, 0x62], "web"),
    ([0xDA, 0x00, 0x03, 0x77, 0x65, 0x62], "web"),
    ([0xDB, 0x00, 0x00, 0x00, 0x03, 0x77, 0x65, 0x62], "web"),
    ([0xC4, 0x03, 0x77, 0x65, 0x62], "web"),
    ([0xC5, 0x00, 0x03, 0x77, 0x65, 0x62], "web"),
    ([0xC6, 0x00, 0x00, 0x00, 0x03, 0x77, 0x65, 0x62], "web"),
    ([0xA2, 0xC3, 0xA9], "é"),
    ([0xA1, 0x00], "\u{0}"),
    ([0xA1, 0xFF], "\u{FFFD}"),
    ([0xA3, 0x61, 0xC3, 0x62], "a\u{FFFD}b"),
    ([0xA3, 0xE2, 0x82, 0x61], "\u{FFFD}\u{FFFD}a"),
    ([0xA4, 0xF0, 0x9F, 0x92, 0xA9], "💩"),
    ([0xA3, 0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
    ([0xC4, 0x02, 0xC3, 0x28], "\u{FFFD}("),
  ]

  @Test(arguments: ["service", "name", "resource", "type"], texts)
  func `hold a text that came as str, bin or nil`(field: String, text: (wire: [UInt8], read: PlainText)) throws {
    let span = try Self.span(field, text.wire)
    let values = ["service": span.service, "name": span.name, "resource": span.resource, "type": span.type]
    #expect(values[field] == text.read)
    #expect(values.filter { $0.key != field }.values.allSatisfy { $0 == "" })
  }

  static let ids: [(wire: [UInt8], read: UInt64)] = [
    ([0xC0], 0),
    ([0x00], 0),
    ([0x7F], 127),
    ([0xCC, 0xFF], 255),
    ([0xCD, 0xFF, 0xFE], 65534),
    ([0xCE, 0xFF, 0xFF, 0xFF, 0xFE], 4_294_967_294),
    ([0xCF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE], .max - 1),
    ([0xFF], .max),
    ([0xE0], .max - 31),
    ([0xD0, 0x80], .max - 127),
    ([0xD0, 0x7F], 127),
    ([0xD1, 0x80, 0x00], .max - 32767),
    ([0xD2, 0x80, 0x00, 0x00, 0x00], .max - 2_147_483_647),
    ([0xD3, 0x80, 0, 0, 0, 0, 0, 0, 0x01], 1 << 63 + 1),
    ([0xD3, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], UInt64(Int64.max)),
  ]

  @Test(arguments: ["trace_id", "span_id", "parent_id"], ids)
  func `hold an id that came with a sign or without`(field: String, id: (wire: [UInt8], read: UInt64)) throws {
    let span = try Self.span(field, id.wire)
    let values = ["trace_id": span.traceID, "span_id": span.spanID, "parent_id": span.parentID]
    #expect(values[field] == id.read)
    #expect(values.filter { $0.key != field }.values.allSatisfy { $0 == 0 })
  }

  static let times: [(wire: [UInt8], read: Int64?)] = [
    ([0xC0], 0),
    ([0x01], 1),
    ([0xFF], -1),
    ([0xD3, 0x80, 0, 0, 0, 0, 0, 0, 0], .min),
    ([0xCF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .max),
    ([0xCF, 0x80, 0, 0, 0, 0, 0, 0, 0], nil),
    ([0xCF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], nil),
    ([0xCB, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0], nil),
    ([0xA1, 0x31], nil),
    ([0xC3], nil),
  ]

  @Test(arguments: ["start", "duration"], times)
  func `hold a time of 63 bits and a sign`(field: String, time: (wire: [UInt8], read: Int64?)) throws {
    guard let read = time.read else {
      #expect(throws: DecodeError.self) { try Self.span(field, time.wire) }
      return
    }
    let span = try Self.span(field, time.wire)
    #expect((field == "start" ? span.startNs : span.durationNs) == read)
    #expect((field == "start" ? span.durationNs : span.startNs) == 0)
  }

  static let errors: [(wire: [UInt8], read: Int32?)] = [
    ([0xC0], 0),
    ([0x01], 1),
    ([0xFF], -1),
    ([0xCE, 0x7F, 0xFF, 0xFF, 0xFF], .max),
    ([0xCE, 0x80, 0x00, 0x00, 0x00], nil),
    ([0xCF, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF], .max),
    ([0xCF, 0x80, 0, 0, 0, 0, 0, 0, 0], nil),
    ([0xD2, 0x80, 0x00, 0x00, 0x00], .min),
    ([0xD3, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF], nil),
    ([0xC3], nil),
  ]

  @Test(arguments: errors)
  func `hold an error of 32 bits`(wire: [UInt8], read: Int32?) throws {
    guard let read else {
      #expect(throws: DecodeError.self) { try Self.span("error", wire) }
      return
    }
    #expect(try Self.span("error", wire).error == read)
  }

  static let numbers: [(wire: [UInt8], read: PlainNumber?)] = [
    ([0xC0], 0),
    ([0x05], 5),
    ([0xFB], -5),
    ([0xCC, 0xC8], 200),
    ([0xD1, 0xFF, 0x38], -200),
    ([0xCF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 18446744073709551615.0),
    ([0xD3, 0x80, 0, 0, 0, 0, 0, 0, 0], -9223372036854775808.0),
    ([0xCB, 0x3F, 0xB9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9A], 0.1),
    ([0xCB, 0x7F, 0xF8, 0, 0, 0, 0, 0, 0x01], PlainNumber(.nan)),
    ([0xCB, 0xFF, 0xF0, 0, 0, 0, 0, 0, 0], PlainNumber(-.infinity)),
    ([0xCB, 0x80, 0, 0, 0, 0, 0, 0, 0], -0.0),
    ([0xCA, 0x3F, 0xC0, 0, 0], 1.5),
    ([0xCA, 0x7F, 0x80, 0, 0], PlainNumber(.infinity)),
    ([0xCA, 0x7F, 0xC0, 0, 0], PlainNumber(.nan)),
    ([0xA1, 0x35], nil),
    ([0xC2], nil),
    ([0x90], nil),
    ([0xC4, 0x00], nil),
  ]

  @Test(arguments: numbers)
  func `hold metrics that came as any kind of number`(wire: [UInt8], read: PlainNumber?) throws {
    let metrics = [0x81, 0xA1, 0x6B] + wire
    guard let read else {
      #expect(throws: DecodeError.self) { try Self.span("metrics", metrics) }
      return
    }
    #expect(try Self.span("metrics", metrics).metrics == [Pair("k", read)])
  }

  @Test(arguments: ["meta", "metrics", "meta_struct", "span_links", "span_events"])
  func `take nil for an empty collection`(field: String) throws {
    #expect(try Self.span(field, [0xC0]) == PlainSpan())
  }

  @Test func `may be missing, unknown, in any order and twice`() throws {
    let traces = try TraceFormat.v04.traces(
      of: ([
        [
          [:],
          ["name": "n", "service": "s"],
          ["zz": [1, ["a": [nil]]], "service": "s", "servicf": "x", "Service": "x", "services": "x", "": 1],
          ["service": "first", "meta": ["a": "1"], "service": "last", "meta": ["b": "2", "b": "3"]],
          ["meta": ["a": "1"], "meta": nil, "service": "s", "service": nil],
        ]
      ] as MessagePackValue).pack())
    var named = PlainSpan()
    (named.service, named.name) = ("s", "n")
    var serviceOnly = PlainSpan()
    serviceOnly.service = "s"
    var twice = PlainSpan()
    (twice.service, twice.meta) = ("last", [Pair("b", "2"), Pair("b", "3")])
    #expect(traces == [[PlainSpan(), named, serviceOnly, twice, PlainSpan()]])
  }

  /// No key of eight bytes and more is taken for another, whatever stands behind it in the body.
  @Test(arguments: ["parent_iX", "span_linkX", "span_link", "meta_strucX", "meta_struct2", "span_eventX", "trace_iX"])
  func `are not taken for their neighbours`(field: String) throws {
    #expect(try Self.span(field, [0xA1, 0x78]) == PlainSpan())
  }

  @Test func `have keys that may be bin or nil but nothing else`() throws {
    let asBin: [UInt8] = [0x91, 0x91, 0x81, 0xC4, 0x04] + Array("name".utf8) + [0xA1, 0x6E]
    #expect(try TraceFormat.v04.traces(of: asBin).first?.first?.name == "n")
    #expect(try TraceFormat.v04.traces(of: [0x91, 0x91, 0x81, 0xC0, 0x01]) == [[PlainSpan()]])
    #expect(throws: DecodeError.self) { try TraceFormat.v04.traces(of: [0x91, 0x91, 0x81, 0x01, 0x01]) }
  }
}
