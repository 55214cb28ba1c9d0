import CNcurses
import CTerminalRestore
import Platform
import Terminal

/// The whole terminal as a page of lines, with a key at a time; given back as it was when this value ends, and when the
/// process crashes. There can be one in a process, for one thread.
package final class CursesScreen {
  private let functions: curses_functions
  private let screen: UnsafeMutableRawPointer
  private let window: UnsafeMutableRawPointer
  private let hasColors: Bool

  /// Takes the terminal of standard input and output.
  /// - Parameter colors: whether it may use colours, where it has some.
  package init(colors: Bool) throws(CursesError) {
    let functions = try CursesLibrary().functions
    Self.useUTF8()
    let name = getenv("TERM").map { String(cString: $0) } ?? ""
    terminal_restore_remember(STDIN_FILENO)
    guard let screen = functions.newterm(nil, curses_output(), curses_input()) else {
      throw .unknownTerminal(name: name)
    }
    guard let window = functions.newwin(0, 0, 0, 0) else {
      _ = functions.endwin()
      throw .unknownTerminal(name: name)
    }
    // Before anything is drawn.
    let farewell = Self.farewell(functions)
    farewell.withUnsafeBytes { terminal_restore_begin($0.baseAddress, $0.count) }
    _ = functions.cbreak()
    _ = functions.noecho()
    _ = functions.curs_set(0)
    // An escape sequence comes at once; a person who presses Esc should not wait for its end.
    _ = functions.set_escdelay(25)
    _ = functions.keypad(window, true)
    _ = functions.nodelay(window, true)
    let hasColors = colors && functions.has_colors()
    if hasColors {
      _ = functions.start_color()
      _ = functions.use_default_colors()
      // A pair for each colour, on the terminal's own background.
      for color in 0..<8 as Range<Int16> { _ = functions.init_pair(color + 1, color, -1) }
    }
    self.functions = functions
    self.screen = screen
    self.window = window
    self.hasColors = hasColors
  }

  deinit {
    _ = functions.delwin(window)
    _ = functions.endwin()
    functions.delscreen(screen)
    terminal_restore_end()
  }

  /// Columns and lines, as they are now.
  package var size: (width: Int, height: Int) {
    (max(0, Int(functions.getmaxx(window))), max(0, Int(functions.getmaxy(window))))
  }

  /// Draws lines from the top on; they may hold the escape sequences of `Style`, and nothing else that is not printed.
  package func draw(_ lines: [String]) {
    _ = functions.werase(window)
    for (row, line) in lines.prefix(size.height).enumerated() {
      _ = functions.wmove(window, Int32(row), 0)
      for run in StyledRun.runs(of: line) {
        _ = functions.wattr_set(window, attributes(run.look), pair(run.look), nil)
        var text = run.text
        _ = text.withUTF8 { bytes in
          bytes.withMemoryRebound(to: CChar.self) { characters in
            functions.waddnstr(window, characters.baseAddress, Int32(clamping: characters.count))
          }
        }
      }
    }
    _ = functions.wattr_set(window, 0, 0, nil)
    _ = functions.wrefresh(window)
  }

  /// The keys that were pressed since the last call.
  package func keys() -> [ScreenKey] {
    var keys: [ScreenKey] = []
    var code: wint_t = 0
    while true {
      let kind = functions.wget_wch(window, &code)
      if kind == KEY_CODE_YES {
        if let key = Self.named[Int32(truncatingIfNeeded: code)] { keys.append(key) }
      } else if kind == OK {
        if let key = ScreenKey(code: UInt32(truncatingIfNeeded: code)) { keys.append(key) }
      } else {
        return keys
      }
    }
  }

  private static let named: [Int32: ScreenKey] = [
    KEY_UP: .up, KEY_DOWN: .down, KEY_LEFT: .left, KEY_RIGHT: .right, KEY_HOME: .home, KEY_END: .end,
    KEY_PPAGE: .pageUp, KEY_NPAGE: .pageDown, KEY_ENTER: .enter, KEY_BACKSPACE: .backspace, KEY_RESIZE: .resize,
  ]

  private func attributes(_ look: StyledRun.Look) -> attr_t {
    (look.isBold ? curses_bold() : 0) | (look.isFaint ? curses_dim() : 0) | (look.isReversed ? curses_reverse() : 0)
  }

  private func pair(_ look: StyledRun.Look) -> Int16 { hasColors ? look.color.map { Int16($0) + 1 } ?? 0 : 0 }

  /// What leaves the alternate screen, shows the cursor, and ends colours and the keys' own mode.
  private static func farewell(_ functions: curses_functions) -> [UInt8] {
    ["sgr0", "op", "rmkx", "cnorm", "rmcup"].flatMap { name -> [UInt8] in
      // A capability that is none is -1.
      guard let text = functions.tigetstr(name), Int(bitPattern: text) != -1 else { return [] }
      return withoutPadding(String(cString: text))
    }
  }

  /// Without the pauses that terminals of paper needed: `$<5>`.
  private static func withoutPadding(_ capability: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(capability.utf8)[...]
    while let byte = rest.first {
      if byte == UInt8(ascii: "$"), rest.dropFirst().first == UInt8(ascii: "<"),
        let end = rest.firstIndex(of: UInt8(ascii: ">"))
      {
        rest = rest[(end + 1)...]
      } else {
        bytes.append(byte)
        rest = rest.dropFirst()
      }
    }
    return bytes
  }

  /// Everything else that roost prints is UTF-8 whatever the locale says, so this is too.
  private static func useUTF8() {
    for name in ["", "C.UTF-8", "en_US.UTF-8"] {
      guard setlocale(LC_CTYPE, name) != nil, let code = nl_langinfo(nl_item(CODESET)) else { continue }
      if String(cString: code).uppercased() == "UTF-8" { return }
    }
  }
}
