import TraceModel

extension PlainSpan {
  /// What a batch holds of a span. Entries that processing took out are left out, and those it added come last.
  package init(_ span: SpanRecord, of batch: borrowing SpanBatch) {
    self.init()
    service = PlainText(span.service, of: batch)
    name = PlainText(span.name, of: batch)
    resource = PlainText(span.resource, of: batch)
    type = PlainText(span.type, of: batch)
    (traceID, spanID, parentID) = (span.traceID, span.spanID, span.parentID)
    (startNs, durationNs, error) = (span.startNs, span.durationNs, span.error)
    for index in span.meta.range where batch.meta[index].known != .removed {
      meta.append(Pair(batch.meta[index], of: batch))
    }
    for index in span.metrics.range where batch.metrics[index].known != .removed {
      let entry = batch.metrics[index]
      metrics.append(Pair(PlainText(entry.key, of: batch), PlainNumber(entry.value, isInteger: entry.isInteger)))
    }
    for index in span.metaStruct.range where batch.metaStruct[index].known != .removed {
      metaStruct.append(Pair(batch.metaStruct[index], of: batch))
    }
    typed = plainPairs(span.typed, of: batch)
    for index in span.links.range { links.append(PlainLink(batch.links[index], of: batch)) }
    for index in span.events.range { events.append(PlainEvent(batch.events[index], of: batch)) }
  }
}

extension PlainText {
  /// The bytes of a slice.
  package init(_ slice: ByteSlice, of batch: borrowing SpanBatch) {
    self.init([UInt8](batch.bytes(slice)))
  }
}

extension Pair where Value == PlainText {
  fileprivate init(_ entry: MetaEntry, of batch: borrowing SpanBatch) {
    self.init(PlainText(entry.key, of: batch), PlainText(entry.value, of: batch))
  }
}

extension PlainLink {
  fileprivate init(_ link: LinkRecord, of batch: borrowing SpanBatch) {
    self.init()
    (traceID, traceIDHigh, spanID, flags) = (link.traceID, link.traceIDHigh, link.spanID, link.flags)
    tracestate = PlainText(link.tracestate, of: batch)
    for index in link.attributes.range { attributes.append(Pair(batch.linkAttributes[index], of: batch)) }
    typed = plainPairs(link.typed, of: batch)
  }
}

extension PlainEvent {
  fileprivate init(_ event: EventRecord, of batch: borrowing SpanBatch) {
    self.init()
    timeUnixNano = event.timeUnixNano
    name = PlainText(event.name, of: batch)
    attributes = plainPairs(event.attributes, of: batch)
  }
}

extension PlainValue {
  package init(_ value: AnyValueRecord, of batch: borrowing SpanBatch) {
    self.init()
    (type, bool, int, double) = (value.type, value.bool, value.int, PlainNumber(value.double))
    string = PlainText(value.string, of: batch)
    // Only v1.0 has that type; elsewhere the number has no meaning, and there is no list.
    if value.type == 6, batch.isIndexed || !value.keyValues.isEmpty {
      keyValues = plainPairs(value.keyValues, of: batch)
    }
    guard value.hasArray else { return }
    var elements: [PlainValue] = []
    for index in value.array.range { elements.append(PlainValue(batch.arrayValues[index], of: batch)) }
    array = elements
  }
}
