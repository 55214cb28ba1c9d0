/// Something that happened at one instant of a span.
package struct TraceSpanEvent: Sendable, Equatable {
  /// When it happened, in ns since 1970.
  package var timeNs: Int64
  package var name: String
  /// Attributes that the client left out, as it says.
  package var droppedAttributes: UInt32
  package var attributes: [TraceAttribute]

  /// An event without attributes unless some are given.
  package init(timeNs: Int64, name: String, droppedAttributes: UInt32 = 0, attributes: [TraceAttribute] = []) {
    self.timeNs = timeNs
    self.name = name
    self.droppedAttributes = droppedAttributes
    self.attributes = attributes
  }

  /// Whether it tells of an exception, caught or not (OpenTelemetry's name for it).
  package var isException: Bool { name.lowercased() == "exception" }

  /// The text attribute of one of some keys, the first of them that is there and not empty.
  func text(_ keys: String...) -> String? {
    for key in keys {
      if case .text(let text)? = attributes.last(where: { $0.key == key })?.value, !text.isEmpty { return text }
    }
    return nil
  }
}
