import JSON

/// A list that a tracer wrote as JSON into a tag.
struct TaggedList {
  let elements: [JSONValue]
  /// False when its end is missing: tags that are too long are cut on their way.
  let isWhole: Bool

  /// `nil` for a text that is no list, not even the beginning of one with an element.
  init?(_ text: String) {
    guard text.utf8.first(where: { $0 != UInt8(ascii: " ") }) == UInt8(ascii: "[") else { return nil }
    let bytes = Array(text.utf8)
    if let whole = try? JSONValue.parse(bytes) {
      elements = whole.elements ?? []
      isWhole = true
    } else {
      let beginning = bytes[..<Self.endOfElements(bytes)] + [UInt8(ascii: "]")]
      guard let part = try? JSONValue.parse(Array(beginning)), let elements = part.elements, !elements.isEmpty else {
        return nil
      }
      self.elements = elements
      isWhole = false
    }
  }

  /// Where the last object ends that is an element of the list; 0 when there is none.
  private static func endOfElements(_ bytes: [UInt8]) -> Int {
    var (depth, end) = (0, 0)
    var (isInText, isEscaped) = (false, false)
    for (offset, byte) in bytes.enumerated() {
      if isInText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInText = true
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        if depth == 1 { end = offset + 1 }
        if depth <= 0 { return end }
      default: break
      }
    }
    return end
  }
}
