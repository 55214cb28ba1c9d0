import Obfuscation
import TraceModel

extension ObfuscatingStep {
  /// Puts `?` in the place of card numbers, in the tags of a span and in the attributes of its events.
  @inline(__always) func hideCards(_ batch: inout SpanBatch, _ span: SpanRecord, _ obfuscator: borrowing Obfuscator) {
    for entry in span.meta.range {
      let meta = batch.meta[entry]
      guard meta.value.length >= 12, meta.known != .removed,
        obfuscator.isCardNumber(key: TextBytes(batch.bytes(meta.key)), value: TextBytes(batch.bytes(meta.value)))
      else { continue }
      batch.meta[entry].value = batch.addText("?")
    }
    for entry in span.typed.range { hideCard(&batch, entry, obfuscator) }
    for event in span.events.range {
      for entry in batch.events[event].attributes.range { hideCard(&batch, entry, obfuscator) }
    }
  }

  private func hideCard(_ batch: inout SpanBatch, _ entry: Int, _ obfuscator: borrowing Obfuscator) {
    let key = batch.typedAttributes[entry].key
    let value = batch.typedAttributes[entry].value
    if isCard(value, key, batch, obfuscator) { batch.typedAttributes[entry].value = .string(batch.addText("?")) }
    guard value.type == 4 else { return }
    for element in value.array.range where isCard(batch.arrayValues[element], key, batch, obfuscator) {
      batch.arrayValues[element] = .string(batch.addText("?"))
    }
  }

  /// A number of any type can be a card's, as its text would be.
  private func isCard(
    _ value: AnyValueRecord, _ key: ByteSlice, _ batch: borrowing SpanBatch, _ obfuscator: borrowing Obfuscator
  ) -> Bool {
    let name = TextBytes(batch.bytes(key))
    let number: Int64?
    switch value.type {
    case 0: return obfuscator.isCardNumber(key: name, value: TextBytes(batch.bytes(value.string)))
    case 2: number = value.int
    case 3: number = Int64(exactly: value.double)
    default: return false
    }
    // Shorter ones are no cards, and most numbers are shorter. A minus sign counts as one of the dashes within.
    guard let number, number.magnitude >= 100_000_000_000 else { return false }
    var text = String(number)
    return text.withUTF8 { obfuscator.isCardNumber(key: name, value: TextBytes(UnsafeRawBufferPointer($0))) }
  }
}
