import Platform

/// The two streams that a person or a script reads.
enum Output {
  /// Prints a line of results to standard output, which may be buffered.
  static func line(_ text: String) { print(text) }

  /// The same, seen at once even through a pipe.
  static func lineNow(_ text: String) {
    print(text)
    fflush(nil)
  }

  /// What went wrong: standard error, behind the program's name.
  static func failure(_ text: String) { problem("roost: " + text) }

  /// Writes a line to standard error, after what was printed before it.
  static func problem(_ text: String) {
    // Before anything said there, what was already printed has to be out, or the two appear in the wrong order.
    fflush(nil)
    let bytes = Array((text + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
