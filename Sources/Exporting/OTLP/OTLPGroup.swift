import TraceModel

/// What spans share that are in one `ResourceSpans`, and in one `ScopeSpans` of it.
struct OTLPGroup: BitwiseCopyable {
  private(set) var service = ByteSlice.empty
  private(set) var env = ByteSlice.empty
  private(set) var version = ByteSlice.empty
  private(set) var scopeName = ByteSlice.empty
  private(set) var scopeVersion = ByteSlice.empty
  /// The span that was the first of it; -1 where there is none.
  private(set) var span = -1
  /// How much was written before it.
  var resourceMark = 0
  var scopeMark = 0
  /// The last round through a chunk in which a span of it was written.
  var round = -1

  /// Stands for none, before the first span and behind the last.
  init() {}

  /// The one that a span belongs to, as its first.
  init(of span: SpanRecord, at index: Int, _ batch: borrowing SpanBatch) {
    service = span.service
    self.span = index
    if batch.payload.isOTLP {
      // It has one resource, of which environment and version are attributes.
      findScope(of: span, batch)
    } else {
      env = batch.meta(.env, of: span) ?? batch.payload.env
      version = batch.meta(.version, of: span) ?? batch.payload.appVersion
    }
  }

  var isOpen: Bool { span >= 0 }

  @inline(__always) func hasResource(of other: OTLPGroup, _ batch: borrowing SpanBatch) -> Bool {
    isOpen && batch.equal(service, other.service) && batch.equal(env, other.env) && batch.equal(version, other.version)
  }

  @inline(__always) func hasScope(of other: OTLPGroup, _ batch: borrowing SpanBatch) -> Bool {
    batch.equal(scopeName, other.scopeName) && batch.equal(scopeVersion, other.scopeVersion)
  }

  /// The same for all with this resource, by which they are sorted. Where others have it too, spans of one group are merely
  /// not all beside each other.
  func sum(_ batch: borrowing SpanBatch) -> UInt64 {
    var sum = FNV1a64()
    sum.combine(batch.bytes(service))
    // No text has such a byte.
    sum.combine(0xFF)
    sum.combine(batch.bytes(env))
    sum.combine(0xFF)
    sum.combine(batch.bytes(version))
    return sum.value
  }

  mutating func takeScope(of other: OTLPGroup, mark: Int) {
    (scopeName, scopeVersion, scopeMark) = (other.scopeName, other.scopeVersion, mark)
  }

  /// Decoding writes both behind what the client sent, with keys that do not stand in the body.
  private mutating func findScope(of span: SpanRecord, _ batch: borrowing SpanBatch) {
    var index = span.meta.range.upperBound
    while index > span.meta.range.lowerBound {
      index &-= 1
      let entry = batch.meta[index]
      guard entry.key.isInSideArena else { return }
      if entry.known != .unknown { continue }
      switch entry.key.length {
      case 17: if batch.equal(entry.key, "otel.library.name") { scopeName = entry.value }
      case 20: if batch.equal(entry.key, "otel.library.version") { scopeVersion = entry.value }
      default: break
      }
    }
  }
}
