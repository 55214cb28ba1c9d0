import MessagePack

/// A span as a test writes it down. What a test does not mention is a span that needs no repair.
package struct TestSpan: Sendable {
  package var service = "web"
  package var name = "flask.request"
  package var resource = "GET /"
  package var type = "web"
  package var traceID: UInt64 = 1
  package var spanID: UInt64
  package var parentID: UInt64
  /// Start, in ns since 1970.
  package var startNs: Int64 = TestSpan.someTimeNs
  package var durationNs: Int64 = 1_000_000
  package var error: Int32 = 0
  package var meta: [(String, String)] = []
  package var metrics: [(String, Double)] = []
  /// Values that take the place of the fields above, by wire name: for what the fields cannot say.
  package var overrides: [String: MessagePackValue] = [:]

  /// 2025-06-15, on a boundary of a minute, in ns since 1970.
  package static let someTimeNs: Int64 = 1_750_000_020_000_000_000

  package init(_ spanID: UInt64 = 1, parent: UInt64 = 0) {
    self.spanID = spanID
    parentID = parent
  }

  /// A copy with some fields changed.
  package func with(_ change: (inout TestSpan) -> Void) -> TestSpan {
    var copy = self
    change(&copy)
    return copy
  }

  /// A copy with one more text attribute.
  package func meta(_ key: String, _ value: String) -> TestSpan { with { $0.meta.append((key, value)) } }

  /// A copy with one more number attribute.
  package func metric(_ key: String, _ value: Double) -> TestSpan { with { $0.metrics.append((key, value)) } }

  /// The span as a v0.4 payload carries it.
  var value: MessagePackValue {
    var fields: [(String, MessagePackValue)] = [
      ("service", .text(service)), ("name", .text(name)), ("resource", .text(resource)), ("type", .text(type)),
      ("trace_id", .uint(traceID)), ("span_id", .uint(spanID)), ("parent_id", .uint(parentID)),
      ("start", .int(startNs)), ("duration", .int(durationNs)), ("error", .int(Int64(error))),
      ("meta", .map(meta.map { (.text($0.0), .text($0.1)) })),
      ("metrics", .map(metrics.map { (.text($0.0), .double($0.1)) })),
    ]
    for index in fields.indices {
      if let other = overrides[fields[index].0] { fields[index].1 = other }
    }
    for (key, other) in overrides where !fields.contains(where: { $0.0 == key }) { fields.append((key, other)) }
    return .map(fields.map { (.text($0.0), $0.1) })
  }
}

/// Payloads for tests.
package enum TestPayload {
  /// The body of a v0.4 request with these traces.
  package static func v04(_ traces: [[TestSpan]]) -> [UInt8] {
    MessagePackValue.array(traces.map { .array($0.map(\.value)) }).pack()
  }

  /// The body of a v0.7 request with these traces; `priorities`: of each, `nil` to say none; `sender`: what else it says.
  package static func v07(
    _ traces: [[TestSpan]], priorities: [Int64?], sender: [(key: MessagePackValue, value: MessagePackValue)] = []
  ) -> [UInt8] {
    let chunks = zip(traces, priorities).map { trace, priority -> MessagePackValue in
      ["priority": priority.map { .int($0) } ?? .null, "spans": .array(trace.map(\.value))]
    }
    return MessagePackValue.map(sender + [(key: "chunks", value: .array(chunks))]).pack()
  }

  /// The body of a v0.5 request with these traces: each text stands in its table once.
  package static func v05(_ traces: [[TestSpan]]) -> [UInt8] {
    var table: [MessagePackValue] = []
    var places: [String: UInt64] = [:]
    func text(_ text: String) -> MessagePackValue {
      if let place = places[text] { return .uint(place) }
      places[text] = UInt64(table.count)
      table.append(.text(text))
      return .uint(UInt64(table.count - 1))
    }
    _ = text("")
    let spans = traces.map { trace in
      MessagePackValue.array(
        trace.map { span in
          .array([
            text(span.service), text(span.name), text(span.resource), .uint(span.traceID), .uint(span.spanID),
            .uint(span.parentID), .int(span.startNs), .int(span.durationNs), .int(Int64(span.error)),
            .map(span.meta.map { (text($0.0), text($0.1)) }), .map(span.metrics.map { (text($0.0), .double($0.1)) }),
            text(span.type),
          ])
        })
    }
    return MessagePackValue.array([.array(table), .array(spans)]).pack()
  }
}
