import TraceModel

/// Normalizing: each span is repaired where it can be, and what was repaired is counted; a trace whose ids make no sense
/// is removed. Rules and their order are those of the Datadog agent.
struct NormalizingStep: ProcessingStep {
  let name = "normalize"
  let usesComponentAsName: Bool
  var worksOnStatistics: Bool { true }
  private var repaired = RepairCounts()
  /// The name for spans without a service, written once a request.
  private var fallbackService: ByteSlice?

  init(usesComponentAsName: Bool) {
    self.usesComponentAsName = usesComponentAsName
  }

  var removalReasons: [RemovalReason] { TraceDropReason.allCases.map(\.removal) }
  var repairs: [ProcessingCounts.Repair] { repaired.repairs(step: name) }

  mutating func begin(_ batch: inout SpanBatch, _ context: inout ProcessingContext) {
    fallbackService = nil
    if let changed = context.tags.normalizeTagValue(batch.bytes(batch.payload.env)) {
      batch.payload.env = batch.addBytes(changed)
    }
  }

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    let spans = batch.chunks[chunk].spans.range
    guard let reason = normalizeTrace(&batch, chunk, spans, &context) else { return nil }
    // What is told of the loss is under the name that the tables show.
    if let first = spans.first { normalizeService(&batch, first, &context, isCounted: false) }
    return reason.removal
  }

  private mutating func normalizeTrace(
    _ batch: inout SpanBatch, _ chunk: Int, _ spans: Range<Int>, _ context: inout ProcessingContext
  ) -> TraceDropReason? {
    guard !spans.isEmpty else { return .emptyTrace }
    context.spanIDs.begin(count: spans.count)
    let traceID = batch.spans[spans.lowerBound].traceID
    // In v1.0 the whole id is one field of the chunk.
    let hasTraceID = traceID != 0 || batch.isIndexed && batch.chunks[chunk].traceIDHigh != 0
    for index in spans {
      guard batch.spans[index].traceID == traceID else { return .foreignSpan }
      guard hasTraceID else { return .traceIDZero }
      guard batch.spans[index].spanID != 0 else { return .spanIDZero }
      normalizeSpan(&batch, index, &context)
      if context.spanIDs.insert(batch.spans[index].spanID, position: index) { repaired.add(.duplicateSpanID) }
    }
    return nil
  }

  private mutating func normalizeSpan(
    _ batch: inout SpanBatch, _ index: Int, _ context: inout ProcessingContext
  ) {
    normalizeService(&batch, index, &context)
    normalizeServiceAttribute(
      .peerService, &batch, index, &context, tooLong: .peerServiceTruncate, invalid: .peerServiceInvalid)
    normalizeServiceAttribute(
      .baseService, &batch, index, &context, tooLong: .baseServiceTruncate, invalid: .baseServiceInvalid)
    normalizeName(&batch, index, &context)
    if batch.spans[index].resource.isEmpty {
      repaired.add(.resourceEmpty)
      batch.spans[index].resource = batch.spans[index].name
    }
    let isIndexed = batch.isIndexed
    normalizeNumbers(&batch.spans[index], isIndexed: isIndexed, nowNs: context.request.nowNs)
    if batch.spans[index].type.length > IntakeLimits.typeBytesMax {
      repaired.add(.typeTruncate)
      batch.spans[index].type = IntakeLimits.prefix(batch.spans[index].type, batch, bytesMax: IntakeLimits.typeBytesMax)
    }
    normalizeAttributes(&batch, index, &context)
    if !batch.spans[index].links.isEmpty { normalizeLinkNames(&batch, batch.spans[index].links, &context) }
  }

  private mutating func normalizeService(
    _ batch: inout SpanBatch, _ index: Int, _ context: inout ProcessingContext, isCounted: Bool = true
  ) {
    var service = batch.spans[index].service
    if service.isEmpty {
      if isCounted { repaired.add(.serviceEmpty) }
      batch.spans[index].service = fallbackService(in: &batch, context.request.language)
      return
    }
    if service.length > IntakeLimits.serviceBytesMax {
      if isCounted { repaired.add(.serviceTruncate) }
      service = IntakeLimits.prefix(service, batch, bytesMax: IntakeLimits.serviceBytesMax)
    }
    if let changed = context.tags.normalizeTagValue(batch.bytes(service)) {
      if changed.isEmpty {
        if isCounted { repaired.add(.serviceInvalid) }
        service = fallbackService(in: &batch, context.request.language)
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
    _ key: KnownKey, _ batch: inout SpanBatch, _ index: Int, _ context: inout ProcessingContext,
    tooLong: SpanMalformation, invalid: SpanMalformation
  ) {
    guard let entry = batch.metaIndex(key, of: batch.spans[index]) else { return }
    var value = batch.meta[entry].value
    guard !value.isEmpty else { return }
    if value.length > IntakeLimits.serviceBytesMax {
      repaired.add(tooLong)
      value = IntakeLimits.prefix(value, batch, bytesMax: IntakeLimits.serviceBytesMax)
    }
    if let changed = context.tags.normalizeTagValue(batch.bytes(value)) {
      if changed.isEmpty { repaired.add(invalid) }
      value = batch.addBytes(changed)
    }
    batch.meta[entry].value = value
  }

  private mutating func normalizeName(_ batch: inout SpanBatch, _ index: Int, _ context: inout ProcessingContext) {
    var name = batch.spans[index].name
    if usesComponentAsName, let component = batch.meta(.component, of: batch.spans[index]) {
      name = component
    }
    if name.isEmpty {
      repaired.add(.spanNameEmpty)
      batch.spans[index].name = batch.addText("unnamed_operation")
      return
    }
    if name.length > IntakeLimits.nameBytesMax {
      repaired.add(.spanNameTruncate)
      name = IntakeLimits.prefix(name, batch, bytesMax: IntakeLimits.nameBytesMax)
    }
    if let changed = context.names.normalize(batch.bytes(name)) {
      if changed.isEmpty {
        repaired.add(.spanNameInvalid)
        name = batch.addText("unnamed_operation")
      } else {
        name = batch.addBytes(changed)
      }
    }
    batch.spans[index].name = name
  }

  private mutating func normalizeNumbers(_ span: inout SpanRecord, isIndexed: Bool, nowNs: Int64) {
    // Zipkin clients give a root its own id as parent, and the trace too; in v1.0 the Datadog agent does not ask for that.
    if span.parentID == span.spanID, isIndexed || span.parentID == span.traceID { span.parentID = 0 }
    if span.durationNs < 0 || span.startNs.addingReportingOverflow(span.durationNs).overflow {
      repaired.add(.invalidDuration)
      span.durationNs = 0
    }
    if span.startNs < IntakeLimits.year2000Ns {
      repaired.add(.invalidStartDate)
      let (start, overflow) = nowNs.subtractingReportingOverflow(span.durationNs)
      span.startNs = overflow || start < 0 ? nowNs : start
    }
  }

  private mutating func normalizeAttributes(
    _ batch: inout SpanBatch, _ index: Int, _ context: inout ProcessingContext
  ) {
    if let entry = batch.metaIndex(.env, of: batch.spans[index]),
      let changed = context.tags.normalizeTagValue(batch.bytes(batch.meta[entry].value))
    {
      batch.meta[entry].value = batch.addBytes(changed)
    }
    if let code = batch.meta(.httpStatusCode, of: batch.spans[index]), !Self.isStatusCode(batch.bytes(code)) {
      repaired.add(.invalidHTTPStatusCode)
      batch.removeMeta(.httpStatusCode, ofSpanAt: index)
    }
  }

  /// Whether the text is a decimal number from 100 to 599.
  private static func isStatusCode(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let code = DecimalText.unsigned(text) else { return false }
    return (100...599).contains(code)
  }

  private mutating func normalizeLinkNames(
    _ batch: inout SpanBatch, _ links: IndexRange, _ context: inout ProcessingContext
  ) {
    for link in links.range {
      for attribute in batch.links[link].attributes.range
      where batch.equal(batch.linkAttributes[attribute].key, "link.name") {
        let value = batch.linkAttributes[attribute].value
        let short = IntakeLimits.prefix(value, batch, bytesMax: IntakeLimits.nameBytesMax)
        guard let changed = context.names.normalize(batch.bytes(short)) else {
          batch.linkAttributes[attribute].value = short
          continue
        }
        batch.linkAttributes[attribute].value =
          changed.isEmpty ? batch.addText("unnamed_operation") : batch.addBytes(changed)
      }
    }
  }
}
