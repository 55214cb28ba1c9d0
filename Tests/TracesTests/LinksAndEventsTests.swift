import JSON
import TestFixtures
import Testing

@testable import Traces

@Suite struct `Links and events` {
  @Test func `that a tracer wrote into tags are read as if they had come natively`() {
    let span = read(
      links: """
        [{"trace_id": "0000000000001234abcdef0123456789", "span_id": "1122334455667788", "attributes": {"t": "true", \
        "arr.1": "b", "arr.0": "a"}, "tracestate": "dd=s:2;o:rum", "flags": 1, "dropped_attributes_count": 2}, \
        {"trace_id": "00000000000000000000000000000005", "span_id": "0000000000000006"}]
        """,
      events: """
        [{"name": "ev1", "time_unix_nano": 1700000000123456789, "attributes": {"ints": [1, 2], "t": true, \
        "big": 4611686018427387904, "e": [], "f": 1.5, "a": "b", "o": {"x": [null]}}, "dropped_attributes_count": 1}, \
        {"name": "noattr", "time_unix_nano": 1795960803425934813}]
        """)
    #expect(
      span.links == [
        TraceSpanLink(
          traceID: TraceID(high: 0x1234, low: 0xabcd_ef01_2345_6789), spanID: 0x1122_3344_5566_7788,
          tracestate: "dd=s:2;o:rum", flags: 1, droppedAttributes: 2,
          attributes: [TraceAttribute("t", .text("true")), TraceAttribute("arr", .array([.text("a"), .text("b")]))]),
        TraceSpanLink(traceID: TraceID(high: 0, low: 5), spanID: 6),
      ])
    #expect(
      span.events == [
        TraceSpanEvent(
          timeNs: 1_700_000_000_123_456_789, name: "ev1", droppedAttributes: 1,
          attributes: [
            TraceAttribute("ints", .array([.int(1), .int(2)])), TraceAttribute("t", .bool(true)),
            TraceAttribute("big", .int(4_611_686_018_427_387_904)), TraceAttribute("e", .array([])),
            TraceAttribute("f", .double(1.5)), TraceAttribute("a", .text("b")),
            TraceAttribute("o", .text(#"{"x":[null]}"#)),
          ]),
        TraceSpanEvent(timeNs: 1_795_960_803_425_934_813, name: "noattr"),
      ])
    #expect(span.meta.map(\.key) == ["k"])
  }

