import TraceModel

/// Links and events of spans: fields 13 and 11 of a `Span`.
extension OTLPTracesEncoder {
  static let link: UInt8 = 0x6A
  static let event: UInt8 = 0x5A
  /// Of W3C's flags a byte is defined; tracers of Datadog put a bit above it that says that there are any.
  static let flagsMask: UInt32 = 0xFF

  /// Those that the format has places for, those that tracers write into tags, and the error of a span without an event
  /// that says it.
  @inline(__always) mutating func encodeLists(
    of span: SpanRecord, _ facts: SpanFacts, _ batch: borrowing SpanBatch
  ) {
    if !span.events.isEmpty { encodeEvents(span.events, batch) }
    if facts.events >= 0 { encodeTaggedEvents(batch.meta[facts.events], batch) }
    if facts.movesError { encodeError(of: span, facts, batch) }
    if !span.links.isEmpty { encodeLinks(span.links, batch) }
    if facts.links >= 0 { encodeTaggedLinks(batch.meta[facts.links], batch) }
  }

  private mutating func encodeEvents(_ range: IndexRange, _ batch: borrowing SpanBatch) {
    for index in range.range.reversed() {
      let event = batch.events[index]
      let mark = buffer.count
      encodeTyped(event.attributes, field: 0x1A, batch)
      buffer.prepend(field: 0x12, text: event.name, of: batch)
      closeEvent(atNs: event.timeUnixNano, since: mark)
    }
  }

  /// Closes an event that began when `count` was `mark`.
  mutating func closeEvent(atNs time: UInt64, since mark: Int) {
    if time != 0 {
      buffer.prepend(fixed64: time)
      buffer.prepend(byte: 0x09)
    }
    buffer.closeMessage(field: Self.event, since: mark)
  }

  /// Makes an event of a span's error, as OpenTelemetry has it: at the span's end.
  private mutating func encodeError(of span: SpanRecord, _ facts: SpanFacts, _ batch: borrowing SpanBatch) {
    if facts.errorMessage.isEmpty, facts.errorType.isEmpty, facts.errorStack.isEmpty { return }
    let mark = buffer.count
    if !facts.errorStack.isEmpty { encodeAttribute("exception.stacktrace", facts.errorStack, batch, field: 0x1A) }
    if !facts.errorMessage.isEmpty { encodeAttribute("exception.message", facts.errorMessage, batch, field: 0x1A) }
    if !facts.errorType.isEmpty { encodeAttribute("exception.type", facts.errorType, batch, field: 0x1A) }
    buffer.prepend(field: 0x12, text: "exception")
    closeEvent(atNs: UInt64(clamping: span.endNs), since: mark)
  }

  private mutating func encodeLinks(_ range: IndexRange, _ batch: borrowing SpanBatch) {
    for index in range.range.reversed() {
      let link = batch.links[index]
      let mark = buffer.count
      encode(linkFlags: link.flags)
      encodeTyped(link.typed, field: 0x22, batch)
      for attribute in link.attributes.range.reversed() {
        let entry = batch.linkAttributes[attribute]
        buffer.prependAttribute(field: 0x22, key: entry.key, text: entry.value, of: batch.texts)
      }
      buffer.prepend(field: 0x1A, text: link.tracestate, of: batch)
      encode(spanID: link.spanID, field: 0x12)
      encode(traceIDHigh: link.traceIDHigh, low: link.traceID)
      buffer.closeMessage(field: Self.link, since: mark)
    }
  }

  mutating func encode(linkFlags flags: UInt32) {
    guard flags & Self.flagsMask != 0 else { return }
    buffer.prepend(fixed32: flags & Self.flagsMask)
    buffer.prepend(byte: 0x35)
  }
}
