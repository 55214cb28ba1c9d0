import CNcurses
import Platform

/// Why there is no full screen.
package enum CursesError: Error, Sendable, Equatable, CustomStringConvertible {
  /// ncurses is not installed, or too old.
  case noLibrary(reason: String)
  /// ncurses does not know the terminal.
  case unknownTerminal(name: String)

  /// One sentence without a final stop; it says what to do where there is something.
  package var description: String {
    switch self {
    case .noLibrary(let reason): reason
    case .unknownTerminal(""): "the variable TERM does not say which terminal this is"
    case .unknownTerminal(let name): "nothing is known here of the terminal \"\(name)\" (TERM)"
    }
  }
}

/// ncursesw, opened when there is something to draw instead of being linked. It stays open until the process ends.
struct CursesLibrary {
  #if canImport(Darwin)
    static let names = [
      "/opt/homebrew/opt/ncurses/lib/libncursesw.6.dylib", "/usr/local/opt/ncurses/lib/libncursesw.6.dylib",
      "/usr/lib/libncurses.5.4.dylib",
    ]
    private static let installation = "brew install ncurses"
  #else
    static let names = ["libncursesw.so.6"]
    private static let installation = "the package libncursesw6 has it"
  #endif

  let functions: curses_functions

  /// Takes the first library of `names` that is there.
  init(names: [String] = CursesLibrary.names) throws(CursesError) {
    guard let handle = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
      throw .noLibrary(reason: "ncurses is not installed: \(Self.installation)")
    }
    var functions = curses_functions()
    if let missing = curses_functions_load(&functions, handle) {
      throw .noLibrary(reason: "this ncurses has no \(String(cString: missing))")
    }
    self.functions = functions
  }
}
