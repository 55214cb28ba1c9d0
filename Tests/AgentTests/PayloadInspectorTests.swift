import Compression
import Control
import JSON
import TestSpans
import TestTraces
import Testing
import Traces

@testable import Agent

@Suite struct `A captured payload` {
  private static func inspect(
    _ bytes: [UInt8], name: String = "", format: String? = nil
  ) throws -> InspectedPayload {
    try PayloadInspector.inspect(CapturedPayload(bytes, fileName: name, format: format))
  }

  /// Service, operation and id of each span, trace by trace.
  private static func spans(_ payload: InspectedPayload) -> [[String]] {
    payload.traces.map { $0.trace.spans.map { "\($0.service) \($0.operation) \($0.spanID)" }.sorted() }
  }

  private static func text(_ text: PlainText) -> String { String(decoding: text.repaired.bytes, as: UTF8.self) }

  @Test func `of a real tracer is read whatever it is, with nothing said about it`() throws {
    let captured = try CapturedRequest.all()
    #expect(captured.count > 30)
    for request in captured {
      let read = try Self.inspect(request.body)
      #expect(read.format == request.format.rawValue && (read.fault != nil) == (request.traces == nil), "\(request)")
      guard let traces = request.traces else { continue }
      let expected = traces.map { trace in
        trace.map { "\(Self.text($0.service)) \(Self.text($0.name)) \($0.spanID)" }.sorted()
      }
      #expect(Self.spans(read) == expected, "\(request)")
      for other in [TestTraces.TraceFormat.v07, .v10] {
        guard let twin = request.twin(as: other) else { continue }
        let readTwin = try Self.inspect(twin)
        #expect(readTwin.format == other.rawValue && Self.spans(readTwin) == expected, "\(request)")
      }
    }
  }

  private static let span =
    #"{"trace_id":1,"span_id":2,"service":"web","name":"job","resource":"r","metrics":{"_sampling_priority_v1":2}}"#

  /// What its bytes and its name say.
  static let looks: [(name: String, bytes: [UInt8], format: String?)] = [
    ("", Array("[[\(span)]]".utf8), "v0.4"), ("x-v0.2.json", Array(" [\n[\(span)]]".utf8), "v0.2"),
    ("", Array("[\(span)]".utf8), "v0.1"), ("v0.5.bin", Array("[\(span)]".utf8), "v0.1"),
    ("", TestPayload.v04([[TestSpan(1)]]), "v0.4"), ("a.v0.3", TestPayload.v04([[TestSpan(1)]]), "v0.3"),
    ("", TestPayload.v04([[TestSpan(1)], [TestSpan(2)]]), "v0.4"), ("", TestPayload.v05([[TestSpan(1)]]), "v0.5"),
    ("", [0x90], "v0.4"), ("v0.5", [0x92, 0x90, 0x90], "v0.5"), ("", [0xDD, 0, 0], "v0.4"), ("", [0x80], "v0.7"),
    ("", [0x81, 0x0B, 0x90], "v1.0"), ("", [0x81, 0xA1], "v0.7"),
    ("", [0x81, 0xA1, 0x53], "v0.6/stats"), ("", [0x81, 0xDA, 0, 3, 0x45], "v0.6/stats"),
    ("", [0x81, 0xC4, 1, 0x65], "v0.7"),
    ("", Array("GET / HTTP/1.1".utf8), nil), ("v0.5", Array("page.views:1|c".utf8), "v0.5"), ("", [0xC1], nil),
  ]

  @Test(arguments: looks)
  func `has the format that it looks like, else that its name says`(
    _ look: (name: String, bytes: [UInt8], format: String?)
  ) throws {
    guard let format = look.format else {
      #expect(throws: InspectionError.unknownFormat) { try Self.inspect(look.bytes, name: look.name) }
      return
    }
    #expect(try Self.inspect(look.bytes, name: look.name).format == format)
  }

  @Test func `is read as the format that somebody says`() throws {
    for format in PayloadInspector.formatNames {
      let read = try Self.inspect(Array("[\(Self.span)]".utf8), format: format)
      #expect(read.format == format && (read.fault == nil) == (format == PayloadInspector.formatNames[0]))
    }
  }

