/// Makes text from outside harmless to a terminal and to its reader.
///
/// Service and resource names come from anybody who can reach the trace port. Control characters in them could move
/// the cursor, retitle the window or answer on the keyboard's behalf; direction marks and what cannot be seen could make
/// a name read as another; marks piled on one letter run over the lines around it. All are shown as escapes instead.
package func safeText(_ text: String) -> String {
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text }
  var reader = VisibleText()
  var shown = ""
  var scalars = text.unicodeScalars.makeIterator()
  var next = scalars.next()
  while let scalar = next {
    next = scalars.next()
    if reader.isShown(scalar, before: next) {
      shown.unicodeScalars.append(scalar)
    } else {
      shown += escape(of: scalar)
    }
  }
  return shown
}

private func escape(of scalar: Unicode.Scalar) -> String {
  switch scalar.value {
  case 0x09: return "\\t"
  case 0x0a: return "\\n"
  case 0x0d: return "\\r"
  case let value where value <= 0xff: return "\\x" + (value < 0x10 ? "0" : "") + String(value, radix: 16)
  case let value: return "\\u{\(String(value, radix: 16))}"
  }
}

/// What Unicode says of a scalar that hides it, or puts it on another. The page has the same sets, written from these.
package enum ScalarKind {
  /// Marks on one letter: Thai needs two, Hebrew with its accents three. More run over the lines around.
  package static let marksMax = 3

  /// Control characters, the soft hyphen, zero-width characters, direction marks, fillers, variation selectors and tags;
  /// braille without dots is as blank.
  package static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x300 {
      return scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar.value == 0xad
    }
    let properties = scalar.properties
    if properties.isDefaultIgnorableCodePoint || scalar.value == 0x2800 { return true }
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return true
    default: return false
    }
  }

  /// What is put on the letter before it.
  package static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= 0x300 else { return false }
    let category = scalar.properties.generalCategory
    return category == .nonspacingMark || category == .enclosingMark
  }

  /// What the joiner and the selector may stand behind. Digits count too.
  package static func isEmoji(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isEmoji }
}

/// Decides, scalar by scalar, what of a text may be shown as it is.
private struct VisibleText {
  private var marks = 0
  private var before: Unicode.Scalar?

  /// Whether the next scalar, which another one follows, may be shown.
  mutating func isShown(_ scalar: Unicode.Scalar, before next: Unicode.Scalar?) -> Bool {
    let isShown = judge(scalar, next)
    // What was shown as an escape is no letter that a mark could be put on.
    before = isShown ? scalar : nil
    return isShown
  }

  private mutating func judge(_ scalar: Unicode.Scalar, _ next: Unicode.Scalar?) -> Bool {
    if joinsEmoji(scalar, next) { return true }
    if ScalarKind.isHidden(scalar) { return false }
    guard ScalarKind.isMark(scalar) else {
      marks = 0
      return true
    }
    marks += 1
    return before != nil && marks <= ScalarKind.marksMax
  }

  /// The joiner and the selector that emoji are made of, where they stand between emoji or behind one.
  private func joinsEmoji(_ scalar: Unicode.Scalar, _ next: Unicode.Scalar?) -> Bool {
    guard scalar.value == 0x200d || scalar.value == 0xfe0f, let before else { return false }
    if scalar.value == 0xfe0f { return ScalarKind.isEmoji(before) }
    return (before.value == 0xfe0f || Self.isPicture(before)) && next.map(Self.isPicture) == true
  }

  /// Digits count as emoji too, and are none here.
  private static func isPicture(_ scalar: Unicode.Scalar) -> Bool { scalar.value > 0xff && ScalarKind.isEmoji(scalar) }
}
