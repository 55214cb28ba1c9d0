import Obfuscation
import TraceModel

extension ObfuscatingStep {
  /// What the text of an error is taken for, where known keys stand for texts of tags.
  private static let errorText: UInt32 = 4 << 16
  /// What a tag of events is taken for, on other spans and on those of databases.
  private static let taggedEvents: UInt32 = 5 << 16
  private static let taggedEventsOfDatabase: UInt32 = 6 << 16

  /// Hides what errors of databases quote of values and statements, in a span's tags and in the events of its exceptions.
  ///
  /// The Datadog agent leaves them. An exception is seen on each span that it goes through, so that not only spans of
  /// databases carry it; on others the error's type or its own words tell.
  /// - Parameter isOfStore: the span is a call of a database or of another store.
  func hideErrorTexts(
    _ batch: inout SpanBatch, _ index: Int, isOfStore: Bool, _ obfuscator: inout Obfuscator,
    _ rewriting: inout Rewriting
  ) {
    let isNamed = isOfStore || hasDatabaseError(batch, index)
    if batch.spans[index].error != 0 {
      for entry in batch.spans[index].meta.range where isErrorText(batch.meta[entry], batch) {
        batch.meta[entry].value = hidden(
          batch.meta[entry].value, isOfDatabase: isNamed, &batch, &obfuscator, &rewriting)
      }
    }
    hideTaggedEvents(&batch, index, isOfDatabase: isNamed, &obfuscator, &rewriting)
    for event in batch.spans[index].events.range {
      hideErrorTexts(&batch, in: batch.events[event].attributes, isOfStore: isOfStore, &obfuscator, &rewriting)
    }
  }

  private func hasDatabaseError(_ batch: borrowing SpanBatch, _ index: Int) -> Bool {
    guard let type = batch.meta(.errorType, of: batch.spans[index]) else { return false }
    return Obfuscator.isDatabaseError(type: TextBytes(batch.bytes(type)))
  }

  private func hideErrorTexts(
    _ batch: inout SpanBatch, in attributes: IndexRange, isOfStore: Bool, _ obfuscator: inout Obfuscator,
    _ rewriting: inout Rewriting
  ) {
    var isNamed = isOfStore
    for entry in attributes.range where batch.equal(batch.typedAttributes[entry].key, "exception.type") {
      isNamed =
        isNamed || Obfuscator.isDatabaseError(type: TextBytes(batch.bytes(batch.typedAttributes[entry].value.string)))
    }
    for entry in attributes.range {
      let (key, value) = (batch.typedAttributes[entry].key, batch.typedAttributes[entry].value)
      guard value.type == 0, batch.equal(key, "exception.message") || batch.equal(key, "exception.stacktrace") else {
        continue
      }
      batch.typedAttributes[entry].value = .string(
        hidden(value.string, isOfDatabase: isNamed, &batch, &obfuscator, &rewriting))
    }
  }

  private func hideTaggedEvents(
    _ batch: inout SpanBatch, _ index: Int, isOfDatabase: Bool, _ obfuscator: inout Obfuscator,
    _ rewriting: inout Rewriting
  ) {
    guard let entry = batch.metaIndex(.taggedEvents, of: batch.spans[index]) else { return }
    let purpose = isOfDatabase ? Self.taggedEventsOfDatabase : Self.taggedEvents
    batch.meta[entry].value = rewriting.replace(batch.meta[entry].value, purpose, &batch) { text, out in
      obfuscator.appendTaggedEvents(TextBytes(text), isOfDatabase: isOfDatabase, to: &out) ? .replaced : .unchanged
    }
  }

  private func isErrorText(_ entry: MetaEntry, _ batch: borrowing SpanBatch) -> Bool {
    if entry.known == .errorStack { return true }
    guard entry.known == .unknown else { return false }
    switch entry.key.length {
    case 9: return batch.equal(entry.key, "error.msg")
    case 11: return batch.equal(entry.key, "error.stack")
    case 13: return batch.equal(entry.key, "error.message")
    case 17: return batch.equal(entry.key, "exception.message")
    default: return false
    }
  }

  private func hidden(
    _ raw: ByteSlice, isOfDatabase: Bool, _ batch: inout SpanBatch, _ obfuscator: inout Obfuscator,
    _ rewriting: inout Rewriting
  ) -> ByteSlice {
    guard isOfDatabase || Obfuscator.mayQuoteDatabase(TextBytes(batch.bytes(raw))) else { return raw }
    return rewriting.rewrite(raw, Self.errorText, &batch) { text, out in
      obfuscator.appendErrorText(TextBytes(text), to: &out)
      return true
    }
  }
}
