import TraceModel

/// The values of a JSON text in the order in which they stand, so that they can be written from the last to the first. Memory
/// is kept from text to text.
struct JSONTape: ~Copyable, Sendable {
  enum Kind: UInt8 {
    case null, yes, no
    /// A number without fraction and exponent that 64 bits hold, and any other one.
    case integer, number
    case text, array, object
  }

  /// A value; those within it, and names before their values, follow it.
  struct Node: BitwiseCopyable {
    var kind: Kind
    /// Of a text: there are backslashes in it.
    var hasEscapes = false
    /// Where it is in the text; of a text what is between the quotes.
    var start: Int32
    var length: Int32 = 0
    /// The place behind the last value that is within it.
    var next: Int
  }

  /// How deep values may lie within each other.
  static let depthMax = 64
  /// Of a longer text nothing is read: no tag is as long as that.
  private static let bytesMax = 1 << 24
  private static let bytesKept = 1 << 16

  private var nodes = GrowableBuffer<Node>()
  private var unescaped = GrowableBuffer<UInt8>()
  private var offset = 0

  var count: Int { nodes.count }
  subscript(place: Int) -> Node { nodes[place] }

  mutating func removeAll() {
    nodes.removeAll(keepingBytes: Self.bytesKept)
    unescaped.removeAll(keepingBytes: Self.bytesKept)
  }

  /// Reads one value, which has to be all of the text. False where it is no JSON, or too deep.
  mutating func read(_ text: UnsafeRawBufferPointer) -> Bool {
    nodes.truncate(to: 0)
    offset = 0
    guard text.count <= Self.bytesMax, readValue(text, depth: 0) else { return false }
    skipBlanks(text)
    return offset == text.count
  }

  private mutating func readValue(_ text: UnsafeRawBufferPointer, depth: Int) -> Bool {
    skipBlanks(text)
    guard offset < text.count, depth < Self.depthMax else { return false }
    switch text[offset] {
    case UInt8(ascii: "\""): return readText(text)
    case UInt8(ascii: "["): return readList(text, depth: depth, .array, end: UInt8(ascii: "]"))
    case UInt8(ascii: "{"): return readList(text, depth: depth, .object, end: UInt8(ascii: "}"))
    case UInt8(ascii: "t"): return readWord("true", .yes, text)
    case UInt8(ascii: "f"): return readWord("false", .no, text)
    case UInt8(ascii: "n"): return readWord("null", .null, text)
    default: return readNumber(text)
    }
  }

  private mutating func readList(
    _ text: UnsafeRawBufferPointer, depth: Int, _ kind: Kind, end: UInt8
  ) -> Bool {
    let place = nodes.count
    nodes.append(Node(kind: kind, start: Int32(offset), next: 0))
    offset += 1
    skipBlanks(text)
    if offset < text.count, text[offset] == end {
      offset += 1
      return close(place)
    }
    while true {
      if kind == .object {
        skipBlanks(text)
        guard offset < text.count, text[offset] == UInt8(ascii: "\""), readText(text) else { return false }
        skipBlanks(text)
        guard offset < text.count, text[offset] == UInt8(ascii: ":") else { return false }
        offset += 1
      }
      guard readValue(text, depth: depth + 1) else { return false }
      skipBlanks(text)
      guard offset < text.count else { return false }
      let separator = text[offset]
      offset += 1
      if separator == end { return close(place) }
      if separator != UInt8(ascii: ",") { return false }
    }
  }

  private mutating func close(_ place: Int) -> Bool {
    var node = nodes[place]
    node.next = nodes.count
    nodes[place] = node
    return true
  }

  private mutating func append(_ kind: Kind, start: Int, end: Int, hasEscapes: Bool = false) {
    nodes.append(
      Node(
        kind: kind, hasEscapes: hasEscapes, start: Int32(start), length: Int32(end - start), next: nodes.count + 1))
  }

  private mutating func readText(_ text: UnsafeRawBufferPointer) -> Bool {
    let start = offset + 1
    var (at, hasEscapes) = (start, false)
    while at < text.count, text[at] != UInt8(ascii: "\"") {
      if text[at] == UInt8(ascii: "\\") {
        hasEscapes = true
        at += 1
      }
      at += 1
    }
    guard at < text.count else { return false }
    append(.text, start: start, end: at, hasEscapes: hasEscapes)
    offset = at + 1
    return true
  }

  private mutating func readWord(_ word: StaticString, _ kind: Kind, _ text: UnsafeRawBufferPointer) -> Bool {
    let end = offset + word.utf8CodeUnitCount
    guard end <= text.count, ByteString.equal(UnsafeRawBufferPointer(rebasing: text[offset..<end]), word) else {
      return false
    }
    append(kind, start: offset, end: end)
    offset = end
    return true
  }

  private mutating func readNumber(_ text: UnsafeRawBufferPointer) -> Bool {
    let start = offset
    var isInteger = true
    while offset < text.count {
      switch text[offset] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): break
      case UInt8(ascii: "-") where offset == start: break
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
        isInteger = false
      default: return appendNumber(from: start, isInteger: isInteger, text)
      }
      offset += 1
    }
    return appendNumber(from: start, isInteger: isInteger, text)
  }

  private mutating func appendNumber(from start: Int, isInteger: Bool, _ text: UnsafeRawBufferPointer) -> Bool {
    let characters = UnsafeRawBufferPointer(rebasing: text[start..<offset])
    guard let first = characters.first(where: { $0 != UInt8(ascii: "-") }), (0x30...0x39).contains(first) else {
      return false
    }
    if isInteger, Self.integer(characters) != nil {
      append(.integer, start: start, end: offset)
      return true
    }
    guard Self.number(characters) != nil else { return false }
    append(.number, start: start, end: offset)
    return true
  }

  private mutating func skipBlanks(_ text: UnsafeRawBufferPointer) {
    while offset < text.count {
      switch text[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return
      }
    }
  }
}

