/// Why a text is not JSON.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Offset in bytes of the first byte that does not fit: no document begins with the bytes up to and with it. Of a word
  /// that is misspelt, and of a number that is too large, the offset of their first byte.
  package let byteOffset: Int
  /// What would have fitted there, as part of a sentence.
  package let expected: String

  package var description: String { "not JSON at byte \(byteOffset): expected \(expected)" }
}

extension JSONValue {
  /// Levels of arrays and objects within each other; what is nested deeper is refused.
  package static let depthMax = 64

  /// Reads one document; white space around it is allowed, anything else behind it is not.
  ///
  /// Numbers without fraction and exponent become `.int` or `.uint` if they fit, all others `.double`; those beyond the
  /// range of doubles are refused. Broken UTF-8 in strings and halves of surrogate pairs become U+FFFD. Of a key given
  /// twice both members are kept; `subscript` finds the last. A byte order mark is refused.
  package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    var parser = JSONParser(bytes: bytes)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.isAtEnd else { throw parser.expected("the end of the document") }
    return value
  }

  /// Reads a text that holds one document.
  package static func parse(_ text: String) throws(JSONError) -> JSONValue { try parse(Array(text.utf8)) }

  /// The member of an object, or `nil`.
  package subscript(_ key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.0 == key }?.1
  }

  /// The text, or `nil` when it is something else.
  package var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The truth value, or `nil` when it is something else.
  package var bool: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  /// A whole number that fits 64 bits.
  package var integer: Int64? {
    switch self {
    case .int(let value): value
    case .uint(let value): Int64(exactly: value)
    default: nil
    }
  }

  /// The number, or `nil` when it is something else; whole numbers beyond 2^53 lose digits.
  package var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .uint(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// The elements of an array, or `nil` when it is something else.
  package var elements: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The members of an object in their order, or `nil` when it is something else.
  package var members: [(String, JSONValue)]? {
    guard case .object(let members) = self else { return nil }
    return members
  }
}

/// A recursive-descent reader of RFC 8259.
private struct JSONParser {
  let bytes: [UInt8]
  var offset = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { offset >= bytes.count }
  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  func expected(_ what: String) -> JSONError { JSONError(byteOffset: offset, expected: what) }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { offset += 1 }
  }

  mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard depth < JSONValue.depthMax else { throw expected("at most \(JSONValue.depthMax) levels") }
      return try next == UInt8(ascii: "{") ? object(depth) : array(depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
    default: throw expected("a value")
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[offset...].starts(with: word.utf8) else { throw expected("\"\(word)\"") }
    offset += word.utf8.count
    return value
  }

  private mutating func consume(_ byte: Unicode.Scalar, or what: String) throws(JSONError) {
    skipSpace()
    guard next == UInt8(ascii: byte) else { throw expected(what) }
    offset += 1
  }

  private mutating func isNext(_ byte: Unicode.Scalar) -> Bool {
    skipSpace()
    return next == UInt8(ascii: byte)
  }

  private mutating func object(_ depth: Int) throws(JSONError) -> JSONValue {
    offset += 1
    var members: [(String, JSONValue)] = []
    if isNext("}") {
      offset += 1
      return .object(members)
    }
    while true {
      guard isNext("\"") else { throw expected("a key") }
      let key = try string()
      try consume(":", or: "a colon")
      members.append((key, try value(depth: depth + 1)))
      if isNext(",") {
        offset += 1
        continue
      }
      try consume("}", or: "a comma or \"}\"")
      return .object(members)
    }
  }

  private mutating func array(_ depth: Int) throws(JSONError) -> JSONValue {
    offset += 1
    var elements: [JSONValue] = []
    if isNext("]") {
      offset += 1
      return .array(elements)
    }
    while true {
      elements.append(try value(depth: depth + 1))
      if isNext(",") {
        offset += 1
        continue
      }
      try consume("]", or: "a comma or \"]\"")
      return .array(elements)
    }
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = offset
    if next == UInt8(ascii: "-") { offset += 1 }
    // A zero stands alone: what follows it is no part of the number.
    if next == UInt8(ascii: "0") {
      offset += 1
    } else if digits() == nil {
      throw expected("a digit")
    }
    var isWhole = true
    if next == UInt8(ascii: ".") {
      isWhole = false
      offset += 1
      guard digits() != nil else { throw expected("a digit") }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isWhole = false
      offset += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
      guard digits() != nil else { throw expected("a digit") }
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isWhole, let value = Int64(text) { return .int(value) }
    if isWhole, let value = UInt64(text) { return .uint(value) }
    guard let value = Double(text), value.isFinite else {
      offset = start
      throw expected("a number within the range of doubles")
    }
    return .double(value)
  }

  /// Moves over digits and returns how many there were; `nil` for none.
  private mutating func digits() -> Int? {
    let start = offset
    while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { offset += 1 }
    return offset > start ? offset - start : nil
  }

  private mutating func string() throws(JSONError) -> String {
    offset += 1
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        offset += 1
        text += UTF8.encode(try escape()).map(Array.init) ?? []
      case 0..<0x20: throw expected("no control character in a string")
      default:
        text.append(byte)
        offset += 1
      }
    }
    throw expected("the end of the string")
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    guard let byte = next else { throw expected("an escape") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicode()
    default:
      offset -= 1
      throw expected("an escape")
    }
  }

  /// A `\uXXXX` escape, or two that make one character. Half a pair becomes U+FFFD.
  private mutating func unicode() throws(JSONError) -> Unicode.Scalar {
    let first = try hex()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, bytes[offset...].starts(with: "\\u".utf8) else { return "\u{FFFD}" }
    let mark = offset
    offset += 2
    let second = try hex()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else {
      offset = mark
      return "\u{FFFD}"
    }
    return scalar
  }

  private mutating func hex() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw expected("four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }
}
