import TraceModel

/// Limits of the Datadog intake, in bytes.
enum IntakeLimits {
  static let serviceBytesMax = 100
  static let nameBytesMax = 100
  static let typeBytesMax = 100
  static let metaKeyBytesMax = 200
  static let metaValueBytesMax = 25_000
  static let metricKeyBytesMax = 200
  /// 2000-01-01 in ns since 1970: a span that starts before has a broken clock.
  static let year2000Ns: Int64 = 946_684_800_000_000_000
}

/// Normalizing: each span is mended where it can be, and what was mended is counted; a trace whose ids make no sense is
/// refused. Rules and their order are those of the Datadog agent.
extension Processor {
  mutating func normalizeTrace(
    _ batch: inout SpanBatch, chunk: Int, _ request: RequestFacts, counts: inout ProcessingCounts
  ) -> TraceDropReason? {
    let spans = batch.chunks[chunk].spans.range
    guard !spans.isEmpty else { return .emptyTrace }
    spanIDs.begin(count: spans.count)
    let traceID = batch.spans[spans.lowerBound].traceID
    for index in spans {
      guard batch.spans[index].traceID == traceID else { return .foreignSpan }
      guard traceID != 0 else { return .traceIDZero }
      guard batch.spans[index].spanID != 0 else { return .spanIDZero }
      normalizeSpan(&batch, index, request, counts: &counts)
      if spanIDs.insert(batch.spans[index].spanID, position: index) { counts.add(.duplicateSpanID) }
    }
    return nil
  }

  private mutating func normalizeSpan(
    _ batch: inout SpanBatch, _ index: Int, _ request: RequestFacts, counts: inout ProcessingCounts
  ) {
    normalizeService(&batch, index, request, counts: &counts)
    normalizeServiceAttribute(
      .peerService, &batch, index, tooLong: .peerServiceTruncate, invalid: .peerServiceInvalid, counts: &counts)
    normalizeServiceAttribute(
      .baseService, &batch, index, tooLong: .baseServiceTruncate, invalid: .baseServiceInvalid, counts: &counts)
    normalizeName(&batch, index, counts: &counts)
    if batch.spans[index].resource.isEmpty {
      counts.add(.resourceEmpty)
      batch.spans[index].resource = batch.spans[index].name
    }
    normalizeNumbers(&batch.spans[index], nowNs: request.nowNs, counts: &counts)
    if batch.spans[index].type.length > IntakeLimits.typeBytesMax {
      counts.add(.typeTruncate)
      batch.spans[index].type = truncated(batch.spans[index].type, batch, limit: IntakeLimits.typeBytesMax)
    }
    normalizeAttributes(&batch, index, counts: &counts)
    if !batch.spans[index].links.isEmpty { normalizeLinkNames(&batch, batch.spans[index].links) }
  }

  private mutating func normalizeService(
    _ batch: inout SpanBatch, _ index: Int, _ request: RequestFacts, counts: inout ProcessingCounts
  ) {
    var service = batch.spans[index].service
    if service.isEmpty {
      counts.add(.serviceEmpty)
      batch.spans[index].service = fallbackService(in: &batch, request.language)
      return
    }
    if service.length > IntakeLimits.serviceBytesMax {
      counts.add(.serviceTruncate)
      service = truncated(service, batch, limit: IntakeLimits.serviceBytesMax)
    }
    if let changed = tags.normalizeTag(batch.bytes(service)) {
      if changed.isEmpty {
        counts.add(.serviceInvalid)
        service = fallbackService(in: &batch, request.language)
      } else {
        service = batch.addBytes(changed)
      }
    }
    batch.spans[index].service = service
  }

  /// `unnamed-python-service`, or `unnamed-service` when the language is unknown or not a plain word.
  private mutating func fallbackService(in batch: inout SpanBatch, _ language: ByteSlice) -> ByteSlice {
    if let written = fallbackService { return written }
    let word = batch.bytes(language)
    let isPlain = word.count > 0 && word.count <= 64 && word.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    let name = isPlain ? Array("unnamed-".utf8) + Array(word) + Array("-service".utf8) : Array("unnamed-service".utf8)
    let written = batch.addBytes(name)
    fallbackService = written
    return written
  }

