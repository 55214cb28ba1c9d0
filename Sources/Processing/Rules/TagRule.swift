import TraceModel

/// A rule about a tag of a trace's root: that it is there, or that it has a value.
package struct TagRule: Sendable, Equatable {
  private let key: [UInt8]
  /// `nil` where any value will do.
  private let value: [UInt8]?

  /// - Parameter text: `key` or `key:value`; blanks around either are left out. `nil` when there is no key.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trimmed)
    guard let key = parts.first, !key.isEmpty else { return nil }
    self.key = Array(key.utf8)
    value = parts.count > 1 && !parts[1].isEmpty ? Array(parts[1].utf8) : nil
  }

  /// The rule as it is written.
  var text: String {
    let key = String(decoding: key, as: UTF8.self)
    return value.map { "\(key):\(String(decoding: $0, as: UTF8.self))" } ?? key
  }

  /// Whether a span has such a tag among its texts. Of a key that came twice the last value counts.
  func holds(for span: SpanRecord, in batch: borrowing SpanBatch) -> Bool {
    for entry in span.meta.range.reversed() {
      let tag = batch.meta[entry]
      guard tag.known != .removed, batch.bytes(tag.key).elementsEqual(key) else { continue }
      return value.map { batch.bytes(tag.value).elementsEqual($0) } ?? true
    }
    return false
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }
}
