import TraceModel

/// Makes spans of a batch from what the readers of OTLP find: the resource and the scope first, then span by span.
///
/// The readers of both encodings fill it and know nothing of Datadog's spans. Memory is kept from span to span and from
/// request to request, so that a span allocates nothing once the arrays have grown.
///
/// The reader of protobuf hands it on as `inout` for each attribute, also where it is only looked into: Swift 6 passes a
/// lent value by its bytes, all of them.
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
  private(set) var spanKeys = OTLPKeySet()
  /// Where the first attribute of each key is: those of the span, then those of the resource. Others are not looked up.
  private var places = GrowableBuffer<UInt32>()
  /// As many keys as an `OTLPKeySet` tells apart.
  private static var keysMax: Int { 64 }

  private(set) var resource = GrowableBuffer<OTLPAttribute>()
  /// Where the resource lies in the body; of one in several pieces, between which spans may lie, the first.
  private(set) var resourcePlace = ByteSlice.empty
  private(set) var resourceKeys = OTLPKeySet()
  /// What all spans of a scope get: attributes of the resource, then those of the scope.
  var shared = OTLPSharedAttributes()
  /// Known keys that the span at hand, its scope or its resource says, before anything is added.
  var saidKeys = KnownKeySet.empty
  /// What spans get of their resource, or of nothing, where they say nothing themselves.
  var defaults = SpanDefaults()
  struct SpanDefaults: BitwiseCopyable, Sendable {
    var service = ByteSlice.empty
    var env = ByteSlice.empty
    var version = ByteSlice.empty
  }
  private(set) var scopeName = ByteSlice.empty
  private(set) var scopeVersion = ByteSlice.empty

  var texts = OTLPTexts()
  var databases = OTLPDatabases()
  /// What the span's database makes of it, once that was looked for.
  var database: OTLPDatabases.Database?
  private var table = OTLPKeyTable()
  /// What keys of attributes have followed which, in protobuf.
  var keyOrder = KeyOrder(.protobuf)
  /// The table that says which known keys they are; 0 before the first.
  private var keyTable: UInt64 = 0
  /// The trace of the span before, with its id as text: spans of a trace come one after the other, as a rule.
  var lastTraceID = OTLPTraceID()
  var lastTraceIDText = ByteSlice.empty

  /// Upper halves of the trace ids of the part's spans.
  private var traceIDHighs = GrowableBuffer<UInt64>()

  /// For a batch that is empty yet.
  mutating func begin(_ keys: KeyTable, _ batch: inout SpanBatch) {
    batch.sharesTexts = true
    table.prepare()
    if keyTable != keys.identity {
      keyOrder.begin()
      keyTable = keys.identity
    }
    databases.begin()
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

  /// What is known of a key.
  @inline(__always) func facts(of key: ByteSlice, _ known: KnownKey, _ batch: borrowing SpanBatch) -> OTLPKeyFacts {
    let bytes = unsafe batch.bytes(key)
    return unsafe OTLPKeyFacts(
      known, table.find(bytes), filterBit: OTLPSharedAttributes.filterBit(of: bytes))
  }

  mutating func add(
    _ attribute: OTLPAttribute, _ context: inout DecodingContext, at offset: Int
  ) throws(ValueError) {
    try context.reserve(1, in: &attributes, at: offset)
    let meaning = attribute.facts.meaning
    if !spanKeys.contains(meaning) {
      spanKeys.insert(meaning)
      places[Int(meaning.rawValue)] = UInt32(truncatingIfNeeded: attributes.count)
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
    let meaning = attribute.facts.meaning
    if !resourceKeys.contains(meaning) {
      resourceKeys.insert(meaning)
      places[Self.keysMax + Int(meaning.rawValue)] = UInt32(truncatingIfNeeded: resource.count)
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
      guard !attribute.facts.meaning.isReserved else { continue }
      let value = try text(of: attribute.value, &context, &batch, at: offset)
      try shared.add(attribute, value, &context, &batch, at: offset)
    }
    try describeSpans(&context, &batch, at: offset)
    if !resourceKeys.contains(.datadogVersion) {
      try addDefault(.version, defaults.version, &context, &batch, at: offset)
    }
    if !resourceKeys.contains(.datadogEnv) { try addDefault(.env, defaults.env, &context, &batch, at: offset) }
    shared.endResource()
    try describePayload(&context, &batch, at: offset)
  }

  /// What all spans get that say nothing else.
  private mutating func addDefault(
    _ key: OTLPText, _ value: ByteSlice, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) {
    if value.isEmpty { return }
    let (name, known) = texts.key(key)
    try shared.addDefault(MetaEntry(key: name, value: value, known: known), &context, batch, at: offset)
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
    guard !attribute.facts.meaning.isReserved else { return }
    let value = try text(of: attribute.value, &context, &batch, at: offset)
    try shared.add(attribute, value, &context, &batch, at: offset)
  }

  /// Behind what is said of the scope, and before its first span.
  mutating func finishScope(_ context: inout DecodingContext, at offset: Int) throws(ValueError) {
    try addAlways(.scopeName, scopeName, &context, at: offset)
    try addAlways(.scopeVersion, scopeVersion, &context, at: offset)
  }

  /// What all spans of the scope get, whatever they say themselves.
  private mutating func addAlways(
    _ key: OTLPText, _ value: ByteSlice, _ context: inout DecodingContext, at offset: Int
  ) throws(ValueError) {
    if value.isEmpty { return }
    let (name, known) = texts.key(key)
    try shared.addAlways(MetaEntry(key: name, value: value, known: known), hash: 0, &context, at: offset)
  }

  mutating func beginSpan() {
    span = OTLPSpan()
    spanKeys = OTLPKeySet()
    attributes.truncate(to: 0)
    events.truncate(to: 0)
    links.truncate(to: 0)
    nested.truncate(to: 0)
    database = nil
  }

  // MARK: Looking up

  /// Whether the span itself has an attribute.
  @inline(__always) func hasOwn(_ key: OTLPKey) -> Bool { spanKeys.contains(key) }

  /// The value of an attribute of the span, else of its resource.
  @inline(__always) func value(_ key: OTLPKey) -> OTLPValue? {
    if spanKeys.contains(key) { return attributes[Int(places[Int(key.rawValue)])].value }
    guard resourceKeys.contains(key) else { return nil }
    return resource[Int(places[Self.keysMax + Int(key.rawValue)])].value
  }

  /// Whether the span or its resource has an attribute.
  @inline(__always) func has(_ key: OTLPKey) -> Bool { spanKeys.contains(key) || resourceKeys.contains(key) }

  /// The same as text; empty where there is none.
  @inline(__always) mutating func text(
    _ key: OTLPKey, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    try has(key) ? presentText(key, &context, &batch, at: offset) : .empty
  }

  // Apart, and so are calls for what most spans have none of.
  @inline(never) private mutating func presentText(
    _ key: OTLPKey, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    guard let value = value(key) else { return .empty }
    // It may become a text of each span.
    if !spanKeys.contains(key) { try context.charge(Int(value.text.length), at: offset) }
    return try text(of: value, &context, &batch, at: offset)
  }

  /// The first of two keys that has a text.
  @inline(__always) mutating func text(
    _ key: OTLPKey, or other: OTLPKey, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    let first = try text(key, &context, &batch, at: offset)
    return try first.isEmpty ? text(other, &context, &batch, at: offset) : first
  }

  /// An attribute of the resource whose key stages never ask for; empty where there is none.
  mutating func resourceText(
    _ key: StaticString, _ context: inout DecodingContext, _ batch: inout SpanBatch, at offset: Int
  ) throws(ValueError) -> ByteSlice {
    for index in 0..<resource.count where batch.equal(resource[index].key, key) {
      return try text(of: resource[index].value, &context, &batch, at: offset)
    }
    return .empty
  }

  /// A value as Datadog has it in text attributes.
  mutating func text(
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
