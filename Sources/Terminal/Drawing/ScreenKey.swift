/// A key that was pressed on a full screen.
package enum ScreenKey: Sendable, Equatable {
  case up, down, left, right, home, end, pageUp, pageDown
  case enter, escape, backspace
  /// The terminal has another size.
  case resize
  case character(Character)

  /// The key of a character's code; `nil` for one that is none.
  package init?(code: UInt32) {
    switch code {
    case 0x0a, 0x0d: self = .enter
    case 0x1b: self = .escape
    case 0x08, 0x7f: self = .backspace
    case 0x00..<0x20: return nil
    default:
      guard let scalar = Unicode.Scalar(code) else { return nil }
      self = .character(Character(scalar))
    }
  }
}
