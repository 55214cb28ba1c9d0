import TraceModel

/// From the parts of a span to a record of the batch.
extension OTLPAssembler {
  /// Attributes that a span gets besides its own and the shared ones, at most.
  private static let fixedAttributesMax = 24

  /// Appends the span at hand, behind the last of its fields.
  mutating func finishSpan(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    let written = batch.sideArena.count
    let entries = attributes.count + shared.entries.count + Self.fixedAttributesMax
    try context.reserve(1, in: &batch.spans, at: offset)
    try context.reserve(entries, in: &batch.meta, at: offset)
    try context.reserve(attributes.count + 4, in: &batch.metrics, at: offset)
    // Texts of fixed length that may be written.
    guard batch.sideArena.reserve(2_048) else { throw .noMemory(at: offset) }
    var record = SpanRecord()
    (record.traceID, record.spanID, record.parentID) = (span.traceID.low, span.spanID, span.parentID)
    record.startNs = Int64(bitPattern: span.startNs)
    record.durationNs = Int64(bitPattern: span.endNs &- span.startNs)
    record.service = try service(&context, &batch, at: offset)
    record.name = try operation(&context, &batch, at: offset)
    record.resource = try resourceName(&context, &batch, at: offset)
    record.type = try spanType(&context, &batch, at: offset)
    // Written once for each span, though a resource says them once. What else is looked up there is charged as it is found.
    try context.charge(shared.textBytes + Int(record.service.length), at: offset)
    try noteOwnName(of: &record, &context, &batch, at: offset)
    let (meta, metrics) = (batch.meta.count, batch.metrics.count)
    record.meta = IndexRange(start: meta, end: meta)
    let run = try addAttributes(to: &record, &context, &batch, at: offset)
    try addFixed(to: &record, &context, &batch, at: offset)
    try addError(to: &record, &context, &batch, at: offset)
    try addLists(to: &record, &context, &batch, at: offset)
    if let run, batch.sharedMeta.isEmpty { shared.noteRun(at: run, &batch) }
    record.meta = IndexRange(start: meta, end: batch.meta.count)
    record.metrics = IndexRange(start: metrics, end: batch.metrics.count)
    batch.spans.append(record)
    try noteTraceIDHigh(at: offset)
    let unused = max(0, entries - Int(record.meta.count)) * MemoryLayout<MetaEntry>.stride
    context.refund(unused)
    try context.charge(batch.sideArena.count - written, at: offset)
  }

  /// The span's own name, where its resource is another one: outputs of OpenTelemetry call it by that.
  private mutating func noteOwnName(
    of record: inout SpanRecord, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    guard mapping.keepsOwnNames, !span.name.isEmpty, !batch.equal(span.name, record.resource) else { return }
    try context.reserve(1, in: &batch.ownNames, at: offset)
    batch.ownNames.append(span.name)
    record.ownName = UInt32(truncatingIfNeeded: batch.ownNames.count)
  }

  // MARK: Attributes

