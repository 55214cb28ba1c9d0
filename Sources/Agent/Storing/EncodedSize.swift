import TraceModel

/// About how many bytes the chunks of one batch take when they are encoded for the store, rather more than fewer: known
/// before they are encoded, because what there are too many of is not to be encoded at all.
struct EncodedSize: ~Copyable {
  /// What a chunk takes beside its spans, with what the store's queue has of it.
  private static let chunkBytes = 150
  /// Numbers of a span and the tags around its texts.
  private static let spanBytes = 96
  /// Tags and lengths around the texts of an attribute.
  private static let attributeBytes = 8
  /// Spans that are looked at in every batch.
  private static let samples = 16
  /// Of a number that is written as text.
  private static let numberTextBytes = 24
  /// Of a control character within a text in JSON: `\u0000`.
  private static let escapedBytes = 6

  /// Of each chunk, in bytes; 0 for those that processing has removed.
  private(set) var chunks = GrowableBuffer<Int>()
  /// Bytes and spans of all chunks but those that are too large to be encoded: they cost others nothing.
  private(set) var total = 0
  private(set) var spans = 0

  /// Measures the chunks of a batch: exactly, where that may decide what the store takes; else each span counts as much as
  /// a few of them do on average.
  /// - Parameters:
  ///   - bodyBytes: of the request. It shows large spans that are not among the few; where formats have a table of texts, it
  ///     may be smaller than what it holds.
  ///   - place: bytes that fit in any case.
  mutating func measure(_ batch: borrowing SpanBatch, bodyBytes: Int, place: Int) {
    removeAll()
    let usual = Self.usualBytes(batch)
    let estimate = usual &* batch.chunkedSpans.count &+ Self.chunkBytes &* batch.chunks.count
    let isExact = max(estimate, bodyBytes) > place / 2
    for index in 0..<batch.chunks.count {
      let chunk = batch.chunks[index]
      var bytes = 0
      if !chunk.isRemoved {
        bytes = Self.chunkBytes
        if isExact {
          for span in chunk.spans.range { bytes &+= Self.bytes(of: batch.spans[span], batch) }
        } else {
          bytes &+= usual &* Int(chunk.spans.count)
        }
      }
      chunks.append(bytes)
      guard bytes > 0, bytes <= TraceGatherer.measuredBytesMax else { continue }
      total &+= bytes
      spans &+= Int(chunk.spans.count)
    }
  }

  /// What a span takes on average, by a few of them.
  private static func usualBytes(_ batch: borrowing SpanBatch) -> Int {
    let spans = batch.chunkedSpans
    let count = min(spans.count, samples)
    guard count > 0 else { return 0 }
    var bytes = 0
    for sample in 0..<count {
      bytes &+= self.bytes(of: batch.spans[spans.lowerBound + sample * spans.count / count], batch)
    }
    return bytes / count
  }

  mutating func removeAll() {
    chunks.removeAll(keepingBytes: 1 << 16)
    total = 0
    spans = 0
  }

  private static func bytes(of span: SpanRecord, _ batch: borrowing SpanBatch) -> Int {
    var bytes = spanBytes &+ length(span.service) &+ length(span.name) &+ length(span.resource) &+ length(span.type)
    for index in span.meta.range {
      bytes &+= attributeBytes &+ length(batch.meta[index].key) &+ length(batch.meta[index].value)
    }
    for index in span.metrics.range { bytes &+= attributeBytes &+ 8 &+ length(batch.metrics[index].key) }
    for index in span.metaStruct.range {
      bytes &+= attributeBytes &+ length(batch.metaStruct[index].key) &+ length(batch.metaStruct[index].value)
    }
    for index in span.links.range {
      let link = batch.links[index]
      bytes &+= spanBytes &+ length(link.tracestate) &+ self.bytes(of: link.typed, batch, depth: 0)
      for index in link.attributes.range {
        bytes &+= attributeBytes &+ length(batch.linkAttributes[index].key) &+ length(batch.linkAttributes[index].value)
      }
    }
    for index in span.events.range {
      let event = batch.events[index]
      bytes &+= attributeBytes &+ 9 &+ length(event.name) &+ self.bytes(of: event.attributes, batch, depth: 0)
    }
    return bytes &+ self.bytes(of: span.typed, batch, depth: 0)
  }

  private static func bytes(of attributes: IndexRange, _ batch: borrowing SpanBatch, depth: Int) -> Int {
    var bytes = 0
    for index in attributes.range {
      let attribute = batch.typedAttributes[index]
      let key = length(attribute.key) &* (depth > 0 && batch.isIndexed ? escapedBytes : 1)
      bytes &+= attributeBytes &+ key &+ self.bytes(of: attribute.value, batch, depth: depth)
    }
    return bytes
  }

  /// Types of v1.0 are written as text, what is within other values as JSON.
  private static func bytes(of value: AnyValueRecord, _ batch: borrowing SpanBatch, depth: Int) -> Int {
    var bytes = attributeBytes &+ length(value.string)
    if batch.isIndexed {
      switch value.type {
      case 0: bytes &+= depth > 0 ? length(value.string) &* (escapedBytes - 1) : 0
      case 5: bytes &+= length(value.string) / 3 &+ 4
      case 1...3: bytes &+= numberTextBytes
      default: break
      }
    }
    guard depth < AnyValueRecord.depthMax else { return bytes }
    if value.type == 6 { return bytes &+ self.bytes(of: value.keyValues, batch, depth: depth + 1) }
    for index in value.array.range { bytes &+= self.bytes(of: batch.arrayValues[index], batch, depth: depth + 1) }
    return bytes
  }

  private static func length(_ text: ByteSlice) -> Int { Int(text.length) }
}
