import TraceModel

/// What the readers of all formats share while one payload is decoded: the known keys, the memory budget, the place for
/// error messages, and how text and attributes get into the batch.
///
/// A format owns a reader (MessagePack, JSON, protobuf) and a context side by side; neither knows the other.
struct DecodingContext {
  let keys: KeyTable
  /// Index of the trace in the payload and of the span in the trace; -1 before the first.
  var traceIndex = -1
  var spanIndex = -1
  /// The span field being read, or the part of the payload.
  var field: StaticString = "traces"
  /// What is left of what was claimed, in bytes.
  private var budget: Int
  /// What is left of the `PayloadBudget` beyond that.
  private var unclaimed: Int
  private let memory: MemoryClaim?
  /// Whether a text could not be repaired for want of memory.
  private var lacksMemory = false

  /// - Parameter memory: what more than a payload's usual memory is claimed from; `nil` where nothing limits it.
  init(keys: KeyTable, bodyBytes: Int, memory: MemoryClaim? = nil) {
    self.init(keys: keys, budget: PayloadBudget.bytes(bodyBytes: bodyBytes), memory: memory)
  }

  /// - Parameter budget: bytes that the payload, or the part of it that is decoded, may ask for.
  init(keys: KeyTable, budget all: Int, memory: MemoryClaim?) {
    self.keys = keys
    self.memory = memory
    budget = memory == nil ? all : min(all, MemoryClaim.unclaimedBytes)
    unclaimed = all - budget
  }

  /// Before a part of a payload whose places are counted from its own beginning.
  mutating func beginPart() { (traceIndex, spanIndex, field) = (-1, -1, "traces") }

  /// A reader's error with the place where it happened.
  func located(_ error: ValueError) -> DecodeError {
    error.located(trace: traceIndex, span: spanIndex, field: "\(field)")
  }

  // MARK: Budget

  /// Takes `bytes` from the budget; refuses the payload when nothing is left. `offset`: where the reader is.
  @inline(__always) mutating func charge(_ bytes: Int, at offset: Int) throws(ValueError) {
    budget &-= bytes
    if budget < 0 { try claim(at: offset) }
  }

  /// Gives back what was charged for records that were not needed.
  @inline(__always) mutating func refund(_ bytes: Int) { budget &+= bytes }

  /// Claims more memory, in steps that grow with what the payload has.
  private mutating func claim(at offset: Int) throws(ValueError) {
    if lacksMemory { throw .noMemory(at: offset) }
    guard let memory, -budget <= unclaimed else {
      throw ValueError(kind: .tooMany, offset: offset, expected: .fewer, seen: .more)
    }
    let more = min(max(-budget, MemoryClaim.unclaimedBytes, memory.claimedBytes / 4), unclaimed)
    guard memory.add(more) else { throw .noMemory(at: offset) }
    budget += more
    unclaimed -= more
  }

  /// Takes the memory of `count` records from the budget, and makes place for them, so that appending them needs no more.
  /// `count` is at most the bytes left in the body.
  @inline(__always) mutating func reserve<Record>(
    _ count: Int, in records: inout GrowableBuffer<Record>, at offset: Int
  ) throws(ValueError) {
    try charge(count &* MemoryLayout<Record>.stride, at: offset)
    guard records.reserve(count) else { throw .noMemory(at: offset) }
  }

  // MARK: Text

  /// A run of the body as text: where it lies there, or a repaired copy in the side arena when it is not UTF-8.
  @inline(__always) mutating func text(start: Int, length: Int, _ batch: inout SpanBatch) -> ByteSlice {
    let slice = ByteSlice(bodyOffset: start, length: length)
    if unsafe ByteString.isASCII(batch.bytes(slice)) { return slice }
    return checked(slice, &batch)
  }

  /// A run of the body as an attribute's key, the known key that it spells, and whether all of it is ASCII.
  @inline(__always) mutating func key(
    start: Int, length: Int, _ batch: inout SpanBatch
  ) -> (text: ByteSlice, known: KnownKey, isASCII: Bool) {
    let slice = ByteSlice(bodyOffset: start, length: length)
    let found = unsafe keys.find(batch.bytes(slice))
    if found.isASCII { return (slice, found.key, true) }
    let text = checked(slice, &batch)
    return (text, knownKey(text, batch), false)
  }

