import Obfuscation
import TraceModel

/// Hides the application's data that spans carry, before anything is counted, shown, stored or sent.
struct ObfuscatingStep: ProcessingStep {
  let name = "obfuscate"
  /// What is hidden, and how.
  let options: ObfuscationOptions
  /// Whether stack traces of errors become `?`, too.
  let removesStackTraces: Bool

  mutating func begin(_ batch: inout SpanBatch, _ context: inout ProcessingContext) {
    if context.obfuscator == nil { context.obfuscator = Obfuscator(options) }
  }

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    guard var obfuscator = context.obfuscator.take() else { return nil }
    for index in batch.chunks[chunk].spans.range {
      if options.creditCardsAreEnabled { hideCards(&batch, batch.spans[index], obfuscator) }
      if removesStackTraces, let entry = batch.metaIndex(.errorStack, of: batch.spans[index]) {
        batch.meta[entry].value = batch.addText("?")
      }
      guard let kind = ObfuscatedKind(batch.bytes(batch.spans[index].type)) else { continue }
      obfuscate(&batch, index, kind, &obfuscator, &context.written)
    }
    context.obfuscator = consume obfuscator
    return nil
  }

  private func obfuscate(
    _ batch: inout SpanBatch, _ index: Int, _ kind: ObfuscatedKind, _ obfuscator: inout Obfuscator,
    _ out: inout GrowableBuffer<UInt8>
  ) {
    let span = batch.spans[index]
    switch kind {
    case .sql: obfuscateSQL(&batch, index, &obfuscator, &out)
    case .redis, .valkey:
      out.removeAll(keepingBytes: Self.keptBytesMax)
      obfuscator.appendCommandNames(TextBytes(batch.bytes(span.resource)), to: &out)
      batch.spans[index].resource = batch.addBytes(UnsafeRawBufferPointer(out.pointer))
      let isRedis = kind == .redis
      guard (isRedis ? options.redis : options.valkey).isEnabled else { return }
      rewrite(isRedis ? .redisCommand : .valkeyCommand, &batch, span, &out) { text, out in
        obfuscator.appendCommands(text, of: isRedis ? .redis : .valkey, to: &out)
      }
    case .memcached where options.memcachedIsEnabled:
      rewrite(.memcachedCommand, &batch, span, &out) { obfuscator.appendMemcached($0, to: &$1) }
    case .web: rewrite(.httpURL, &batch, span, &out) { obfuscator.appendURL($0, to: &$1) }
    case .mongoDB where options.mongoDB.isEnabled:
      rewrite(.mongoDBQuery, &batch, span, &out) { obfuscator.appendJSON($0, of: .mongoDB, to: &$1) }
    case .search:
      if options.elasticsearch.isEnabled {
        rewrite(.elasticsearchBody, &batch, span, &out) { obfuscator.appendJSON($0, of: .elasticsearch, to: &$1) }
      }
      if options.openSearch.isEnabled {
        rewrite(.openSearchBody, &batch, span, &out) { obfuscator.appendJSON($0, of: .openSearch, to: &$1) }
      }
    case .memcached, .mongoDB: return
    }
  }

  /// Memory that is kept for the texts of the next span.
  static let keptBytesMax = 65_536

  /// Puts what `write` makes of a text attribute in its place. An attribute that is absent or empty stays as it is.
  @inline(__always) private func rewrite(
    _ key: KnownKey, _ batch: inout SpanBatch, _ span: SpanRecord, _ out: inout GrowableBuffer<UInt8>,
    _ write: (TextBytes, inout GrowableBuffer<UInt8>) -> Void
  ) {
    guard let entry = batch.metaIndex(key, of: span), !batch.meta[entry].value.isEmpty else { return }
    out.removeAll(keepingBytes: Self.keptBytesMax)
    write(TextBytes(batch.bytes(batch.meta[entry].value)), &out)
    let written = UnsafeRawBufferPointer(out.pointer)
    if ByteString.equal(written, batch.bytes(batch.meta[entry].value)) { return }
    batch.meta[entry].value = batch.addBytes(written)
  }
}
