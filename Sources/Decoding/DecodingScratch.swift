import TraceModel

/// Memory that decoders need beside the batch, reused from request to request: one for each receiving thread.
///
/// What it holds means something only while one payload is decoded, but for the order of keys, which means something as
/// long as payloads are decoded with one `KeyTable`. Keeps at most `SpanBatch.keptBytesPerArray` bytes an array.
package struct DecodingScratch: ~Copyable, Sendable {
  var strings = StringTable()
  var streaming = StreamingStrings()
  var grouping = TraceGrouping()
  var otlp = OTLPAssembler()
  /// The parts of an OTLP payload, one for each resource with something in it: where they lie in the body.
  var otlpParts = GrowableBuffer<ByteSlice>()
  /// The same once they are decoded, their chunks where there are several, and how large the batch was then.
  var otlpDecoded = GrowableBuffer<OTLPPart>()
  var otlpChunks = GrowableBuffer<ChunkRecord>()
  var otlpSizes = SpanBatch.Sizes()
  /// Of the fields of spans.
  var fieldOrder = KeyOrder(.messagePack)
  /// Of the attributes of spans.
  var attributeOrder = KeyOrder(.messagePack)
  /// The table that says what the keys of the orders mean; 0 before the first.
  private var keyTable: UInt64 = 0

  /// What memory beyond a payload's usual is claimed from; `nil` where nothing limits it.
  package let memory: MemoryClaim?

  /// - Parameter otlp: what spans of OpenTelemetry become.
  package init(memory: MemoryClaim? = nil, otlp mapping: OTLPMapping = OTLPMapping()) {
    self.memory = memory
    otlp.mapping = mapping
  }

  /// Forgets the order of keys where another table than the last says what they mean.
  mutating func begin(_ keys: KeyTable) {
    guard keyTable != keys.identity else { return }
    fieldOrder.begin()
    attributeOrder.begin()
    keyTable = keys.identity
  }

  /// Forgets the payload, and gives back what a huge one took. For after each payload: another may never be decoded.
  package mutating func removeAll() {
    strings.removeAll()
    streaming.removeAll()
    grouping.removeAll()
    otlp.removeAll()
    otlpParts.removeAll(keepingBytes: SpanBatch.keptBytesPerArray)
    otlpDecoded.removeAll(keepingBytes: SpanBatch.keptBytesPerArray)
    otlpChunks.removeAll(keepingBytes: SpanBatch.keptBytesPerArray)
    memory?.release()
  }
}

/// The strings that one payload's spans refer to by number, and the known key that each spells.
struct StringTable: ~Copyable, Sendable {
  var strings = GrowableBuffer<ByteSlice>()
  var knownKeys = GrowableBuffer<KnownKey>()

  mutating func removeAll() {
    strings.removeAll(keepingBytes: SpanBatch.keptBytesPerArray)
    knownKeys.removeAll(keepingBytes: SpanBatch.keptBytesPerArray)
  }
}

/// A payload format's reader, as a value that a table of formats can hold: `TracesV04.decode` is one.
///
/// The batch has to have begun with the same body. After an error its contents are to be discarded.
package typealias TracesDecoder =
  @Sendable (
    _ body: RawSpan, _ keys: KeyTable, _ scratch: inout DecodingScratch, _ batch: inout SpanBatch
  ) throws(DecodeError) -> Void
