/// Everything one request carried, in flat arrays that are reused from request to request.
///
/// Spans are fixed-size records; every string is a slice of the request body, or of the side arena for what roost
/// repairs, rewrites or adds. No span costs a heap allocation once the arrays have grown. The body is borrowed: a
/// batch may be read only while the request that filled it is being handled.
///
/// Where an attribute of a span lies follows from its type, so that the stages find it in one place, whatever the format:
///
/// | type | place |
/// |---|---|
/// | text | `meta` |
/// | double, and an integer that a double holds exactly (`MetricEntry.isInteger`) | `metrics` |
/// | bytes | `metaStruct` |
/// | bool, a larger integer, array, key-value list | `typedAttributes`, by the span's range `typed` |
///
/// The first three are all that v0.1 to v0.7 and the intake know; a destination that takes no more writes the fourth as
/// text. Attributes of payloads, chunks and events are in `typedAttributes` whatever their type. A trace id of 128 bits is the
/// chunk's `traceIDHigh(of:)` and its spans' `traceID`.
@safe
public struct SpanBatch: ~Copyable {
  /// Memory kept between requests, for each array; what a larger request needed is given back after it.
  public static let keptBytesPerArray = 1 << 20

  // Behind a pointer, so that lending the batch to a function passes eight bytes. As plain fields the compiler copied
  // all of them for most calls, which took a third of the time of a request.
  @usableFromInline let storage: UnsafeMutablePointer<Storage>

  public init() {
    unsafe storage = UnsafeMutablePointer<Storage>.allocate(capacity: 1)
    unsafe storage.initialize(to: Storage())
  }

  deinit {
    unsafe storage.deinitialize(count: 1)
    unsafe storage.deallocate()
  }

  @usableFromInline @safe struct Storage: ~Copyable {
    @usableFromInline var body = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    @usableFromInline var sideArena = GrowableBuffer<UInt8>()
    @usableFromInline var chunks = GrowableBuffer<ChunkRecord>()
    @usableFromInline var spans = GrowableBuffer<SpanRecord>()
    @usableFromInline var meta = GrowableBuffer<MetaEntry>()
    @usableFromInline var metrics = GrowableBuffer<MetricEntry>()
    @usableFromInline var metaStruct = GrowableBuffer<MetaEntry>()
    @usableFromInline var links = GrowableBuffer<LinkRecord>()
    @usableFromInline var linkAttributes = GrowableBuffer<MetaEntry>()
    @usableFromInline var events = GrowableBuffer<EventRecord>()
    @usableFromInline var typedAttributes = GrowableBuffer<TypedAttribute>()
    @usableFromInline var arrayValues = GrowableBuffer<AnyValueRecord>()
    @usableFromInline var addedMetrics = GrowableBuffer<AddedMetric>()
    @usableFromInline var ownNames = GrowableBuffer<ByteSlice>()
    @usableFromInline var payload = PayloadAttributes()
    @usableFromInline var sharedMeta = IndexRange.empty
    @usableFromInline var sharesTexts = false
    @usableFromInline var isIndexed = false

    @usableFromInline init() {}
  }

  /// Empties the batch and lends it the bytes of the next request.
  public mutating func begin(body: UnsafeRawBufferPointer) {
    let kept = Self.keptBytesPerArray
    unsafe storage.pointee.body = body
    sideArena.removeAll(keepingBytes: kept)
    chunks.removeAll(keepingBytes: kept)
    spans.removeAll(keepingBytes: kept)
    meta.removeAll(keepingBytes: kept)
    metrics.removeAll(keepingBytes: kept)
    metaStruct.removeAll(keepingBytes: kept)
    links.removeAll(keepingBytes: kept)
    linkAttributes.removeAll(keepingBytes: kept)
    events.removeAll(keepingBytes: kept)
    typedAttributes.removeAll(keepingBytes: kept)
    arrayValues.removeAll(keepingBytes: kept)
    addedMetrics.removeAll(keepingBytes: kept)
    ownNames.removeAll(keepingBytes: kept)
    payload = PayloadAttributes()
    sharedMeta = .empty
    sharesTexts = false
    isIndexed = false
  }

  /// Takes the borrowed body away again, so that no slice can outlive its request unnoticed.
  public mutating func end() {
    unsafe begin(body: UnsafeRawBufferPointer(start: nil, count: 0))
  }
}

// One owner at a time; nothing in it is tied to a thread.
extension SpanBatch: @unchecked Sendable {}

/// The sender's description of itself, for all chunks of a request.
public struct PayloadAttributes: BitwiseCopyable, Sendable {
  public var containerID = ByteSlice.empty
  public var languageName = ByteSlice.empty
  public var languageVersion = ByteSlice.empty
  public var tracerVersion = ByteSlice.empty
  public var runtimeID = ByteSlice.empty
  public var env = ByteSlice.empty
  public var hostname = ByteSlice.empty
  public var appVersion = ByteSlice.empty
  public var gitCommitSha = ByteSlice.empty
  public var processTags = ByteSlice.empty
  /// Of the container that the sender is in, each `key:value`, with commas between them.
  public var containerTags = ByteSlice.empty
  /// What other tags of the whole payload there are, in `SpanBatch.typedAttributes`. The formats up to v0.5 have none.
  public var attributes = IndexRange.empty
  /// It came as OTLP: what is said above is said in attributes of all of its spans too.
  public var isOTLP = false
  /// Where the resource of OTLP lies in the body. Attributes of spans whose keys lie there are the resource's.
  public var resource = ByteSlice.empty

  @inlinable public init() {}
}