  /// The span's own attributes, then those that it shares and has none of its own for. Returns where these begin if it has
  /// all of them.
  private mutating func addAttributes(
    to record: inout SpanRecord, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> Int? {
    shared.beginSpan()
    for index in 0..<attributes.count {
      try add(attributes[index], to: &record, &context, &batch, at: offset)
    }
    saidKeys = record.metaKeys
    saidKeys.formUnion(shared.saidKeys)
    let run = batch.meta.count
    return shared.append(to: &record, &batch) ? run : nil
  }

  @inline(__always) private mutating func add(
    _ attribute: OTLPAttribute, to record: inout SpanRecord, _ context: inout DecodingContext,
    _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    guard attribute.facts.meaning.isPlain else {
      return try addOther(attribute, to: &record, &context, &batch, at: offset)
    }
    try append(attribute.value, attribute.key, attribute.facts, to: &record, &context, &batch, at: offset)
  }

  /// Adds an attribute that has a place of its own in Datadog, or another key, or is none there.
  @inline(never) private mutating func addOther(
    _ attribute: OTLPAttribute, to record: inout SpanRecord, _ context: inout DecodingContext,
    _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    let meaning = attribute.facts.meaning
    if meaning.isReserved { return }
    var (key, facts) = (attribute.key, attribute.facts)
    switch meaning {
    case .requestHeader:
      key = try requestHeader(attribute.key, &batch, at: offset)
      facts.known = context.knownKey(key, batch)
      facts.filterBit = unsafe OTLPSharedAttributes.filterBit(of: batch.bytes(key))
    case .samplingPriority:
      if let number = attribute.value.number { return addNumber(.priority, number, to: &record, &batch) }
    case .analyticsEvent:
      if let isEvent = Self.isTrue(attribute.value, batch) {
        return addNumber(.eventRate, isEvent ? 1 : 0, to: &record, &batch)
      }
    case .measured:
      if attribute.value.kind == .text, batch.equal(attribute.value.text, "1") {
        return addNumber(.measured, 1, to: &record, &batch)
      }
    default:
      if meaning == .responseStatus || meaning == .status, has(.datadogStatus) { return }
      if let renamed = meaning.renamed {
        // What is there under Datadog's name stays.
        if hasOwn(renamed) { return }
        if let text = OTLPText(renamed: renamed) {
          (key, facts.known) = texts.key(text)
          facts.filterBit = texts.filterBit(text)
        }
      }
    }
    try append(attribute.value, key, facts, to: &record, &context, &batch, at: offset)
  }

  /// Appends an attribute as a number or as a text.
  @inline(__always) private mutating func append(
    _ value: OTLPValue, _ key: ByteSlice, _ facts: OTLPKeyFacts, to record: inout SpanRecord,
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    let known = facts.known
    if let number = value.number {
      if known != .unknown { record.metricKeys.insert(known, isPeerTag: false) }
      return batch.metrics.append(
        MetricEntry(key: key, value: number, known: known, isInteger: value.kind == .int))
    }
    let content = try text(of: value, &context, &batch, at: offset)
    shared.replace(key, filterBit: facts.filterBit, batch)
    context.appendMeta(key, content, known: known, to: &record, from: Int(record.meta.start), &batch)
  }

  /// The key that Datadog has for a header of a request: `http.request.headers.x` for `http.request.header.x`.
  private mutating func requestHeader(
    _ key: ByteSlice, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    let start = batch.sideArena.count
    let name = key.dropping(OTLPKey.requestHeaderPrefix.utf8CodeUnitCount)
    guard batch.appendJSON("http.request.headers."), try append(name, &batch, at: offset) else {
      throw .noMemory(at: offset)
    }
    return ByteSlice(sideOffset: start, length: batch.sideArena.count - start)
  }

  /// A truth value, or a text that is one by the rules of Go.
  private static func isTrue(_ value: OTLPValue, _ batch: borrowing SpanBatch) -> Bool? {
    switch value.kind {
    case .bool: return value.bits == 1
    case .text:
      for word in ["1", "t", "T", "TRUE", "true", "True"] as [StaticString] where batch.equal(value.text, word) {
        return true
      }
      for word in ["0", "f", "F", "FALSE", "false", "False"] as [StaticString] where batch.equal(value.text, word) {
        return false
      }
      return nil
    case .json, .int, .double: return nil
    }
  }

  // MARK: What every span gets

  private mutating func addFixed(
    to record: inout SpanRecord, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    let said = try text(.datadogKind, &context, &batch, at: offset)
    if !said.isEmpty || !record.metaKeys.contains(.spanKind) {
      let kind = said.isEmpty ? texts.slice(OTLPText(kind: span.kind)) : said
      set(.spanKind, kind, in: &record, &context, &batch)
    }
    addTraceID(to: &record, &context, &batch)
    try addVersionAndEnvironment(to: &record, &context, &batch, at: offset)
    let status: OTLPText = span.statusCode == 2 ? .error : span.statusCode == 1 ? .ok : .unset
    set(.statusCode, texts.slice(status), in: &record, &context, &batch)
    if !span.statusMessage.isEmpty { set(.statusDescription, span.statusMessage, in: &record, &context, &batch) }
    if !span.traceState.isEmpty { set(.traceState, span.traceState, in: &record, &context, &batch) }
    if !hasOwn(.dbName) {
      let namespace = try text(.dbNamespace, &context, &batch, at: offset)
      if !namespace.isEmpty { set(.dbName, namespace, in: &record, &context, &batch) }
    }
    if let status = try number(.datadogStatus, &context, &batch, at: offset) {
      addNumber(.httpStatus, status, to: &record, &batch)
    }
    guard mapping.usesKindForTopLevel else { return }
    if span.parentID == 0 || span.kind == .server || span.kind == .consumer {
      addNumber(.topLevel, 1, to: &record, &batch)
    }
    if span.kind == .client || span.kind == .producer, !record.metricKeys.contains(.measured) {
      addNumber(.measured, 1, to: &record, &batch)
    }
  }

  /// The id in 32 digits; of a trace's first span also the upper half, where Datadog's tracers have it.
  private mutating func addTraceID(
    to record: inout SpanRecord, _ context: inout DecodingContext, _ batch: inout SpanBatch
  ) {
    let isFirst = lastTraceIDText.isEmpty || lastTraceID != span.traceID
    if isFirst {
      let start = batch.sideArena.count
      // There is memory for it.
      if batch.appendHex(span.traceID.high) { _ = batch.appendHex(span.traceID.low) }
      lastTraceIDText = ByteSlice(sideOffset: start, length: batch.sideArena.count - start)
      lastTraceID = span.traceID
    }
    set(.traceID, lastTraceIDText, in: &record, &context, &batch)
    if isFirst, span.traceID.high != 0 { set(.traceIDHigh, lastTraceIDText.prefix(16), in: &record, &context, &batch) }
  }

  /// Where the span or its resource says something for Datadog alone, or the span something else than its resource.
  private mutating func addVersionAndEnvironment(
    to record: inout SpanRecord, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    if spanKeys.meets(OTLPKeySet(.datadogVersion, .serviceVersion)) || resourceKeys.contains(.datadogVersion),
      has(.datadogVersion) || !saidKeys.contains(.version)
    {
      let version = try version(&context, &batch, at: offset)
      replaceDefault(.version, .version, by: version, in: &record, &context, &batch)
    }
    if spanKeys.meets(OTLPKeySet(.datadogEnv, .environmentName, .environment)) || resourceKeys.contains(.datadogEnv),
      has(.datadogEnv) || !saidKeys.contains(.env)
    {
      let env = try environment(&context, &batch, at: offset)
      replaceDefault(.env, .env, by: env, in: &record, &context, &batch)
    }
  }

  /// Sets an attribute in place of the one that the span's resource would give it; where nothing is said, it has none.
  private mutating func replaceDefault(
    _ key: OTLPText, _ known: KnownKey, by value: ByteSlice, in record: inout SpanRecord,
    _ context: inout DecodingContext, _ batch: inout SpanBatch
  ) {
    if !value.isEmpty { return set(key, value, in: &record, &context, &batch) }
    if saidKeys.contains(known) { return }
    DecodingContext.removeLast(known, of: &batch.meta, from: Int(record.meta.start))
    record.metaKeys.remove(known)
  }

  /// A number, also one that is written as text.
  private mutating func number(
    _ key: OTLPKey, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> Double? {
    guard let value = value(key) else { return nil }
    if let number = value.number { return number }
    let text = try text(of: value, &context, &batch, at: offset)
    return unsafe DecimalText.unsigned(batch.bytes(text)).map { Double($0) }
  }

  /// Adds a text attribute, in place of one with the same known key.
  mutating func set(
    _ key: OTLPText, _ value: ByteSlice, in record: inout SpanRecord, _ context: inout DecodingContext,
    _ batch: inout SpanBatch
  ) {
    let (name, known) = texts.key(key)
    context.appendMeta(name, value, known: known, to: &record, from: Int(record.meta.start), &batch)
  }

  /// Adds a number attribute of fixed name.
  private mutating func addNumber(
    _ key: OTLPText, _ value: Double, to record: inout SpanRecord, _ batch: inout SpanBatch
  ) {
    let (name, known) = texts.key(key)
    if known != .unknown { record.metricKeys.insert(known, isPeerTag: false) }
    batch.metrics.append(MetricEntry(key: name, value: value, known: known))
  }
}

extension ByteSlice {
  /// What is behind the first `count` bytes.
  fileprivate func dropping(_ count: Int) -> ByteSlice {
    let left = max(0, Int(length) - count)
    return isInSideArena
      ? ByteSlice(sideOffset: offset + count, length: left) : ByteSlice(bodyOffset: offset + count, length: left)
  }
}

extension OTLPText {
  /// The name of a span's kind, as `span.kind` has it.
  init(kind: OTLPSpan.Kind) {
    self =
      switch kind {
      case .unspecified: .unspecified
      case .internal: .internal
      case .server: .server
      case .client: .client
      case .producer: .producer
      case .consumer: .consumer
      }
  }
}
