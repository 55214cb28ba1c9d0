import Platform

/// Whether a program can be started, found out before anything is done for it. The system's own start may still fail: a
/// file that is no program shows only then.
package enum ProgramSearch {
  /// Where programs are looked for when `PATH` is not set.
  #if canImport(Darwin)
    private static let usualPath = "/usr/bin:/bin"
  #else
    private static let usualPath = "/bin:/usr/bin"
  #endif
  /// Of a script's first line.
  private static let firstLineBytesMax = 256

  /// What keeps a program from being started.
  package enum Problem: Sendable, Equatable {
    /// There is no such file.
    case missing
    /// It is there and cannot be started; the system's error number.
    case refused(Int32)
    /// A script whose first line names a program that is not there.
    case noInterpreter(String)
  }

  /// `nil` when nothing is known to keep it.
  /// - Parameters:
  ///   - word: as it is typed: a path when it has a slash, else a name that is looked for.
  ///   - path: the folders to look in, with colons between; `nil` when the variable is not set.
  package static func problem(of word: [UInt8], path: String?) -> Problem? {
    guard !word.isEmpty else { return .missing }
    if word.contains(UInt8(ascii: "/")) { return problem(ofFile: word) }
    var first = Problem.missing
    let folders = (path ?? usualPath).utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    for folder in folders {
      let place = folder.isEmpty ? Array(".".utf8) : Array(folder)
      guard let problem = problem(ofFile: place + [UInt8(ascii: "/")] + word) else { return nil }
      // As shells do: what cannot be started here may be found further on.
      if first == .missing { first = problem }
    }
    return first
  }

  private static func problem(ofFile path: [UInt8]) -> Problem? {
    let text = path.map { CChar(bitPattern: $0) } + [0]
    var status = stat()
    guard stat(text, &status) == 0 else {
      return errno == ENOENT || errno == ENOTDIR ? .missing : .refused(errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { return .refused(EACCES) }
    guard access(text, X_OK) == 0 else { return .refused(errno) }
    guard let interpreter = interpreter(of: text), access(interpreter, X_OK) != 0 else { return nil }
    return .noInterpreter(interpreter)
  }

  /// The program that a script's first line names; `nil` when it is no script or cannot be read.
  private static func interpreter(of path: [CChar]) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: firstLineBytesMax)
    let count = read(file, &bytes, bytes.count)
    guard count > 2, bytes.starts(with: "#!".utf8) else { return nil }
    let line = bytes[2..<count].prefix { $0 != UInt8(ascii: "\n") }
    let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    let name = line.drop(while: isSpace).prefix { !isSpace($0) }
    return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
  }
}
