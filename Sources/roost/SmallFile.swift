import Platform
import Terminal
import Text

/// Whole files of a few megabytes at most.
enum SmallFile {
  private static let pieceBytes = 64 * 1024

  /// The file's text, broken UTF-8 repaired; `-` is standard input.
  static func text(_ path: String, bytesMax: Int) throws(CommandFailure) -> String {
    String(decoding: try bytes(path, bytesMax: bytesMax), as: UTF8.self)
  }

  /// The file's bytes; `-` is standard input.
  static func bytes(_ path: String, bytesMax: Int) throws(CommandFailure) -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path, systemErrorText(errno)) }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: pieceBytes)
    while true {
      let count = read(descriptor, &piece, piece.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(path, systemErrorText(errno)) }
      if count == 0 { return bytes }
      bytes += piece[..<count]
      guard bytes.count <= bytesMax else { throw unreadable(path, "it is larger than \(bytesMax >> 20) MiB") }
    }
  }

  /// Writes the text and a line's end into a file that only its owner can read from then on, over what is there; `-` is
  /// standard output. A link is followed, and what is no regular file (a pipe, a terminal) keeps its mode: the path is
  /// the user's choice.
  static func write(_ text: String, to path: String) throws(CommandFailure) {
    if path == "-" { return Output.lineNow(text) }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw unwritable(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unwritable(path) }
    if status.st_mode & S_IFMT == S_IFREG {
      guard fchmod(descriptor, 0o600) == 0, ftruncate(descriptor, 0) == 0 else { throw unwritable(path) }
    }
    var rest = Array((text + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw unwritable(path) }
      rest = rest.dropFirst(count)
    }
  }

  private static func unreadable(_ path: String, _ reason: String) -> CommandFailure {
    CommandFailure(.unreadableInput, "cannot read \(safeText(path)): \(reason)")
  }

  private static func unwritable(_ path: String) -> CommandFailure {
    CommandFailure(.cannotCreate, "cannot write \(safeText(path)): \(systemErrorText(errno))")
  }
}

/// The system's `write`, under a name that the method above does not hide.
private func systemWrite(_ descriptor: CInt, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
