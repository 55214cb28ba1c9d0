import Patterns
import TraceModel

/// A rule about a tag of a trace's root: that it is there, that it has a value, or that a pattern matches its value.
package struct TagRule: Sendable, Equatable {
  private enum Condition: Sendable, Equatable {
    case isThere
    case equals([UInt8])
    case matches(Pattern)
  }

  private let key: [UInt8]
  private let condition: Condition

  /// - Parameter text: `key` or `key:value`; blanks around either are left out. `nil` when there is no key.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
    guard let key = parts.first, !key.isEmpty else { return nil }
    self.key = Array(key.utf8)
    condition = parts.count > 1 && !parts[1].isEmpty ? .equals(Array(parts[1].utf8)) : .isThere
  }

  /// A rule of `filter_tags_regex`, with or without a pattern.
  package init(_ entry: TagPattern) {
    key = Array(entry.key.utf8)
    condition = entry.pattern.map(Condition.matches) ?? .isThere
    isFromPatterns = true
  }

  /// Whether it stands in the list of patterns, which is counted by itself.
  private(set) var isFromPatterns = false

  /// The rule as it is written.
  var text: String {
    let key = String(decoding: key, as: UTF8.self)
    return switch condition {
    case .isThere: key
    case .equals(let value): "\(key):\(String(decoding: value, as: UTF8.self))"
    case .matches(let pattern): "\(key):\(pattern.text)"
    }
  }

  /// What decides about the tag's value, if anything.
  var pattern: Pattern? {
    if case .matches(let pattern) = condition { pattern } else { nil }
  }

  /// Whether both are about the same tag.
  func hasKey(of other: TagRule) -> Bool { key == other.key }

  /// Whether a span has such a tag among its texts, in v1.0 among all of its attributes; `nil` where that cannot be told.
  /// Of a key that came twice the last value counts.
  func holds(
    for span: SpanRecord, in batch: borrowing SpanBatch, _ matches: (UnsafeRawBufferPointer) -> Bool?
  ) -> Bool? {
    for entry in span.meta.range.reversed() {
      let tag = batch.meta[entry]
      guard tag.known != .removed, batch.bytes(tag.key).elementsEqual(key) else { continue }
      return holds(for: batch.bytes(tag.value), matches)
    }
    return batch.isIndexed ? holdsOfOtherTypes(for: span, in: batch, matches) : false
  }

  private func holds(
    for value: UnsafeRawBufferPointer, _ matches: (UnsafeRawBufferPointer) -> Bool?
  ) -> Bool? {
    switch condition {
    case .isThere: true
    case .equals(let wanted): value.elementsEqual(wanted)
    case .matches: matches(value)
    }
  }

  /// Numbers and truth values are taken as their texts. Of arrays and key-value lists only the key counts.
  private func holdsOfOtherTypes(
    for span: SpanRecord, in batch: borrowing SpanBatch, _ matches: (UnsafeRawBufferPointer) -> Bool?
  ) -> Bool? {
    for entry in span.metrics.range {
      let tag = batch.metrics[entry]
      guard tag.known != .removed, batch.bytes(tag.key).elementsEqual(key) else { continue }
      var number = NumberText(tag.value)
      return number.withBytes { holds(for: $0, matches) }
    }
    for entry in span.metaStruct.range {
      let tag = batch.metaStruct[entry]
      guard tag.known != .removed, batch.bytes(tag.key).elementsEqual(key) else { continue }
      return holds(for: batch.bytes(tag.value), matches)
    }
    for entry in span.typed.range {
      let tag = batch.typedAttributes[entry]
      guard !tag.value.isRemoved, batch.bytes(tag.key).elementsEqual(key) else { continue }
      var number: NumberText
      switch tag.value.type {
      case 1: number = NumberText(tag.value.bool)
      case 2: number = NumberText(tag.value.int)
      default: return holds(for: batch.bytes(tag.value.string), matches)
      }
      return number.withBytes { holds(for: $0, matches) }
    }
    return false
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }
}
