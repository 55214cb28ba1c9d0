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

  /// Tags in which OpenTelemetry has what Datadog's tracers put into one for each kind of store.
  static let openTelemetryKeys: [KnownKey] = [.dbStatement, .dbQueryText]

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
    if options.creditCardsAreEnabled { hideCards(&batch, batch.spans[index], &obfuscator) }
    if removesStackTraces { removeStackTraces(&batch, index) }
    let kind = ObfuscatedKind(batch.bytes(batch.spans[index].type))
    if options.databaseErrorsAreHidden, mayHoldError(batch.spans[index]) {
      hideErrorTexts(&batch, index, isOfStore: kind != nil && kind != .web, &obfuscator, &rewriting)
    }
    guard let kind else { return }
    obfuscate(&batch, index, kind, &obfuscator, &rewriting)
  }

  @inline(__always) private func mayHoldError(_ span: SpanRecord) -> Bool {
    span.error != 0 || span.events.count != 0 || span.metaKeys.contains(.taggedEvents)
  }

  // Spans are passed on by their index: a record that is passed is copied.
  private func removeStackTraces(_ batch: inout SpanBatch, _ index: Int) {
    if let entry = batch.metaIndex(.errorStack, of: batch.spans[index]) { batch.meta[entry].value = batch.addText("?") }
    for event in batch.spans[index].events.range {
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
    switch kind {
    case .sql: obfuscateSQL(&batch, index, &obfuscator, &rewriting)
    case .redis:
      quantize(&batch, index, &obfuscator, &rewriting)
      guard options.redis.isEnabled else { return }
      hideCommands(.redisCommand, of: .redis, &batch, index, &obfuscator, &rewriting)
    case .valkey:
      quantize(&batch, index, &obfuscator, &rewriting)
      guard options.valkey.isEnabled else { return }
      hideCommands(.valkeyCommand, of: .valkey, &batch, index, &obfuscator, &rewriting)
    case .memcached where options.memcachedIsEnabled:
      rewrite(.memcachedCommand, &batch, index, &rewriting) { obfuscator.appendMemcached($0, to: &$1) }
      for other in Self.openTelemetryKeys {
        rewrite(other, &batch, index, &rewriting) { obfuscator.appendMemcached($0, to: &$1) }
      }
    case .web: rewrite(.httpURL, &batch, index, &rewriting) { obfuscator.appendURL($0, to: &$1) }
    case .mongoDB where options.mongoDB.isEnabled:
      rewriteBody(.mongoDBQuery, of: .mongoDB, &batch, index, &obfuscator, &rewriting)
    case .search:
      if options.elasticsearch.isEnabled {
        rewriteBody(.elasticsearchBody, of: .elasticsearch, &batch, index, &obfuscator, &rewriting)
      }
      if options.openSearch.isEnabled {
        rewriteBody(.openSearchBody, of: .openSearch, &batch, index, &obfuscator, &rewriting)
      }
    case .memcached, .mongoDB: return
    }
  }

  /// Hides the values of JSON, in the tag of Datadog's tracers and in those of OpenTelemetry where they hold JSON.
  private func rewriteBody(
    _ key: KnownKey, of body: Obfuscator.JSONBody, _ batch: inout SpanBatch, _ index: Int,
    _ obfuscator: inout Obfuscator, _ rewriting: inout Rewriting
  ) {
    rewrite(key, &batch, index, &rewriting) { obfuscator.appendJSON($0, of: body, to: &$1) }
    for other in Self.openTelemetryKeys {
      guard let value = batch.meta(other, of: batch.spans[index]), let first = batch.bytes(value).first,
        first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
      else { continue }
      rewrite(other, &batch, index, &rewriting) { obfuscator.appendJSON($0, of: body, to: &$1) }
    }
  }

  /// Puts what `write` makes of a text attribute in its place. An attribute that is absent or empty stays as it is.
  @inline(__always) private func rewrite(
    _ key: KnownKey, _ batch: inout SpanBatch, _ index: Int, _ rewriting: inout Rewriting,
    _ write: (TextBytes, inout GrowableBuffer<UInt8>) -> Void
  ) {
    guard let entry = batch.metaIndex(key, of: batch.spans[index]) else { return }
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
