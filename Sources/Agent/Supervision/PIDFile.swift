import Platform

/// The file in which an agent leaves its process number, for supervisors that look for one.
struct PIDFile: Sendable {
  private let path: String

  /// Writes the file, over what an agent that was killed has left there; `nil`, and a line in the log, when that cannot be.
  init?(path: String, log: Log) {
    self.path = path
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      log.error("cannot write the process number to \(path): \(systemErrorText(errno))")
      return nil
    }
    defer { close(descriptor) }
    let bytes = Array("\(getpid())\n".utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else {
      log.error("cannot write the process number to \(path): \(systemErrorText(errno))")
      return nil
    }
  }

  /// Removes the file: no process has the number any more.
  func remove() { unlink(path) }
}
