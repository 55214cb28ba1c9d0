/// A value that documents write as one text, number or truth value.
protocol JSONLeaf {
  /// The text, number or truth value that stands for it in a document.
  var json: JSONValue { get }
  /// `nil` when the document holds something else.
  init?(json: JSONValue)
  /// What lenient reading takes in place of something else.
  static var blank: Self { get }
  /// What a document should hold, for messages: `a text`.
  static var expectation: String { get }
}

extension Bool: JSONLeaf {
  var json: JSONValue { .bool(self) }

  init?(json: JSONValue) {
    guard let value = json.bool else { return nil }
    self = value
  }

  static var blank: Bool { false }
  static var expectation: String { "true or false" }
}

extension String: JSONLeaf {
  var json: JSONValue { .string(self) }

  init?(json: JSONValue) {
    guard let text = json.string else { return nil }
    self = text
  }

  static var blank: String { "" }
  static var expectation: String { "a text" }
}

extension Double: JSONLeaf {
  var json: JSONValue { .double(self) }

  init?(json: JSONValue) {
    guard let number = json.number else { return nil }
    self = number
  }

  static var blank: Double { 0 }
  static var expectation: String { "a number" }
}

extension Float: JSONLeaf {
  var json: JSONValue { .double(Double(self)) }

  init?(json: JSONValue) {
    guard let number = json.number else { return nil }
    self.init(number)
  }

  static var blank: Float { 0 }
  static var expectation: String { "a number" }
}

extension FixedWidthInteger where Self: JSONLeaf {
  /// Integers of more than 64 bits have no place in documents; none is a leaf.
  var json: JSONValue { Int64(exactly: self).map(JSONValue.int) ?? .uint(UInt64(clamping: self)) }

  init?(json: JSONValue) {
    let value: Self? =
      switch json {
      case .int(let value): Self(exactly: value)
      case .uint(let value): Self(exactly: value)
      case .double(let value): Self(exactly: value)
      default: nil
      }
    guard let value else { return nil }
    self = value
  }

  static var blank: Self { 0 }
  static var expectation: String { "a whole number that fits \(Self.self)" }
}

extension Int: JSONLeaf {}
extension Int8: JSONLeaf {}
extension Int16: JSONLeaf {}
extension Int32: JSONLeaf {}
extension Int64: JSONLeaf {}
extension UInt: JSONLeaf {}
extension UInt8: JSONLeaf {}
extension UInt16: JSONLeaf {}
extension UInt32: JSONLeaf {}
extension UInt64: JSONLeaf {}

extension Timestamp: JSONLeaf {
  var json: JSONValue { .string(text) }

  init?(json: JSONValue) {
    guard let text = json.string else { return nil }
    self.init(text)
  }

  static var blank: Timestamp { Timestamp(unixNs: 0) }
  static var expectation: String { "a time such as 2026-11-24T07:00:00Z" }
}
