/// Makes text from outside harmless to a terminal.
///
/// Service and resource names come from anybody who can reach the trace port. Control characters in them could move
/// the cursor, retitle the window or answer on the keyboard's behalf; direction marks could make a name read as
/// another. All are shown as escapes instead.
package func safeText(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
  var shown = ""
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0x09: shown += "\\t"
    case 0x0a: shown += "\\n"
    case 0x0d: shown += "\\r"
    case let value where value <= 0xff && isUnsafe(scalar):
      let digits = String(value, radix: 16)
      shown += "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
    case let value where isUnsafe(scalar): shown += "\\u{\(String(value, radix: 16))}"
    default: shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

/// Control characters of both sets, line and paragraph separators, direction marks and invisible fillers.
private func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x00...0x1f, 0x7f...0x9f, 0x061c, 0x200b, 0x200e, 0x200f, 0x2028...0x202e, 0x2060...0x2069, 0xfeff,
    0xe0000...0xe007f:
    true
  default: false
  }
}