  @Test(arguments: [("gzip", PayloadCompression.gzip(level: 6)), ("zstd", .zstd(level: 1))])
  func `may be compressed, and be damaged so`(_ name: String, _ compression: PayloadCompression) throws {
    let body = TestPayload.v05([[TestSpan(1), TestSpan(2, parent: 1)]])
    let packed = try compression.compressed(body)
    let read = try Self.inspect(packed)
    #expect(read.format == "v0.5" && read.compression == name && read.bytes == body.count && read.spanCount == 2)
    let cut = try Self.inspect(Array(packed.dropLast(6)))
    #expect(cut.traces.isEmpty && cut.fault?.isOfCompression == true && cut.fault?.message.contains(name) == true)
    #expect(!cut.besideFault.isEmpty)
  }

  @Test func `is shown with priority, tags, links and events as its client sent them`() throws {
    let json = Array(
      #"""
      [[{"trace_id":1,"span_id":2,"service":"web","name":"job","resource":"SELECT 'secret'","type":"sql","error":1,
      "meta":{"k":"v"},"metrics":{"_sampling_priority_v1":2,"n":1.5},"meta_struct":{"appsec":"AAEC"},
      "span_links":[{"trace_id":9,"span_id":8,"attributes":{"a":"b"}}],
      "span_events":[{"time_unix_nano":5,"name":"e","attributes":{"x":{"type":4,"array_value":{"values":[{"type":2,"int_value":3}]}}}}]}]]
      """#.utf8)
    let read = try Self.inspect(json)
    #expect(read.fault == nil && read.encoding == "JSON")
    let trace = try #require(read.traces.first)
    let span = try #require(trace.trace.spans.first)
    #expect(trace.priority == 2 && trace.isWhole && span.isError && span.resource == "SELECT 'secret'")
    #expect(span.meta("k") == "v" && span.metric("n") == 1.5 && span.meta("appsec") == "(3 bytes)")
    #expect(span.links.map(\.spanID) == [8] && span.links.first?.attributes == [TraceAttribute("a", .text("b"))])
    #expect(span.events.first?.attributes == [TraceAttribute("x", .array([.int(3)]))])
    let document = read.document
    #expect(document["schema"]?.string == "roost.inspect.v1" && document["span_count"]?.integer == 1)
    #expect(document["traces"]?.elements?.first?["priority"]?.integer == 2)
    #expect(document["traces"]?.elements?.first?["kept"] == nil)
  }

  @Test func `that ends anywhere shows what came before, and where it ends`() throws {
    let whole = TestPayload.v04([[TestSpan(1), TestSpan(2, parent: 1)], [TestSpan(3).with { $0.traceID = 2 }]])
    for length in 1..<whole.count {
      let read = try Self.inspect(Array(whole[..<length]), format: "v0.4")
      let fault = try #require(read.fault, "\(length)")
      let ids = read.traces.flatMap { $0.trace.spans.map(\.spanID) }.sorted()
      #expect(ids == Array([1, 2, 3].prefix(ids.count)) && fault.byteOffset ?? -1 <= length)
      let isWhole = read.traces.dropLast().allSatisfy(\.isWhole)
      #expect(isWhole)
    }
  }

  @Test func `that is damaged in any way is looked into all the same`() throws {
    let requests = try CapturedRequest.all().filter { $0.body.count < 2_500 }
    var mutator = Mutator(seed: 7, corpus: requests.map(\.body) + requests.compactMap { $0.twin(as: .v07) })
    var faults = 0
    for _ in 0..<200 {
      let bytes = mutator.next()
      guard let read = try? Self.inspect(bytes) else { continue }
      #expect(read.document["trace_count"]?.integer == Int64(read.traces.count))
      guard let offset = read.fault?.byteOffset else { continue }
      faults += 1
      #expect((0...Int64(bytes.count)).contains(offset), "\(bytes)")
    }
    #expect(faults > 50)
  }

  @Test func `that is not sorted by trace shows the spans that came`() throws {
    let other = Self.span.replacing("\"trace_id\":1", with: "\"trace_id\":5")
    let read = try Self.inspect(Array("[\(Self.span),\(Self.span),\(other),{\"service\":7}]".utf8))
    #expect(read.format == "v0.1" && read.fault?.field == "service" && read.fault?.trace == nil)
    #expect(read.traces.map { $0.trace.spans.count } == [2, 1] && read.traces.allSatisfy { !$0.isWhole })
  }

  @Test func `without bytes is none`() {
    #expect(throws: InspectionError.empty) { try Self.inspect([]) }
  }
}