  @inline(never) private mutating func checked(_ slice: ByteSlice, _ batch: inout SpanBatch) -> ByteSlice {
    let before = batch.sideArena.count
    let valid = Self.validated(slice, &batch)
    // Refused at the next record, or at the end, if it was too much.
    budget = valid == nil ? -1 : budget &- (batch.sideArena.count &- before)
    if valid == nil { lacksMemory = true }
    return valid ?? .empty
  }

  /// Refuses the payload when one of its texts had no memory. For the end: `text` itself is called for each attribute, and
  /// does not throw.
  func finish(at offset: Int) throws(ValueError) {
    if lacksMemory { throw .noMemory(at: offset) }
  }

  /// The slice itself when it holds UTF-8, else a repaired copy; `nil` when there is no memory for one.
  private static func validated(_ slice: ByteSlice, _ batch: inout SpanBatch) -> ByteSlice? {
    let bytes = unsafe batch.bytes(slice)
    var offset = 0
    while offset < bytes.count {
      let length = unsafe ByteString.characterLength(bytes, at: offset)
      if length == 0 { return unsafe batch.addRepairedUTF8(bytes) }
      offset += length
    }
    return slice
  }

  // MARK: Attributes

  /// The known key that a text spells.
  @inline(__always) func knownKey(_ key: ByteSlice, _ batch: borrowing SpanBatch) -> KnownKey {
    unsafe keys.lookup(batch.bytes(key))
  }

  /// Appends a text attribute and notes its key. Those of a span have to come one after the other.
  /// - Parameter first: where the span's attributes begin, if it is known.
  @inline(__always) func appendMeta(
    _ key: ByteSlice, _ value: ByteSlice, known: KnownKey, to span: inout SpanRecord, from first: Int = 0,
    _ batch: inout SpanBatch
  ) {
    if known != .unknown {
      if known.hasBit, span.metaKeys.contains(known) { Self.removeLast(known, of: &batch.meta, from: first) }
      span.metaKeys.insert(known, isPeerTag: keys.isPeerTag(known))
    }
    batch.meta.append(MetaEntry(key: key, value: value, known: known))
  }

  /// Of attributes with one key the last counts, as in the map that other agents make of them. Stages that hide or change
  /// a value would not find the one before, and it would be sent on as it came. `from`: entries in front are another span's.
  @inline(never) static func removeLast(
    _ known: KnownKey, of meta: inout GrowableBuffer<MetaEntry>, from first: Int
  ) {
    var index = meta.count
    while index > first {
      index &-= 1
      if meta[index].known == known {
        meta[index].known = .removed
        return
      }
    }
  }

  /// Appends a number attribute and notes its key. Those of a span have to come one after the other.
  @inline(__always) func appendMetric(
    _ key: ByteSlice, _ value: Double, known: KnownKey, to span: inout SpanRecord, _ batch: inout SpanBatch
  ) {
    if known != .unknown { span.metricKeys.insert(known, isPeerTag: false) }
    batch.metrics.append(MetricEntry(key: key, value: value, known: known))
  }

  /// Makes places for `count` typed attributes that lie together, to be filled one by one: a value may hold a list whose
  /// entries are appended meanwhile. Returns where they begin.
  mutating func reserveTyped(_ count: Int, _ batch: inout SpanBatch, at offset: Int) throws(ValueError) -> Int {
    try reserve(count, in: &batch.typedAttributes, at: offset)
    batch.typedAttributes.append(repeating: TypedAttribute(), count: count)
    return batch.typedAttributes.count - count
  }

  /// The same for elements of an array, which may be arrays themselves.
  mutating func reserveElements(_ count: Int, _ batch: inout SpanBatch, at offset: Int) throws(ValueError) -> Int {
    try reserve(count, in: &batch.arrayValues, at: offset)
    batch.arrayValues.append(repeating: AnyValueRecord(), count: count)
    return batch.arrayValues.count - count
  }

  // MARK: Chunks

  /// Appends a chunk of all spans from `first` on.
  @inline(__always) func appendChunk(spansFrom first: Int, _ batch: inout SpanBatch) {
    var chunk = ChunkRecord()
    chunk.spans = IndexRange(start: first, end: batch.spans.count)
    batch.chunks.append(chunk)
  }
}
