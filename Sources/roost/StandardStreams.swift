import Platform

/// Input, output and errors of this process.
enum StandardStreams {
  /// Opens `/dev/null` for each that whoever started this process closed; else the next file or socket would get its
  /// number, and what is said there would go into it. Programs that are started find it closed as before.
  static func fillGaps() {
    while true {
      let descriptor = open("/dev/null", O_RDWR | O_CLOEXEC)
      if descriptor > STDERR_FILENO { close(descriptor) }
      if descriptor < 0 || descriptor >= STDERR_FILENO { return }
    }
  }
}
