/// A payload as plain values: its traces, and what it says besides of its sender and of each trace.
package struct PlainPayload: Equatable, Sendable {
  package var traces: [[PlainSpan]] = []
  /// As many as there are traces.
  package var chunks: [PlainChunk] = []
  package var sender = PlainSender()

  package init() {}

  /// A payload that says nothing but its traces.
  package init(traces: [[PlainSpan]]) {
    self.traces = traces
    chunks = [PlainChunk](repeating: PlainChunk(), count: traces.count)
  }
}

/// What a payload says of one trace besides its spans.
package struct PlainChunk: Equatable, Sendable {
  /// -128 where nothing is said of it.
  package var priority: Int32 = -128
  package var origin = PlainText()
  package var decisionMaker = PlainText()
  package var traceIDHigh: UInt64 = 0
  package var tags: [Pair<PlainValue>] = []

  package init() {}
}

/// What a payload says of its sender.
package struct PlainSender: Equatable, Sendable {
  /// By their names on the wire; those that are empty are left out.
  package var fields: [String: PlainText] = [:]
  package var tags: [Pair<PlainValue>] = []

  package init() {}

  /// Sets a field, or removes it where the text is empty.
  package mutating func set(_ name: String, _ text: PlainText) {
    fields[name] = text.bytes.isEmpty ? nil : text
  }
}

extension PlainText {
  /// As many whole characters as fit `bytesMax`; for texts that are UTF-8.
  package func prefix(bytesMax: Int) -> PlainText {
    guard bytes.count > bytesMax else { return self }
    var end = bytesMax
    while end > 0, String(validating: bytes[..<end], as: UTF8.self) == nil { end -= 1 }
    return PlainText(Array(bytes[..<end]))
  }
}
