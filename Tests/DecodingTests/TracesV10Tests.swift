import MessagePack
import TestTraces
import Testing
import TraceModel

@testable import Decoding

@Suite struct `A payload of v1.0` {
  private static func read(_ payload: MessagePackValue) throws -> PlainPayload {
    try TraceFormat.v10.payload(of: payload.pack(), peerTags: ["db.instance"])
  }

  /// The one span of a payload with these fields of it.
  private static func span(_ fields: MessagePackValue) throws -> PlainSpan {
    try #require(try read([11: [[4: [fields]]]]).traces.first?.first)
  }

  private static let traceID = MessagePackValue.binary([0x66, 0x55, 0x44, 0x33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7])

  @Test func `says who sent it, and of each trace what it is and what was decided`() throws {
    let payload = try Self.read([
      2: "c0ffee", 3: "go", 4: "1.26", 5: "v2.9.0", 6: "r-1", 7: "prod", 8: "web-3", 9: "1.2",
      10: ["_dd.tags.process", 1, "a:b", "_dd.apm_mode", 1, 3, "n", 4, 5],
      11: [
        [
          1: 2, 2: "synthetics", 3: ["custom", 2, true, "texts", 6, [1, "x", 1, 12]], 4: [[1: "web", 4: 8], nil],
          5: false, 6: Self.traceID, 7: 4,
        ],
        [1: -1],
      ],
    ])
    var chunk = PlainChunk()
    (chunk.priority, chunk.origin, chunk.decisionMaker) = (2, "synthetics", "-4")
    chunk.traceIDHigh = 0x6655_4433_0000_0001
    chunk.tags = [
      Pair("custom", PlainValue(bool: true)), Pair("texts", PlainValue(array: ["x", "n"])),
    ]
    var dropped = PlainChunk()
    dropped.priority = -1
    #expect(payload.chunks == [chunk, dropped])
    var span = PlainSpan()
    (span.service, span.spanID, span.traceID) = ("web", 8, 7)
    #expect(payload.traces == [[span], []])
    #expect(
      payload.sender.fields == [
        "container_id": "c0ffee", "language_name": "go", "language_version": "1.26", "tracer_version": "v2.9.0",
        "runtime_id": "r-1", "env": "prod", "hostname": "web-3", "app_version": "1.2", "_dd.tags.process": "a:b",
      ])
    #expect(payload.sender.tags == [Pair("_dd.apm_mode", "1.26"), Pair("n", PlainValue(int: 5))])
  }

  @Test func `has attributes of every type, each where its type has its place`() throws {
    let span = try Self.span([
      9: [
        "text", 1, "t", "same", 1, 2, "double", 3, 0.5, "whole", 3, 2.0, "int", 4, -3, "large", 4, .int(.max),
        "yes", 2, true, "no", 2, false, "bytes", 5, .binary([0, 255]),
        "array", 6, [1, 2, 2, true, 6, [4, 1], 7, ["k", 5, .binary([9])]], "list", 7, ["a", 1, 2, "b", 6, []],
      ]
    ])
    #expect(span.meta == [Pair("text", "t"), Pair("same", "t")])
    #expect(
      span.metrics == [
        Pair("double", 0.5), Pair("whole", 2), Pair("int", PlainNumber(-3, isInteger: true)),
      ])
    #expect(span.metaStruct == [Pair("bytes", PlainText([0, 255]))])
    let inner = PlainValue(keyValues: [Pair("k", PlainValue(bytes: [9]))])
    let array = PlainValue(array: [
      "t", PlainValue(bool: true), PlainValue(array: [PlainValue(int: 1)]), inner,
    ])
    let list = PlainValue(keyValues: [Pair("a", "t"), Pair("b", PlainValue(array: []))])
    #expect(
      span.typed == [
        Pair("large", PlainValue(int: .max)), Pair("yes", PlainValue(bool: true)), Pair("no", PlainValue(bool: false)),
        Pair("array", array), Pair("list", list),
      ])
  }

  @Test func `has fields of spans that are attributes in other formats`() throws {
    let kinds: [PlainText?] = [nil, "internal", "server", "client", "producer", "consumer", nil]
    for (number, kind) in kinds.enumerated() {
      let span = try Self.span([
        13: "prod", 14: "1.2", 15: "net/http", 16: .uint(UInt64(number)), 8: true,
        9: ["env", 1, "of an attribute", "k", 1, "v"],
      ])
      let promoted = [Pair("env", "prod"), Pair("version", "1.2"), Pair("component", "net/http")] as [Pair<PlainText>]
      #expect(span.meta == [Pair("k", "v")] + promoted + (kind.map { [Pair("span.kind", $0)] } ?? []))
      #expect(span.error == 1)
    }
    #expect(try Self.span([13: 0, 14: "", 16: nil]) == PlainSpan())
  }

  @Test func `has links and events, with attributes of every type`() throws {
    let span = try Self.span([
      11: [
        [1: Self.traceID, 2: 5, 3: ["t", 1, "x", "n", 4, 1, "l", 7, ["k", 2, true], "u", 1, 2], 4: "dd=s:1", 5: 1], nil,
      ],
      12: [[1: 12, 2: "exception", 3: ["t", 1, 2, "n", 3, 0.5, "a", 6, [4, 7]]]],
    ])
    var link = PlainLink()
    (link.traceIDHigh, link.traceID, link.spanID) = (0x6655_4433_0000_0001, 7, 5)
    (link.tracestate, link.flags, link.attributes) = ("dd=s:1", 1, [Pair("t", "x"), Pair("u", "x")])
    link.typed = [
      Pair("n", PlainValue(int: 1)), Pair("l", PlainValue(keyValues: [Pair("k", PlainValue(bool: true))])),
    ]
    #expect(span.links == [link])
    var event = PlainEvent()
    (event.timeUnixNano, event.name) = (12, "exception")
    event.attributes = [
      Pair("t", "x"), Pair("n", PlainValue(double: 0.5)), Pair("a", PlainValue(array: [PlainValue(int: 7)])),
    ]
    #expect(span.events == [event])
  }

  /// Numbers go on over everything that holds a text, also where nobody knows what it means.
  @Test func `counts the texts in the order of its bytes`() throws {
    let payload = try Self.read([
      1: ["one", "", "two"], 99: ["three", ["four": [.binary([0x61])]], 7], 7: 4,
      11: [[98: "five", 2: "", 4: [[1: 5, 2: 3, 3: "six", 10: 1, 97: ["seven"], 9: [7, 1, 2, 6, 1, 0]]]]],
    ])
    #expect(payload.sender.fields == ["env": "four"])
    var span = PlainSpan()
    (span.service, span.name, span.resource, span.type) = ("five", "three", "six", "one")
    span.meta = [Pair("seven", "two"), Pair("six", "")]
    #expect(payload.traces == [[span]])
  }

  /// As libdatadog writes and reads it; Datadog's trace-agent gives such a text its first number again.
  @Test func `gives a text that stands in it twice two numbers`() throws {
    let payload = try Self.read([3: "x", 4: "x", 7: "y", 8: 3, 9: 2, 5: 1])
    #expect(
      payload.sender.fields == [
        "language_name": "x", "language_version": "x", "env": "y", "hostname": "y", "app_version": "x",
        "tracer_version": "x",
      ])
  }

  @Test func `says how each of its traces was sampled, whatever their order`() throws {
    let mechanisms = [4, 0, 16, 4, 15, 17, 16, 8] as [UInt64]
    let payload = try Self.read([11: .array(mechanisms.map { [7: .uint($0)] })])
    let expected = mechanisms.map { PlainText($0 == 0 ? "" : "-\($0)") }
    #expect(payload.chunks.map(\.decisionMaker) == expected)
  }

  @Test func `has of each key that comes twice the last, whatever its type`() throws {
    let texts: MessagePackValue = ["env", 1, "a", "k", 1, "b", "s", 5, "c", "t", 2, true]
    func span(_ rest: MessagePackValue) throws -> PlainSpan {
      try Self.span([9: .array((texts.array ?? []) + (rest.array ?? []))])
    }
    // 1 env, 2 a, 3 k, 4 b, 5 s, 6 t: the bytes of an attribute have no number.
    var read = try span([1, 1, 4, 3, 3, 0.5, 5, 2, true, 6, 4, 8])
    #expect(read.meta == [Pair("env", "b")] && read.metrics.map(\.key) == ["k", "t"] && read.metaStruct.isEmpty)
    #expect(read.typed == [Pair("s", PlainValue(bool: true))])
    read = try span([1, 4, 1, 3, 2, true, 5, 1, 2, 6, 6, []])
    #expect(read.meta == [Pair("s", "a")] && read.metrics == [Pair("env", PlainNumber(1, isInteger: true))])
    #expect(read.typed == [Pair("k", PlainValue(bool: true)), Pair("t", PlainValue(array: []))])
    // Of two lists the last counts.
    let lists: [(key: MessagePackValue, value: MessagePackValue)] = [
      (key: 9, value: texts), (key: 9, value: ["x", 1, 1]),
    ]
    let twice = try Self.span(.map(lists))
    #expect(twice.meta == [Pair("x", "env")] && twice.metaStruct.isEmpty && twice.typed.isEmpty)
  }

  @Test(arguments: [[:], nil, [11: nil], [11: []], [99: [["a": 1]]]] as [MessagePackValue])
  func `may say nothing at all`(payload: MessagePackValue) throws {
    #expect(try Self.read(payload) == PlainPayload())
  }

  /// As Datadog's agent has it: a client of this format that says nothing did not leave the decision to others.
  @Test(arguments: [[:], [1: nil], [1: 256], [1: 0]] as [MessagePackValue])
  func `has priority 0 in a chunk that says none`(chunk: MessagePackValue) throws {
    #expect(try Self.read([11: [chunk]]).chunks.map(\.priority) == [0])
  }

  @Test func `keeps of what a client says of itself as much as of headers`() throws {
    let long = String(repeating: "x", count: 255) + "é" + String(repeating: "y", count: 6_000)
    let sender = try Self.read([8: .text(long), 10: ["_dd.tags.process", 1, 1]]).sender
    #expect(sender.fields["hostname"]?.bytes.count == 255)
    #expect(sender.fields["_dd.tags.process"]?.bytes.count == 5_000)
  }

  /// As deep as other formats, and no deeper.
  @Test(arguments: [64, 65, 2_000])
  func `nests values 64 levels deep`(depth: Int) throws {
    var wire: [UInt8] = [0x90]
    for _ in 1..<depth { wire = [0x92, 0x06] + wire }
    let body: [UInt8] = [0x81, 0x0B, 0x91, 0x81, 0x04, 0x91, 0x81, 0x09, 0x93, 0xA1, 0x61, 0x06] + wire
    guard depth > 64 else {
      #expect(try TraceFormat.v10.traces(of: body).first?.first?.typed.count == 1)
      return
    }
    let error = #expect(throws: DecodeError.self) { try TraceFormat.v10.traces(of: body) }
    #expect(error?.kind == .tooDeep && error?.byteOffset == 12 + 64 * 2)
  }

  @Test func `shares no place between spans`() throws {
    let attributes: MessagePackValue = [
      "a", 6, [7, ["x", 2, true]], "b", 2, true, "c", 7, ["y", 6, [4, 1]], "d", 1, "e",
    ]
    let again: MessagePackValue = [1, 6, [7, [2, 2, true]], 3, 2, true, 4, 7, [5, 6, [4, 1]], 6, 1, 7]
    let payload = try Self.read([11: [[4: [[9: attributes], [9: again], [9: ["z", 2, false]]]]]])
    #expect(payload.traces[0][0] == payload.traces[0][1])
    #expect(payload.traces[0][2].typed == [Pair("z", PlainValue(bool: false))])
  }
}
