import TraceModel

/// Makes spans of a batch from what the readers of OTLP find: the resource and the scope first, then span by span.
///
/// The readers of both encodings fill it and know nothing of Datadog's spans. Memory is kept from span to span and from
/// request to request, so that a span allocates nothing once the arrays have grown.
struct OTLPAssembler: ~Copyable, Sendable {
  var mapping = OTLPMapping()
  /// Whether the resource says that its client computes statistics itself.
  private(set) var hasComputedStatistics = false

  /// The span at hand, and its parts.
  var span = OTLPSpan()
  private(set) var attributes = GrowableBuffer<OTLPAttribute>()
  private(set) var events = GrowableBuffer<OTLPEvent>()
  private(set) var links = GrowableBuffer<OTLPLink>()
  /// Attributes of events and links.
  private(set) var nested = GrowableBuffer<OTLPAttribute>()
  private var spanKeys = OTLPKeySet()
  /// Where the first attribute of each key is: those of the span, then those of the resource. Others are not looked up.
  private var places = GrowableBuffer<UInt32>()
  /// As many keys as an `OTLPKeySet` tells apart.
  private static var keysMax: Int { 64 }

  private(set) var resource = GrowableBuffer<OTLPAttribute>()
  /// Where the resource lies in the body; of one in several pieces, between which spans may lie, the first.
  private(set) var resourcePlace = ByteSlice.empty
  private var resourceKeys = OTLPKeySet()
  /// What all spans of a scope get: attributes of the resource, then those of the scope.
  var shared = OTLPSharedAttributes()
  private(set) var scopeName = ByteSlice.empty
  private(set) var scopeVersion = ByteSlice.empty

  var texts = OTLPTexts()
  private var table = OTLPKeyTable()
  /// The trace of the span before, with its id as text: spans of a trace come one after the other, as a rule.
  var lastTraceID = OTLPTraceID()
  var lastTraceIDText = ByteSlice.empty

  /// Upper halves of the trace ids of the part's spans.
  private var traceIDHighs = GrowableBuffer<UInt64>()

  /// For a batch that is empty yet.
  mutating func begin(_ keys: KeyTable, _ batch: inout SpanBatch) {
    batch.sharesTexts = true
    table.prepare()
    if places.isEmpty { places.append(repeating: 0, count: 2 * Self.keysMax) }
    texts.begin(keys, &batch)
    lastTraceIDText = .empty
    hasComputedStatistics = false
  }

  /// Forgets the payload; keeps at most `SpanBatch.keptBytesPerArray` an array.
  mutating func removeAll() {
    let kept = SpanBatch.keptBytesPerArray
    attributes.removeAll(keepingBytes: kept)
    events.removeAll(keepingBytes: kept)
    links.removeAll(keepingBytes: kept)
    nested.removeAll(keepingBytes: kept)
    resource.removeAll(keepingBytes: kept)
    traceIDHighs.removeAll(keepingBytes: kept)
    shared.removeAll()
  }

  // MARK: Attributes

  /// An attribute with its key recognized.
  func attribute(
    _ key: ByteSlice, _ known: KnownKey, _ value: OTLPValue, _ batch: borrowing SpanBatch
  ) -> OTLPAttribute {
    OTLPAttribute(key: key, known: known, meaning: unsafe table.find(batch.bytes(key)), value: value)
  }

  mutating func add(
    _ attribute: OTLPAttribute, _ context: inout DecodingContext, at offset: Int
  ) throws(ValueError) {
    try context.reserve(1, in: &attributes, at: offset)
    if !spanKeys.contains(attribute.meaning) {
      spanKeys.insert(attribute.meaning)
      places[Int(attribute.meaning.rawValue)] = UInt32(truncatingIfNeeded: attributes.count)
    }
    attributes.append(attribute)
  }

  mutating func addNested(
    _ attribute: OTLPAttribute, _ context: inout DecodingContext, at offset: Int
  ) throws(ValueError) {
    try context.reserve(1, in: &nested, at: offset)
    nested.append(attribute)
  }

  mutating func add(_ event: OTLPEvent, _ context: inout DecodingContext, at offset: Int) throws(ValueError) {
    try context.reserve(1, in: &events, at: offset)
    events.append(event)
  }

  mutating func add(_ link: OTLPLink, _ context: inout DecodingContext, at offset: Int) throws(ValueError) {
    try context.reserve(1, in: &links, at: offset)
    links.append(link)
  }

  mutating func addToResource(
    _ attribute: OTLPAttribute, _ context: inout DecodingContext, at offset: Int
  ) throws(ValueError) {
    guard resource.count < OTLPSharedAttributes.entriesMax else { throw OTLPSharedAttributes.tooMany(at: offset) }
    try context.reserve(1, in: &resource, at: offset)
    if !resourceKeys.contains(attribute.meaning) {
      resourceKeys.insert(attribute.meaning)
      places[Self.keysMax + Int(attribute.meaning.rawValue)] = UInt32(truncatingIfNeeded: resource.count)
    }
    resource.append(attribute)
  }

  // MARK: Resource and scope

