/// A text by its bytes.
///
/// Swift's strings compare by what a person reads and cannot hold broken UTF-8; tests of a decoder want neither.
package struct PlainText: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  package var bytes: [UInt8]

  package init(_ bytes: [UInt8] = []) { self.bytes = bytes }
  package init(_ text: String) { bytes = [UInt8](text.utf8) }
  package init(stringLiteral value: String) { self.init(value) }

  package var description: String { "\"\(String(decoding: bytes, as: UTF8.self))\"" }

  /// The text with every byte that is not part of a UTF-8 character replaced by U+FFFD, found with the standard
  /// library's own validation.
  package var repaired: PlainText {
    var repaired: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let length = (1...4).first { length in
        index + length <= bytes.count
          && String(validating: bytes[index..<index + length], as: UTF8.self)?.unicodeScalars.count == 1
      }
      repaired += length.map { Array(bytes[index..<index + $0]) } ?? Array("\u{FFFD}".utf8)
      index += length ?? 1
    }
    return PlainText(repaired)
  }
}

/// A double that equals itself also when it is not a number; the two zeros differ.
package struct PlainNumber: Equatable, Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  CustomStringConvertible
{
  package var value: Double
  /// Whether it came as an integer, in a format that tells the two apart.
  package var isInteger = false

  package init(_ value: Double = 0, isInteger: Bool = false) {
    self.value = value
    self.isInteger = isInteger
  }
  package init(floatLiteral value: Double) { self.value = value }
  package init(integerLiteral value: Int) { self.value = Double(value) }

  package var description: String { "\(value)" }

  package static func == (left: Self, right: Self) -> Bool {
    left.isInteger == right.isInteger
      && ((left.value.isNaN && right.value.isNaN) || left.value.bitPattern == right.value.bitPattern)
  }
}

/// An attribute: a key and its value.
package struct Pair<Value: Equatable & Sendable>: Equatable, Sendable {
  package var key: PlainText
  package var value: Value

  package init(_ key: PlainText, _ value: Value) {
    self.key = key
    self.value = value
  }
}

extension Array {
  /// Attributes as a map holds them: of equal keys the last, in the order of the keys' bytes.
  package func settled<Value>() -> [Pair<Value>] where Element == Pair<Value> {
    var last: [PlainText: Value] = [:]
    for pair in self { last[pair.key] = pair.value }
    return last.map { Pair($0.key, $0.value) }
      .sorted { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }
  }
}