  @Test(arguments: [
    (#""0000000000000000000000000000000a""#, TraceID(high: 0, low: 10)),
    (#""000000000000000a""#, TraceID(high: 0, low: 10)), (#""ABC""#, TraceID(high: 0, low: 0xabc)),
    (#""0x10""#, TraceID(high: 0, low: 16)), (#""1000000000000000""#, TraceID(high: 0, low: 1 << 60)),
    (#""10""#, TraceID(high: 0, low: 10)), ("10", TraceID(high: 0, low: 10)), ("0", TraceID(high: 0, low: 0)),
    ("18446744073709551615", TraceID(high: 0, low: .max)), (#""18446744073709551615""#, TraceID(high: 0, low: .max)),
    (#""18446744073709551616""#, TraceID(high: 1, low: 0)),
    (#""340282366920938463463374607431768211455""#, TraceID(high: .max, low: .max)),
  ])
  func `are found by ids in hexadecimal and decimal, of 64 and 128 bits`(_ json: String, _ id: TraceID) {
    let span = read(links: #"[{"trace_id": \#(json), "span_id": "7"}]"#)
    #expect(span.links == [TraceSpanLink(traceID: id, spanID: 7)] && span.meta.map(\.key) == ["k"])
  }

  @Test func `have their upper half beside the lower one, too`() {
    let span = read(links: #"[{"trace_id": 1, "trace_id_high": "000000000000000f", "span_id": 18446744073709551615}]"#)
    #expect(span.links == [TraceSpanLink(traceID: TraceID(high: 15, low: 1), spanID: .max)])
  }

  @Test(arguments: [
    "", "x", "{}", "[]", "[", "[1]", "[{}", #"[{"span_id": "1"}]"#, #"[{"trace_id": "1"}]"#,
    #"[{"trace_id": "", "span_id": "1"}]"#, #"[{"trace_id": "-1", "span_id": "1"}]"#,
    #"[{"trace_id": -1, "span_id": "1"}]"#, #"[{"trace_id": 1e3, "span_id": "1"}]"#,
    #"[{"trace_id": "+1f", "span_id": "1"}]"#, #"[{"trace_id": "0x", "span_id": "1"}]"#,
    #"[{"trace_id": "1", "span_id": "340282366920938463463374607431768211455"}]"#,
    #"[{"trace_id": "340282366920938463463374607431768211456", "span_id": "1"}]"#,
    #"[{"trace_id": "00000000000000000000000000000000f", "span_id": "1"}]"#,
    #"[{"trace_id": "000000000000000f000000000000000f", "trace_id_high": 1, "span_id": "1"}]"#,
    String(repeating: "[", count: 100_000), String(repeating: #"[{"a":"#, count: 10_000),
  ])
  func `that cannot be read stay tags`(_ text: String) {
    let span = read(links: text, events: text)
    #expect(span.links.isEmpty && span.events.isEmpty)
    #expect(span.meta.map(\.key) == ["_dd.span_links", "events", "k"] && span.meta("events") == text)
  }

  @Test(arguments: ["31 of them", #"["a"]"#, #"[{"name": "a"}]"#, #"[{"name": 1, "time_unix_nano": 2}]"#])
  func `are not made of a tag that only has the name`(_ text: String) {
    let span = read(events: text)
    #expect(span.events.isEmpty && span.meta("events") == text)
  }

  @Test(arguments: [
    (#"[{"name":"a","time_unix_nano":"1"},{"name":"b]}\"","time_unix_nano":2e0},{"name":"c","time_u..."#, 2),
    (#"[{"name":"a","time_unix_nano":1,"attributes":{"l":[1,"..."#, 0),
    (#"[{"name":"a","time_unix_nano":1}..."#, 1), (#"[{"name":"a","time_unix_nano":1}, 7]"#, 1),
    (#"[{"name":"a","time_unix_nano":1,"more":2}]"#, 1), (#"[{"name":"a","time_unix_nano":1,"attributes":7}]"#, 1),
    (#"[{"name":"a","time_unix_nano":1,"dropped_attributes_count":-1}]"#, 1),
  ])
  func `of a tag that was cut or holds more are read, and the tag stays`(_ text: String, _ count: Int) {
    let span = read(events: text)
    #expect(span.events.map(\.name) == Array(["a", "b]}\""].prefix(count)) && span.meta("events") == text)
  }

  @Test func `that came natively as well are there once`() {
    var span = TraceSpan(spanID: 1, service: "s", operation: "o", resource: "r", startNs: 0, durationNs: 1)
    span.links = [TraceSpanLink(traceID: TraceID(high: 0, low: 5), spanID: 6)]
    span.meta = [("_dd.span_links", #"[{"trace_id":"5","span_id":"6"}]"#)]
    #expect(reading(span).links == span.links && reading(span).meta.isEmpty)
    span.links[0].tracestate = "a=b"
    #expect(reading(span).links.count == 2)
  }

  @Test(arguments: [
    (["a.1", "a.0", "b"], ["a=[1, 0]", "b=2"]), (["a.0"], ["a=[0]"]), (["a.0", "a.2"], ["a.0=0", "a.2=1"]),
    (["a.0", "a"], ["a.0=0", "a=1"]), (["a.0", "a.0"], ["a.0=0", "a.0=1"]),
    (["a.00", ".0", "a.x"], ["a.00=0", ".0=1", "a.x=2"]),
    (["a.0.0", "a.1.0", "a.0.1"], ["a=[[0, 2], [1]]"]), (["a.99999999999999999999"], ["a.99999999999999999999=0"]),
  ])
  func `have the lists of their attributes put together, where they are whole`(_ keys: [String], _ joined: [String]) {
    let attributes = keys.enumerated().map { TraceAttribute($0.element, .int(Int64($0.offset))) }
    #expect(attributes.joiningLists.map { "\($0.key)=\($0.value.text)" } == joined)
  }

  @Test(arguments: [(0, nil), (1, 1), (1 << 31, 0), (1 << 31 | 1, 1), (.max, 0x7FFF_FFFF)] as [(UInt64, UInt32?)])
  func `have flags where the client sent some`(_ number: UInt64, _ flags: UInt32?) {
    #expect(TraceSpanLink.flags(marked: number) == flags)
  }

  @Test func `read on one line, attributes by their names`() {
    let id = TraceID(high: 1, low: 5)
    let attributes = (0..<10).map { TraceAttribute("k\(9 - $0)", .text("two\nlines")) }
    #expect(
      TraceSpanLink(traceID: TraceID(high: 0, low: 5), spanID: 6, attributes: [TraceAttribute("a", .int(1))]).text(
        in: id)
        == "span 0000000000000006 of this trace  a=1")
    #expect(
      TraceSpanLink(traceID: TraceID(high: 2, low: 5), spanID: 6).text(in: id)
        == "span 0000000000000006 of trace 00000000000000020000000000000005")
    #expect(
      TraceSpanLink(traceID: TraceID(high: 0, low: 0), spanID: 0, droppedAttributes: 2, attributes: attributes).text(
        in: id)
        == "span pointer" + (0..<8).map { "  k\($0)=two lines" }.joined() + "  … 4 more")
    let span = TraceSpan(spanID: 1, service: "s", operation: "o", resource: "r", startNs: 1_000, durationNs: 1)
    let error = TraceSpanEvent(
      timeNs: 6_000, name: "exception",
      attributes: [
        TraceAttribute("exception.type", .text("builtins.ValueError")),
        TraceAttribute("exception.message", .text("no")),
        TraceAttribute("exception.stacktrace", .text("…")), TraceAttribute("tries", .int(3)),
      ])
    #expect(error.text(in: span) == "+5.0µs exception builtins.ValueError: no  tries=3")
    #expect(TraceSpanEvent(timeNs: 0, name: "early").text(in: span) == "early")
  }

  @Test(arguments: [
    ("builtins.ValueError", "ValueError: no", "builtins.ValueError: no"),
    ("ValueError", "ValueError", "ValueError"), ("E", "Ex: m", "E: Ex: m"), ("", "m", "m"),
    ("a.E", "a.E: m", "a.E: m"), ("", "", "failed without a message"),
  ])
  func `of exceptions name the type once`(_ type: String, _ message: String, _ title: String) {
    var span = TraceSpan(
      spanID: 1, service: "s", operation: "o", resource: "r", startNs: 0, durationNs: 1, isError: true)
    span.meta = [("error.type", type), ("error.message", message)]
    #expect(TraceError(span)?.title == title)
  }

  @Test func `that random bytes are made into never lose what was there`() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    let tag = #"[{"name":"a","time_unix_nano":1,"attributes":{"k":["v",1.5,true]}},{"name":"b","time_unix_nano":2}]"#
    for _ in 0..<500 {
      var bytes = Array(tag.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: bytes.indices, using: &random)
        bytes[place] = Array(#"[]{}":,\0a"#.utf8).randomElement(using: &random) ?? 0
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let span = read(events: text)
      #expect(span.meta("events") == text || span.events.count == 2, "seed \(seed): \(text)")
    }
  }

  private func read(links: String? = nil, events: String? = nil) -> TraceSpan {
    var span = TraceSpan(spanID: 1, service: "s", operation: "o", resource: "r", startNs: 0, durationNs: 1)
    span.meta = [("_dd.span_links", links), ("events", events), ("k", "v")].compactMap { key, value in
      value.map { (key, $0) }
    }
    return reading(span)
  }

  private func reading(_ span: TraceSpan) -> TraceSpan {
    Trace(id: TraceID(high: 0, low: 1), spans: [span], isKept: true, keptBy: "").readingTaggedLists.spans[0]
  }
}