  mutating func beginResource() {
    resource.truncate(to: 0)
    resourcePlace = .empty
    traceIDHighs.truncate(to: 0)
    lastTraceIDText = .empty
    resourceKeys = OTLPKeySet()
    shared.begin()
    beginScope()
    // What is looked up in the resource must not be found in the last span of another one.
    beginSpan()
  }

  /// A piece of the resource was read.
  mutating func noteResource(from start: Int, to end: Int) {
    if resourcePlace.isEmpty { resourcePlace = ByteSlice(bodyOffset: start, length: end - start) }
  }

  /// Behind the last attribute of the resource, and before the first span.
  mutating func finishResource(
    _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    for index in 0..<resource.count {
      let attribute = resource[index]
      guard !isReserved(attribute, batch) else { continue }
      let value = try text(of: attribute.value, &context, &batch, at: offset)
      try shared.add(attribute, value, &context, &batch, at: offset)
    }
    shared.endResource()
    try describePayload(&context, &batch, at: offset)
  }

  mutating func beginScope() {
    shared.beginScope()
    (scopeName, scopeVersion) = (.empty, .empty)
  }

  mutating func setScope(name: ByteSlice) { scopeName = name }
  mutating func setScope(version: ByteSlice) { scopeVersion = version }

  mutating func addToScope(
    _ attribute: OTLPAttribute, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    guard !isReserved(attribute, batch) else { return }
    let value = try text(of: attribute.value, &context, &batch, at: offset)
    try shared.add(attribute, value, &context, &batch, at: offset)
  }

  mutating func beginSpan() {
    span = OTLPSpan()
    spanKeys = OTLPKeySet()
    attributes.truncate(to: 0)
    events.truncate(to: 0)
    links.truncate(to: 0)
    nested.truncate(to: 0)
  }

  // MARK: Looking up

  /// Whether the span itself has an attribute.
  func hasOwn(_ key: OTLPKey) -> Bool { spanKeys.contains(key) }

  /// The value of an attribute of the span, else of its resource.
  func value(_ key: OTLPKey) -> OTLPValue? {
    if spanKeys.contains(key) { return attributes[Int(places[Int(key.rawValue)])].value }
    guard resourceKeys.contains(key) else { return nil }
    return resource[Int(places[Self.keysMax + Int(key.rawValue)])].value
  }

  /// The same as text; empty where there is none.
  func text(
    _ key: OTLPKey, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    guard let value = value(key) else { return .empty }
    return try text(of: value, &context, &batch, at: offset)
  }

  /// The first of two keys that has a text.
  func text(
    _ key: OTLPKey, or other: OTLPKey, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    let first = try text(key, &context, &batch, at: offset)
    return try first.isEmpty ? text(other, &context, &batch, at: offset) : first
  }

  /// An attribute of the resource whose key stages never ask for; empty where there is none.
  func resourceText(
    _ key: StaticString, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    for index in 0..<resource.count where batch.equal(resource[index].key, key) {
      return try text(of: resource[index].value, &context, &batch, at: offset)
    }
    return .empty
  }

  /// A value as Datadog has it in text attributes.
  func text(
    of value: OTLPValue, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    let start = batch.sideArena.count
    switch value.kind {
    case .text, .json: return value.text
    case .bool: return texts.slice(value.bits == 1 ? .yes : .no)
    case .int:
      guard batch.appendJSON(Int64(bitPattern: value.bits)) else { throw .noMemory(at: offset) }
    case .double:
      guard batch.appendText(of: Double(bitPattern: value.bits)) else { throw .noMemory(at: offset) }
    }
    return ByteSlice(sideOffset: start, length: batch.sideArena.count - start)
  }

  /// Whether a key says something of the span that is no attribute in Datadog.
  func isReserved(_ attribute: OTLPAttribute, _ batch: borrowing SpanBatch) -> Bool {
    switch attribute.meaning {
    case .serviceName, .operationName, .resourceName, .spanType: return true
    case .other:
      let key = unsafe batch.bytes(attribute.key)
      guard key.count > 8, unsafe key[0] == 0x64, unsafe key[7] == 0x2E else { return false }
      return unsafe ByteString.equal(UnsafeRawBufferPointer(rebasing: key[..<8]), "datadog.")
    case .datadogService, .datadogName, .datadogResource, .datadogType, .datadogKind, .datadogEnv, .datadogVersion,
      .datadogStatus, .datadogError, .datadogErrorMessage, .datadogErrorType, .datadogErrorStack:
      return true
    default: return false
    }
  }

  /// Notes the upper half of a span's trace id, in the order of the spans.
  mutating func noteTraceIDHigh(at offset: Int) throws(ValueError) {
    guard traceIDHighs.reserve(1) else { throw .noMemory(at: offset) }
    traceIDHighs.append(span.traceID.high)
  }

  /// Copies the upper halves; false when there is no memory for them.
  func copyTraceIDHighs(to highs: inout GrowableBuffer<UInt64>) -> Bool {
    guard highs.reserve(traceIDHighs.count) else { return false }
    unsafe highs.append(contentsOf: traceIDHighs.pointer)
    return true
  }

  mutating func noteComputedStatistics(_ value: Bool) { hasComputedStatistics = value }
}
