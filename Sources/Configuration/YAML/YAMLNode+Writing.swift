extension YAMLNode {
  /// The node as YAML that this and other readers take for the same, each line with its end.
  var yaml: String { lines(indent: 0).map { $0 + "\n" }.joined() }

  private func lines(indent: Int) -> [String] {
    let blanks = String(repeating: " ", count: indent)
    switch content {
    case .scalar: return [blanks + inline]
    case .sequence(let nodes):
      return nodes.map { "\(blanks)- \($0.inline)" }
    case .mapping(let entries):
      return entries.flatMap { entry in
        let key = YAMLNode(.scalar(entry.name, isPlain: Self.isPlainKey(entry.name)), line: 1).inline
        return switch entry.value.content {
        case .scalar: ["\(blanks)\(key): \(entry.value.inline)"]
        case .sequence, .mapping: ["\(blanks)\(key):"] + entry.value.lines(indent: indent + 2)
        }
      }
    }
  }

  /// A scalar in one line; others as JSON, which is YAML too.
  private var inline: String {
    switch content {
    case .scalar(let text, let isPlain): isPlain && Self.staysPlain(text) ? text : Self.quoted(text)
    case .sequence(let nodes): "[" + nodes.map(\.inline).joined(separator: ", ") + "]"
    case .mapping(let entries):
      "{" + entries.map { "\(Self.quoted($0.name)): \($0.value.inline)" }.joined(separator: ", ") + "}"
    }
  }

  /// Whether a text without quotes means the same: a number, a word, nothing that YAML has a meaning for.
  private static func staysPlain(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy {
        (0x61...0x7a).contains($0 | 0x20) || (0x30...0x39).contains($0) || "._+-".utf8.contains($0)
      } && text.utf8.first != UInt8(ascii: "-") || ScalarText.number(text) != nil
  }

  private static func isPlainKey(_ name: String) -> Bool {
    name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
      && name.utf8.first.map { (0x61...0x7a).contains($0) } == true
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _
      where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar.value == 0xfeff
        || (0x2028...0x2029).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