/// What a value says. Each function gets the text that was read.
extension JSONTape {
  private func characters(at place: Int, _ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let node = nodes[place]
    let start = Int(node.start)
    return UnsafeRawBufferPointer(rebasing: text[start..<start + Int(node.length)])
  }

  /// Whether it is a text without escapes that spells a literal.
  func isText(at place: Int, _ literal: StaticString, _ text: UnsafeRawBufferPointer) -> Bool {
    nodes[place].kind == .text && ByteString.equal(characters(at: place, text), literal)
  }

  func integer(at place: Int, _ text: UnsafeRawBufferPointer) -> Int64? {
    nodes[place].kind == .integer ? Self.integer(characters(at: place, text)) : nil
  }

  func number(at place: Int, _ text: UnsafeRawBufferPointer) -> Double {
    Self.number(characters(at: place, text)) ?? 0
  }

  /// A number of 0 and more without a fraction, however it is written; also one in quotes.
  func wholeNumber(at place: Int, _ text: UnsafeRawBufferPointer) -> UInt64? {
    switch nodes[place].kind {
    case .integer, .text: Self.unsigned(characters(at: place, text))
    case .number: UInt64(exactly: number(at: place, text))
    default: nil
    }
  }

  /// An id: a number, or up to 32 hexadecimal digits.
  func identifier(at place: Int, _ text: UnsafeRawBufferPointer) -> (high: UInt64, low: UInt64)? {
    guard nodes[place].kind == .text else { return wholeNumber(at: place, text).map { (0, $0) } }
    let digits = characters(at: place, text)
    guard digits.count <= 32 else { return nil }
    let middle = max(0, digits.count - 16)
    guard let low = HexText.unsigned(UnsafeRawBufferPointer(rebasing: digits[middle...])) else { return nil }
    if middle == 0 { return (0, low) }
    return HexText.unsigned(UnsafeRawBufferPointer(rebasing: digits[..<middle])).map { ($0, low) }
  }

  /// A text with its escapes resolved, valid until the next one. What stands for no character becomes U+FFFD.
  mutating func unescaped(at place: Int, _ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let raw = characters(at: place, text)
    guard nodes[place].hasEscapes else { return raw }
    unescaped.truncate(to: 0)
    var at = 0
    while at < raw.count {
      guard raw[at] == UInt8(ascii: "\\"), at + 1 < raw.count else {
        unescaped.append(raw[at])
        at += 1
        continue
      }
      at += 2
      switch raw[at - 1] {
      case UInt8(ascii: "b"): unescaped.append(0x08)
      case UInt8(ascii: "f"): unescaped.append(0x0C)
      case UInt8(ascii: "n"): unescaped.append(0x0A)
      case UInt8(ascii: "r"): unescaped.append(0x0D)
      case UInt8(ascii: "t"): unescaped.append(0x09)
      case UInt8(ascii: "u"): appendUnicode(raw, &at)
      case let other: unescaped.append(other)
      }
    }
    return UnsafeRawBufferPointer(unescaped.pointer)
  }

  /// Appends the character of four hexadecimal digits, or of two times four, and moves behind them.
  private mutating func appendUnicode(_ raw: UnsafeRawBufferPointer, _ at: inout Int) {
    func unit(_ start: Int) -> UInt32? {
      guard start + 4 <= raw.count else { return nil }
      return HexText.unsigned(UnsafeRawBufferPointer(rebasing: raw[start..<start + 4])).map { UInt32($0) }
    }
    var scalar = unit(at)
    if scalar != nil { at += 4 }
    if let first = scalar, (0xD800..<0xDC00).contains(first), at + 1 < raw.count, raw[at] == UInt8(ascii: "\\"),
      raw[at + 1] == UInt8(ascii: "u"), let second = unit(at + 2), (0xDC00..<0xE000).contains(second)
    {
      scalar = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
      at += 6
    }
    let character = scalar.flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
    for byte in UTF8.encode(character) ?? UTF8.encodedReplacementCharacter { unescaped.append(byte) }
  }

  // MARK: Numbers

  private static func unsigned(_ text: UnsafeRawBufferPointer) -> UInt64? {
    guard text.count > 0 else { return nil }
    var value: UInt64 = 0
    for byte in text {
      guard (0x30...0x39).contains(byte) else { return nil }
      let (product, isTooMuch) = value.multipliedReportingOverflow(by: 10)
      let (sum, isMore) = product.addingReportingOverflow(UInt64(byte - 0x30))
      guard !isTooMuch, !isMore else { return nil }
      value = sum
    }
    return value
  }

  private static func integer(_ text: UnsafeRawBufferPointer) -> Int64? {
    guard text.first == UInt8(ascii: "-") else { return unsigned(text).flatMap { Int64(exactly: $0) } }
    let magnitude = unsigned(UnsafeRawBufferPointer(rebasing: text[1...]))
    return magnitude.flatMap { $0 == 1 << 63 ? .min : Int64(exactly: $0).map { -$0 } }
  }

  /// Longer texts are no numbers that anybody writes.
  private static let numberBytesMax = 400

  private static func number(_ text: UnsafeRawBufferPointer) -> Double? {
    guard text.count > 0, text.count <= numberBytesMax else { return nil }
    return Double(String(decoding: text, as: UTF8.self))
  }
}
