/// One span as plain values, to compare what different readers and writers make of the same bytes.
package struct PlainSpan: Equatable, Sendable {
  package var service = PlainText()
  package var name = PlainText()
  package var resource = PlainText()
  package var type = PlainText()
  package var traceID: UInt64 = 0
  package var spanID: UInt64 = 0
  package var parentID: UInt64 = 0
  package var startNs: Int64 = 0
  package var durationNs: Int64 = 0
  package var error: Int32 = 0
  /// Attributes in the order they stand in, duplicates included.
  package var meta: [Pair<PlainText>] = []
  package var metrics: [Pair<PlainNumber>] = []
  package var metaStruct: [Pair<PlainText>] = []
  /// Those of types that only v1.0 has.
  package var typed: [Pair<PlainValue>] = []
  package var links: [PlainLink] = []
  package var events: [PlainEvent] = []

  package init() {}

  /// The span without the text attributes that a later one of the same key replaces. roost leaves out those whose key a
  /// stage looks for, and need not leave out others.
  package var withoutReplacedTags: PlainSpan {
    var span = self
    var later: Set<PlainText> = []
    span.meta = Array(meta.reversed().filter { later.insert($0.key).inserted }.reversed())
    return span
  }

  /// The span with its attributes as maps hold them: without duplicates, in the order of their keys.
  package var settled: PlainSpan {
    var span = self
    span.meta = meta.settled()
    span.metrics = metrics.settled()
    span.metaStruct = metaStruct.settled()
    span.typed = typed.settled()
    for index in links.indices {
      span.links[index].attributes = links[index].attributes.settled()
      span.links[index].typed = links[index].typed.settled()
    }
    for index in events.indices { span.events[index].attributes = events[index].attributes.settled() }
    return span
  }
}

/// A causal link to another span.
package struct PlainLink: Equatable, Sendable {
  package var traceID: UInt64 = 0
  package var traceIDHigh: UInt64 = 0
  package var spanID: UInt64 = 0
  package var attributes: [Pair<PlainText>] = []
  package var typed: [Pair<PlainValue>] = []
  package var tracestate = PlainText()
  package var flags: UInt32 = 0

  package init() {}
}

/// Something that happened at one instant of a span.
package struct PlainEvent: Equatable, Sendable {
  package var timeUnixNano: UInt64 = 0
  package var name = PlainText()
  package var attributes: [Pair<PlainValue>] = []

  package init() {}
}

/// The wire's manual union: what every field holds, whatever the type says.
package struct PlainValue: Equatable, Sendable, ExpressibleByStringLiteral {
  package var type: Int32 = 0
  package var string = PlainText()
  package var bool = false
  package var int: Int64 = 0
  package var double = PlainNumber()
  /// `nil` when there is no array; its elements have none, but in v1.0.
  package var array: [PlainValue]?
  /// `nil` when it is no key-value list.
  package var keyValues: [Pair<PlainValue>]?

  package init() {}

  package init(_ text: PlainText) { string = text }
  package init(stringLiteral value: String) { string = PlainText(value) }

  package init(bool: Bool) { (type, self.bool) = (1, bool) }
  package init(int: Int64) { (type, self.int) = (2, int) }
  package init(double: Double) { (type, self.double) = (3, PlainNumber(double)) }
  package init(bytes: [UInt8]) { (type, string) = (5, PlainText(bytes)) }
  package init(array: [PlainValue]) { (type, self.array) = (4, array) }
  package init(keyValues: [Pair<PlainValue>]) { (type, self.keyValues) = (6, keyValues) }
}
