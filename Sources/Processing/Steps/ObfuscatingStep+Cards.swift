import Obfuscation
import TraceModel

extension ObfuscatingStep {
  /// Puts `?` in the place of card numbers, in the tags of a span and in the attributes of its
  /// events and links, with the values that lie within those.
  @inline(__always) func hideCards(_ batch: inout SpanBatch, _ span: SpanRecord, _ obfuscator: inout Obfuscator) {
    let first = span.meta.range.lowerBound
    let entries = UnsafeBufferPointer(rebasing: batch.meta.pointer[span.meta.range])
    var texts = batch.texts
    for place in 0..<entries.count {
      let (value, known) = (entries[place].value, entries[place].known)
      // The obfuscator is large, and lending it costs more than the look at the number.
      guard value.length >= 12, known != .removed, CardNumber.mayBegin(TextBytes(texts[value])),
        CardNumber.matches(TextBytes(texts[value]), checksum: options.creditCardsNeedChecksum),
        obfuscator.mayHoldCard(key: TextBytes(texts[entries[place].key]))
      else { continue }
      batch.meta[first + place].value = batch.addText("?")
      texts = batch.texts
    }
    if !span.typed.isEmpty { hideCards(&batch, span.typed, &obfuscator, depth: 0) }
    for event in span.events.range { hideCards(&batch, batch.events[event].attributes, &obfuscator, depth: 0) }
    for link in span.links.range { hideCards(&batch, batch.links[link], &obfuscator) }
  }

  private func hideCards(_ batch: inout SpanBatch, _ link: LinkRecord, _ obfuscator: inout Obfuscator) {
    for entry in link.attributes.range {
      let (key, value) = (batch.linkAttributes[entry].key, batch.linkAttributes[entry].value)
      if isCard(.string(value), key, batch, &obfuscator) { batch.linkAttributes[entry].value = batch.addText("?") }
    }
    hideCards(&batch, link.typed, &obfuscator, depth: 0)
  }

  private func hideCards(
    _ batch: inout SpanBatch, _ attributes: IndexRange, _ obfuscator: inout Obfuscator, depth: Int
  ) {
    for entry in attributes.range {
      let (key, value) = (batch.typedAttributes[entry].key, batch.typedAttributes[entry].value)
      if isCard(value, key, batch, &obfuscator) { batch.typedAttributes[entry].value = .string(batch.addText("?")) }
      hideCards(inside: value, key, &batch, &obfuscator, depth: depth)
    }
  }

  /// - Parameter key: of the attribute that the value belongs to; entries of a list have keys of their own.
  private func hideCards(
    inside value: AnyValueRecord, _ key: ByteSlice, _ batch: inout SpanBatch, _ obfuscator: inout Obfuscator,
    depth: Int
  ) {
    guard depth < AnyValueRecord.depthMax else { return }
    if value.type == 4 {
      for element in value.array.range {
        let inner = batch.arrayValues[element]
        if isCard(inner, key, batch, &obfuscator) { batch.arrayValues[element] = .string(batch.addText("?")) }
        hideCards(inside: inner, key, &batch, &obfuscator, depth: depth + 1)
      }
    }
    hideCards(&batch, value.keyValues, &obfuscator, depth: depth + 1)
  }

  /// A number of any type can be a card's, as its text would be.
  private func isCard(
    _ value: AnyValueRecord, _ key: ByteSlice, _ batch: borrowing SpanBatch, _ obfuscator: inout Obfuscator
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