  private mutating func normalizeServiceAttribute(
    _ key: KnownKey, _ batch: inout SpanBatch, _ index: Int, tooLong: SpanMalformation, invalid: SpanMalformation,
    counts: inout ProcessingCounts
  ) {
    guard let entry = batch.metaIndex(key, of: batch.spans[index]) else { return }
    var value = batch.meta[entry].value
    guard !value.isEmpty else { return }
    if value.length > IntakeLimits.serviceBytesMax {
      counts.add(tooLong)
      value = truncated(value, batch, limit: IntakeLimits.serviceBytesMax)
    }
    if let changed = tags.normalizeTag(batch.bytes(value)) {
      if changed.isEmpty { counts.add(invalid) }
      value = batch.addBytes(changed)
    }
    batch.meta[entry].value = value
  }

  private mutating func normalizeName(_ batch: inout SpanBatch, _ index: Int, counts: inout ProcessingCounts) {
    var name = batch.spans[index].name
    if configuration.usesComponentAsName, let component = batch.meta(.component, of: batch.spans[index]) {
      name = component
    }
    if name.isEmpty {
      counts.add(.spanNameEmpty)
      batch.spans[index].name = batch.addText("unnamed_operation")
      return
    }
    if name.length > IntakeLimits.nameBytesMax {
      counts.add(.spanNameTruncate)
      name = truncated(name, batch, limit: IntakeLimits.nameBytesMax)
    }
    if let changed = names.normalize(batch.bytes(name)) {
      if changed.isEmpty {
        counts.add(.spanNameInvalid)
        name = batch.addText("unnamed_operation")
      } else {
        name = batch.addBytes(changed)
      }
    }
    batch.spans[index].name = name
  }

  private func normalizeNumbers(_ span: inout SpanRecord, nowNs: Int64, counts: inout ProcessingCounts) {
    // Zipkin clients give a root its own id as parent.
    if span.parentID == span.traceID, span.parentID == span.spanID { span.parentID = 0 }
    if span.durationNs < 0 || span.startNs.addingReportingOverflow(span.durationNs).overflow {
      counts.add(.invalidDuration)
      span.durationNs = 0
    }
    if span.startNs < IntakeLimits.year2000Ns {
      counts.add(.invalidStartDate)
      let (start, overflow) = nowNs.subtractingReportingOverflow(span.durationNs)
      span.startNs = overflow || start < 0 ? nowNs : start
    }
  }

  private mutating func normalizeAttributes(
    _ batch: inout SpanBatch, _ index: Int, counts: inout ProcessingCounts
  ) {
    if let entry = batch.metaIndex(.env, of: batch.spans[index]),
      let changed = tags.normalizeTagValue(batch.bytes(batch.meta[entry].value))
    {
      batch.meta[entry].value = batch.addBytes(changed)
    }
    if let code = batch.meta(.httpStatusCode, of: batch.spans[index]), !Self.isStatusCode(batch.bytes(code)) {
      counts.add(.invalidHTTPStatusCode)
      batch.removeMeta(.httpStatusCode, ofSpanAt: index)
    }
  }

  /// Whether the text is a decimal number from 100 to 599.
  package static func isStatusCode(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let code = DecimalText.unsigned(text) else { return false }
    return (100...599).contains(code)
  }

  private mutating func normalizeLinkNames(_ batch: inout SpanBatch, _ links: IndexRange) {
    for link in links.range {
      for attribute in batch.links[link].attributes.range
      where batch.equal(batch.linkAttributes[attribute].key, "link.name") {
        let value = batch.linkAttributes[attribute].value
        let short = truncated(value, batch, limit: IntakeLimits.nameBytesMax)
        guard let changed = names.normalize(batch.bytes(short)) else {
          batch.linkAttributes[attribute].value = short
          continue
        }
        batch.linkAttributes[attribute].value =
          changed.isEmpty ? batch.addText("unnamed_operation") : batch.addBytes(changed)
      }
    }
  }

  func truncated(_ slice: ByteSlice, _ batch: borrowing SpanBatch, limit: Int) -> ByteSlice {
    slice.prefix(ByteString.truncatedLength(batch.bytes(slice), limit: limit))
  }
}
