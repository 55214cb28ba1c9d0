/// The arrays of a batch.
extension SpanBatch {
  /// Bytes that do not stand in the body: repaired, rewritten and added texts.
  @inlinable public var sideArena: GrowableBuffer<UInt8> {
    _read { yield unsafe storage.pointee.sideArena }
    _modify { yield unsafe &storage.pointee.sideArena }
  }

  /// The traces, or parts of traces, in the order they came.
  @inlinable public var chunks: GrowableBuffer<ChunkRecord> {
    _read { yield unsafe storage.pointee.chunks }
    _modify { yield unsafe &storage.pointee.chunks }
  }

  /// All spans; those of a chunk lie together.
  @inlinable public var spans: GrowableBuffer<SpanRecord> {
    _read { yield unsafe storage.pointee.spans }
    _modify { yield unsafe &storage.pointee.spans }
  }

  /// Where the spans of the batch's chunks lie: all of them, but for a batch that has other parts of a request besides.
  @inlinable public var chunkedSpans: Range<Int> {
    chunks.isEmpty ? 0..<0 : Int(chunks[0].spans.start)..<chunks[chunks.count &- 1].spans.range.upperBound
  }

  /// Text attributes of all spans.
  @inlinable public var meta: GrowableBuffer<MetaEntry> {
    _read { yield unsafe storage.pointee.meta }
    _modify { yield unsafe &storage.pointee.meta }
  }

  /// Number attributes of all spans.
  @inlinable public var metrics: GrowableBuffer<MetricEntry> {
    _read { yield unsafe storage.pointee.metrics }
    _modify { yield unsafe &storage.pointee.metrics }
  }

  /// Binary attributes of all spans.
  @inlinable public var metaStruct: GrowableBuffer<MetaEntry> {
    _read { yield unsafe storage.pointee.metaStruct }
    _modify { yield unsafe &storage.pointee.metaStruct }
  }

  /// Links of all spans; `SpanRecord.links` says which belong to a span.
  @inlinable public var links: GrowableBuffer<LinkRecord> {
    _read { yield unsafe storage.pointee.links }
    _modify { yield unsafe &storage.pointee.links }
  }

  /// Text attributes of all links.
  @inlinable public var linkAttributes: GrowableBuffer<MetaEntry> {
    _read { yield unsafe storage.pointee.linkAttributes }
    _modify { yield unsafe &storage.pointee.linkAttributes }
  }

  /// Events of all spans; `SpanRecord.events` says which belong to a span.
  @inlinable public var events: GrowableBuffer<EventRecord> {
    _read { yield unsafe storage.pointee.events }
    _modify { yield unsafe &storage.pointee.events }
  }

  /// Attributes of all events, typed attributes of spans and chunks, and entries of key-value lists.
  @inlinable public var typedAttributes: GrowableBuffer<TypedAttribute> {
    _read { yield unsafe storage.pointee.typedAttributes }
    _modify { yield unsafe &storage.pointee.typedAttributes }
  }

  /// Elements of all arrays that are values of typed attributes.
  @inlinable public var arrayValues: GrowableBuffer<AnyValueRecord> {
    _read { yield unsafe storage.pointee.arrayValues }
    _modify { yield unsafe &storage.pointee.arrayValues }
  }

  /// Number attributes that roost added.
  @inlinable public var addedMetrics: GrowableBuffer<AddedMetric> {
    _read { yield unsafe storage.pointee.addedMetrics }
    _modify { yield unsafe &storage.pointee.addedMetrics }
  }

  /// What senders call spans whose resources say something else, as those of OpenTelemetry do.
  @inlinable public var ownNames: GrowableBuffer<ByteSlice> {
    _read { yield unsafe storage.pointee.ownNames }
    _modify { yield unsafe &storage.pointee.ownNames }
  }

  /// A run in `meta` whose entries most spans repeat in one piece, as those of OpenTelemetry repeat what their resource
  /// says. Only a hint for whoever goes through the entries of many spans: stages may have changed any of them.
  @inlinable public var sharedMeta: IndexRange {
    get { unsafe storage.pointee.sharedMeta }
    set { unsafe storage.pointee.sharedMeta = newValue }
  }

  /// Whether one text of the body may stand for many attributes, as in formats with a table of strings.
  @inlinable public var sharesTexts: Bool {
    get { unsafe storage.pointee.sharesTexts }
    set { unsafe storage.pointee.sharesTexts = newValue }
  }
  /// Whether it came in v1.0, whose attributes have types and whose chunks say of themselves what older formats say in
  /// attributes of spans. It goes on in the intake's form of the same ("idx").
  @inlinable public var isIndexed: Bool {
    get { unsafe storage.pointee.isIndexed }
    set { unsafe storage.pointee.isIndexed = newValue }
  }
  /// What the payload says of its sender.
  @inlinable public var payload: PayloadAttributes {
    get { unsafe storage.pointee.payload }
    _modify { yield unsafe &storage.pointee.payload }
  }

  /// Number of bytes of the request body.
  @inlinable public var bodyBytes: Int { unsafe body.count }

  /// The request body that the slices refer to.
  @inlinable var body: UnsafeRawBufferPointer { unsafe storage.pointee.body }
}
