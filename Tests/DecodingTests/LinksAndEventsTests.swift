import Decoding
import MessagePack
import TestTraces
import Testing

@Suite struct `Links, events and binary attributes` {
  func span(_ fields: MessagePackValue) throws -> PlainSpan {
    try #require(try TraceFormat.v04.traces(of: ([[fields]] as MessagePackValue).pack()).first?.first)
  }

  @Test func `keep every field of a link`() throws {
    let read = try span([
      "span_links": [
        [
          "trace_id": .uint(.max), "trace_id_high": 7, "span_id": -1, "tracestate": "dd=s:1", "flags": 2_147_483_649,
          "attributes": ["a": "1", "b": .string([0xFF]), "a": "2"], "dropped_attributes_count": 3,
        ],
        nil,
        [:],
        ["attributes": nil, "tracestate": nil, "flags": nil],
      ]
    ])
    var link = PlainLink()
    (link.traceID, link.traceIDHigh, link.spanID) = (.max, 7, .max)
    (link.tracestate, link.flags) = ("dd=s:1", 2_147_483_649)
    link.attributes = [Pair("a", "1"), Pair("b", "\u{FFFD}"), Pair("a", "2")]
    #expect(read.links == [link, PlainLink(), PlainLink()])
  }

  @Test(arguments: [4_294_967_296, -1] as [MessagePackValue])
  func `refuse flags that are not 32 bits`(flags: MessagePackValue) {
    let error = #expect(throws: DecodeError.self) { try span(["span_links": [["flags": flags]]]) }
    #expect(error?.kind == .outOfRange)
    #expect(error?.field == "span_links")
  }

  @Test func `keep every field of an event, and each value whatever its type says`() throws {
    let read = try span([
      "span_events": [
        [
          "time_unix_nano": .uint(.max), "name": "exception", "unknown": [1, 2],
          "attributes": [
            "s": ["type": 0, "string_value": "text"],
            "b": ["type": 1, "bool_value": true],
            "i": ["type": 2, "int_value": .int(.min)],
            "d": ["type": 3, "double_value": -0.5],
            "a": [
              "type": 4,
              "array_value": ["values": [["type": 2, "int_value": 9], [:], nil, ["type": 0, "string_value": "x"]]],
            ],
            "none": nil,
            "all": [
              "type": 7, "string_value": "s", "bool_value": true, "int_value": 1, "double_value": 2.5, "new": [],
            ],
          ],
        ],
        nil,
        [:],
      ]
    ])
    func value(_ change: (inout PlainValue) -> Void) -> PlainValue {
      var value = PlainValue()
      change(&value)
      return value
    }
    var event = PlainEvent()
    (event.timeUnixNano, event.name) = (.max, "exception")
    event.attributes = [
      Pair("s", value { $0.string = "text" }),
      Pair("b", value { ($0.type, $0.bool) = (1, true) }),
      Pair("i", value { ($0.type, $0.int) = (2, .min) }),
      Pair("d", value { ($0.type, $0.double) = (3, -0.5) }),
      Pair(
        "a",
        value {
          $0.type = 4
          $0.array = [value { ($0.type, $0.int) = (2, 9) }, PlainValue(), PlainValue(), value { $0.string = "x" }]
        }),
      Pair("none", PlainValue()),
      Pair("all", value { ($0.type, $0.string, $0.bool, $0.int, $0.double) = (7, "s", true, 1, 2.5) }),
    ]
    #expect(read.events == [event, PlainEvent()])
  }

  static let arrays: [(MessagePackValue, count: Int?)] = [
    (["type": 4], nil),
    (["type": 4, "array_value": nil], nil),
    (["type": 4, "array_value": [:]], 0),
    (["type": 4, "array_value": ["values": nil]], 0),
    (["type": 4, "array_value": ["other": 1, "values": [[:]]]], 1),
    (["array_value": ["values": [[:], [:]]], "array_value": nil], nil),
    (["array_value": ["values": [[:], [:]]], "array_value": [:]], 0),
    (["array_value": ["values": [[:], [:]], "values": [[:]]]], 1),
  ]

  @Test(arguments: arrays)
  func `know an absent array from an empty one, and of two the last counts`(value: MessagePackValue, count: Int?) throws
  {
    let read = try span(["span_events": [["attributes": ["k": value]]]])
    #expect(read.events.first?.attributes.first?.value.array?.count == count)
  }

  @Test func `do not read arrays inside arrays`() throws {
    let inner: MessagePackValue = ["array_value": ["values": [["type": 1]]], "int_value": 5]
    let read = try span(["span_events": [["attributes": ["k": ["array_value": ["values": [inner]]]]]]])
    let element = try #require(read.events.first?.attributes.first?.value.array?.first)
    #expect(element.array == nil)
    #expect(element.int == 5)
  }

  @Test func `take binary attributes as they are`() throws {
    let read = try span([
      "meta_struct": ["a": .binary([0xFF, 0x00]), "b": .string([0xFE]), "c": nil, "d": .binary([])]
    ])
    #expect(
      read.metaStruct == [
        Pair("a", PlainText([0xFF, 0x00])), Pair("b", PlainText([0xFE])), Pair("c", ""), Pair("d", ""),
      ])
  }

  @Test func `take binary attributes of 10 MiB and no more`() throws {
    let largest = [UInt8](repeating: 1, count: 10_485_760)
    #expect(try span(["meta_struct": ["a": .binary(largest)]]).metaStruct.first?.value.bytes.count == largest.count)
    let error = #expect(throws: DecodeError.self) { try span(["meta_struct": ["a": .binary(largest + [1])]]) }
    #expect(error?.kind == .outOfRange)
    #expect(error?.field == "meta_struct")
  }
}
