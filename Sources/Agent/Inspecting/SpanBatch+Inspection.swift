import Control
import Decoding
import TraceModel
import Traces

/// What a batch holds behind its decoder, before any processing: as the client sent it.
extension SpanBatch {
  /// What the payload says of its client, by the names of the formats that do.
  var sender: [(key: String, value: String)] {
    let texts: [(String, ByteSlice)] = [
      ("language_name", payload.languageName), ("language_version", payload.languageVersion),
      ("tracer_version", payload.tracerVersion), ("runtime_id", payload.runtimeID), ("env", payload.env),
      ("hostname", payload.hostname), ("app_version", payload.appVersion), ("container_id", payload.containerID),
    ]
    var said: [(key: String, value: String)] = []
    for (key, value) in texts where !value.isEmpty { said.append((key, text(value))) }
    for attribute in attributes(payload.attributes) { said.append((attribute.key, attribute.value.text)) }
    return said
  }

  /// The traces, and of a payload whose decoding failed also the spans of the one at which it did.
  func inspectedTraces(_ failure: DecodeError?) -> [InspectedTrace] {
    var traces: [InspectedTrace] = []
    var end = 0
    for index in 0..<chunks.count {
      let chunk = chunks[index]
      traces.append(trace(of: chunk))
      end = max(end, chunk.spans.range.upperBound)
    }
    guard let failure else { return traces }
    // Spans that no chunk has yet.
    for rest in runs(from: min(end, spans.count), isSorted: failure.traceIndex >= 0) {
      var chunk = ChunkRecord()
      chunk.spans = IndexRange(start: rest.lowerBound, end: rest.upperBound)
      var trace = trace(of: chunk)
      trace.isWhole = false
      traces.append(trace)
    }
    return traces
  }

  /// Runs of spans of one trace. Where the format is sorted by trace all that are left are of one.
  private func runs(from first: Int, isSorted: Bool) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for index in first..<spans.count {
      var start = index
      if let last = runs.last, isSorted || spans[last.lowerBound].traceID == spans[index].traceID {
        start = last.lowerBound
        runs.removeLast()
      }
      runs.append(start..<index + 1)
    }
    return runs
  }

  private func trace(of chunk: ChunkRecord) -> InspectedTrace {
    let range = chunk.spans.range
    let low = range.isEmpty ? 0 : spans[range.lowerBound].traceID
    var read: [TraceSpan] = []
    var priority = chunk.priority == ChunkRecord.noPriority ? nil : Int(chunk.priority)
    for index in range {
      read.append(span(spans[index]))
      priority = priority ?? metric(.samplingPriority, of: spans[index]).flatMap { Int(exactly: $0.rounded()) }
    }
    let trace = Trace(id: TraceID(high: traceIDHigh(of: chunk), low: low), spans: read, isKept: true, keptBy: "")
    return InspectedTrace(trace, priority: priority)
  }

  private func span(_ record: SpanRecord) -> TraceSpan {
    var span = TraceSpan(
      spanID: record.spanID, parentID: record.parentID, service: text(record.service), operation: text(record.name),
      resource: text(record.resource), type: text(record.type), startNs: record.startNs,
      durationNs: record.durationNs, isError: record.error != 0)
    for index in record.meta.range where meta[index].known != .removed {
      span.meta.append((text(meta[index].key), text(meta[index].value)))
    }
    for attribute in attributes(record.typed) { span.meta.append((attribute.key, attribute.value.text)) }
    for index in record.metaStruct.range {
      span.meta.append((text(metaStruct[index].key), Self.sized(metaStruct[index].value)))
    }
    for index in record.metrics.range where metrics[index].known != .removed {
      span.metrics.append((text(metrics[index].key), metrics[index].value))
    }
    for index in record.links.range { span.links.append(link(links[index])) }
    for index in record.events.range { span.events.append(event(events[index])) }
    return span
  }

  private func link(_ record: LinkRecord) -> TraceSpanLink {
    var link = TraceSpanLink(
      traceID: TraceID(high: record.traceIDHigh, low: record.traceID), spanID: record.spanID,
      tracestate: text(record.tracestate), flags: TraceSpanLink.flags(marked: UInt64(record.flags)))
    for index in record.attributes.range {
      link.attributes.append(
        TraceAttribute(text(linkAttributes[index].key), .text(text(linkAttributes[index].value))))
    }
    link.attributes += attributes(record.typed)
    return link
  }

  private func event(_ record: EventRecord) -> TraceSpanEvent {
    TraceSpanEvent(
      timeNs: Int64(clamping: record.timeUnixNano), name: text(record.name), attributes: attributes(record.attributes))
  }

  /// Typed attributes, whatever they belong to.
  private func attributes(_ range: IndexRange) -> [TraceAttribute] {
    var attributes: [TraceAttribute] = []
    for index in range.range where !typedAttributes[index].value.isRemoved {
      let attribute = typedAttributes[index]
      attributes.append(TraceAttribute(text(attribute.key), value(attribute.value, depth: 0)))
    }
    return attributes
  }

  /// Levels of values in values that are shown; decoders take no more either.
  private static let depthMax = 64

  private func value(_ record: AnyValueRecord, depth: Int) -> TraceAttributeValue {
    var elements: [TraceAttributeValue] = []
    switch record.type {
    case 1: return .bool(record.bool)
    case 2: return .int(record.int)
    case 3: return .double(record.double)
    case 4:
      guard record.hasArray, depth < Self.depthMax else { return .array([]) }
      for index in record.array.range { elements.append(value(arrayValues[index], depth: depth + 1)) }
      return .array(elements)
    case 5: return .text(Self.sized(record.string))
    case 6:
      guard depth < Self.depthMax else { return .array([]) }
      for index in record.keyValues.range {
        let entry = typedAttributes[index]
        elements.append(.text("\(text(entry.key))=\(value(entry.value, depth: depth + 1).text)"))
      }
      return .array(elements)
    default: return .text(text(record.string))
    }
  }

  /// Bytes that are no text.
  private static func sized(_ bytes: ByteSlice) -> String { "(\(bytes.length) bytes)" }
}
