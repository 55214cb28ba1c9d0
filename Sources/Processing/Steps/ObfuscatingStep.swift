import Obfuscation
import TraceModel

/// Hides the application's data that spans carry, before anything is counted, shown, stored or sent.
struct ObfuscatingStep: ProcessingStep {
  let name = "obfuscate"
  var worksOnStatistics: Bool { true }
  /// What is hidden, and how.
  let options: ObfuscationOptions
  /// Whether stack traces of errors become `?`, too.
  let removesStackTraces: Bool

  mutating func begin(_ batch: inout SpanBatch, _ context: inout ProcessingContext) {
    if context.obfuscator == nil { context.obfuscator = Obfuscator(options) }
    context.rewriting.begin(batch)
  }

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    context.obfuscator?.hide(self, &batch, spans: batch.chunks[chunk].spans.range, &context.rewriting)
    return nil
  }

  @inline(__always) fileprivate func hide(
    _ batch: inout SpanBatch, _ index: Int, _ obfuscator: inout Obfuscator, _ rewriting: inout Rewriting
  ) {
    if options.creditCardsAreEnabled { hideCards(&batch, batch.spans[index], obfuscator) }
    if removesStackTraces { removeStackTraces(&batch, batch.spans[index]) }
    guard let kind = ObfuscatedKind(batch.bytes(batch.spans[index].type)) else { return }
    obfuscate(&batch, index, kind, &obfuscator, &rewriting)
  }

  private func removeStackTraces(_ batch: inout SpanBatch, _ span: SpanRecord) {
    if let entry = batch.metaIndex(.errorStack, of: span) { batch.meta[entry].value = batch.addText("?") }
    for event in span.events.range {
      for entry in batch.events[event].attributes.range
      where batch.equal(batch.typedAttributes[entry].key, "error.stack") {
        batch.typedAttributes[entry].value = .string(batch.addText("?"))
      }
    }
  }

  private func obfuscate(
    _ batch: inout SpanBatch, _ index: Int, _ kind: ObfuscatedKind, _ obfuscator: inout Obfuscator,
    _ rewriting: inout Rewriting
  ) {
    let span = batch.spans[index]
    switch kind {
    case .sql: obfuscateSQL(&batch, index, &obfuscator, &rewriting)
    case .redis:
      quantize(&batch, index, obfuscator, &rewriting)
      guard options.redis.isEnabled else { return }
      rewrite(.redisCommand, &batch, span, &rewriting) { obfuscator.appendCommands($0, of: .redis, to: &$1) }
    case .valkey:
      quantize(&batch, index, obfuscator, &rewriting)
      guard options.valkey.isEnabled else { return }
      rewrite(.valkeyCommand, &batch, span, &rewriting) { obfuscator.appendCommands($0, of: .valkey, to: &$1) }
    case .memcached where options.memcachedIsEnabled:
      rewrite(.memcachedCommand, &batch, span, &rewriting) { obfuscator.appendMemcached($0, to: &$1) }
    case .web: rewrite(.httpURL, &batch, span, &rewriting) { obfuscator.appendURL($0, to: &$1) }
    case .mongoDB where options.mongoDB.isEnabled:
      rewrite(.mongoDBQuery, &batch, span, &rewriting) { obfuscator.appendJSON($0, of: .mongoDB, to: &$1) }
    case .search:
      if options.elasticsearch.isEnabled {
        rewrite(.elasticsearchBody, &batch, span, &rewriting) {
          obfuscator.appendJSON($0, of: .elasticsearch, to: &$1)
        }
      }
      if options.openSearch.isEnabled {
        rewrite(.openSearchBody, &batch, span, &rewriting) { obfuscator.appendJSON($0, of: .openSearch, to: &$1) }
      }
    case .memcached, .mongoDB: return
    }
  }

  /// What a resource of commands is taken for, where known keys stand for texts of tags.
  private static let commandNames: UInt32 = 1 << 16

  /// Reduces the resource of a span of Redis or Valkey to the names of its commands.
  private func quantize(
    _ batch: inout SpanBatch, _ index: Int, _ obfuscator: borrowing Obfuscator, _ rewriting: inout Rewriting
  ) {
    let raw = batch.spans[index].resource
    batch.spans[index].resource = rewriting.rewrite(raw, Self.commandNames, &batch) { text, out in
      obfuscator.appendCommandNames(TextBytes(text), to: &out)
      return true
    }
  }

  /// Puts what `write` makes of a text attribute in its place. An attribute that is absent or empty stays as it is.
  @inline(__always) private func rewrite(
    _ key: KnownKey, _ batch: inout SpanBatch, _ span: SpanRecord, _ rewriting: inout Rewriting,
    _ write: (TextBytes, inout GrowableBuffer<UInt8>) -> Void
  ) {
    guard let entry = batch.metaIndex(key, of: span) else { return }
    let raw = batch.meta[entry].value
    if raw.isEmpty { return }
    batch.meta[entry].value = rewriting.rewrite(raw, UInt32(key.rawValue), &batch) { text, out in
      write(TextBytes(text), &out)
      return true
    }
  }
}

extension Obfuscator {
  /// Works on spans where it stands: it is large, and moving it would cost more than most spans do.
  fileprivate mutating func hide(
    _ step: ObfuscatingStep, _ batch: inout SpanBatch, spans: Range<Int>, _ rewriting: inout Rewriting
  ) {
    for index in spans { step.hide(&batch, index, &self, &rewriting) }
  }
}
