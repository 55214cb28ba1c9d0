import Text

/// Bytes as people read them: sixteen on a line where it is wide enough, with the index of the first in front and their
/// letters behind, and a mark below one.
struct HexLines {
  let bytes: [UInt8]
  /// Index of the first of them.
  let offset: Int
  /// Index of the byte that is marked; it may be the one behind the last.
  let marked: Int

  /// - Parameter note: what is said of the marked byte.
  func lines(note: String, _ drawing: Drawing) -> [String] {
    let lineBytes = Self.lineBytes(drawing.width)
    var lines: [String] = []
    // Lines begin at whole sixteens, as in every other tool.
    var start = offset - offset % lineBytes
    let end = max(offset + bytes.count, marked + 1)
    while start < end {
      lines.append("  " + line(from: start, lineBytes, drawing))
      if (start..<start + lineBytes).contains(marked) {
        let place = 4 + Self.indexDigits + 3 * (marked - start) + (marked - start >= lineBytes / 2 ? 1 : 0)
        let text = String(repeating: " ", count: place) + "^^ " + note
        lines.append(Style.bad.applied(to: text.fittingLine(drawing.width), colors: drawing.colors))
      }
      start += lineBytes
    }
    return lines
  }

  private static let indexDigits = 8

  /// As many bytes as fit, each with its two digits and its letter.
  private static func lineBytes(_ width: Int?) -> Int {
    guard let width else { return 16 }
    return [16, 8].first { 6 + indexDigits + 4 * $0 <= width } ?? 4
  }

  private func line(from start: Int, _ lineBytes: Int, _ drawing: Drawing) -> String {
    let digits = String(start, radix: 16)
    let index = String(repeating: "0", count: max(0, Self.indexDigits - digits.count)) + digits
    var (numbers, letters) = ("", "")
    for place in start..<start + lineBytes {
      if place == start + lineBytes / 2 { numbers += " " }
      guard place >= offset, place - offset < bytes.count else {
        numbers += "   "
        if place < offset { letters += " " }
        continue
      }
      let byte = bytes[place - offset]
      let (text, letter) = ((byte < 16 ? "0" : "") + String(byte, radix: 16), Self.letter(byte))
      let isMarked = place == marked
      numbers += (isMarked ? Style.bad.applied(to: text, colors: drawing.colors) : text) + " "
      letters += isMarked ? Style.bad.applied(to: letter, colors: drawing.colors) : letter
    }
    return Style.faint.applied(to: index, colors: drawing.colors) + "  " + numbers + " " + letters
  }

  /// The byte's sign, where a terminal shows one.
  private static func letter(_ byte: UInt8) -> String {
    byte >= 0x20 && byte < 0x7f ? String(UnicodeScalar(byte)) : "."
  }
}
