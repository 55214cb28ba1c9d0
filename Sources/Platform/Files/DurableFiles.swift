/// What makes files and their names survive a loss of power.
package enum DurableFiles {
  /// Returns when all that was written to a file survives it. Once it has thrown, what was written may be gone although a
  /// later call returns: the system forgets what it could not write.
  package static func sync(_ descriptor: Int32) throws(SystemError) {
    while true {
      #if canImport(Darwin)
        let code = fcntl(descriptor, F_FULLFSYNC)
      #else
        let code = fdatasync(descriptor)
      #endif
      if code == 0 { return }
      // File systems of other machines can be interrupted.
      if errno != EINTR { throw SystemError("fdatasync", errno) }
    }
  }

  /// Returns when the names in a folder survive it.
  package static func syncNames(in folder: String) throws(SystemError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", errno) }
    defer { close(descriptor) }
    while fsync(descriptor) != 0 {
      if errno == EINTR { continue }
      // Some file systems cannot; then they need not.
      if errno == EINVAL { return }
      throw SystemError("fsync", errno)
    }
  }
}
