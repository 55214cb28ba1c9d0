extension JSONValue {
  /// The document, indented by two spaces, without a last end of line.
  package var text: String {
    var text = ""
    write(to: &text, indent: 0)
    return text
  }

  /// The document on one line, without spaces, as programs read it.
  package var compactText: String {
    var text = ""
    write(to: &text, indent: nil)
    return text
  }

  private func write(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .uint(let value): text += String(value)
    case .double(let value): text += value.isFinite ? value.description : "null"
    case .string(let value): Self.write(value, to: &text)
    case .array(let elements):
      Self.write(elements, between: "[", "]", to: &text, indent: indent) { element, text in
        element.write(to: &text, indent: indent.map { $0 + 1 })
      }
    case .object(let members):
      Self.write(members, between: "{", "}", to: &text, indent: indent) { member, text in
        Self.write(member.0, to: &text)
        text += indent == nil ? ":" : ": "
        member.1.write(to: &text, indent: indent.map { $0 + 1 })
      }
    }
  }

  private static func write<Part>(
    _ parts: [Part], between open: String, _ close: String, to text: inout String, indent: Int?,
    _ write: (Part, inout String) -> Void
  ) {
    text += open
    for (position, part) in parts.enumerated() {
      if position > 0 { text += "," }
      if let indent { text += "\n" + String(repeating: "  ", count: indent + 1) }
      write(part, &text)
    }
    if let indent, !parts.isEmpty { text += "\n" + String(repeating: "  ", count: indent) }
    text += close
  }

  /// Beyond what JSON demands, the second set of control characters is escaped too: documents end up on terminals.
  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar.value {
      case 0x22: text += "\\\""
      case 0x5c: text += "\\\\"
      case 0x08: text += "\\b"
      case 0x09: text += "\\t"
      case 0x0a: text += "\\n"
      case 0x0c: text += "\\f"
      case 0x0d: text += "\\r"
      case 0x00...0x1f, 0x7f...0x9f, 0x2028, 0x2029:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
