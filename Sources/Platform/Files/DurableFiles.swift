/// What makes files and their names survive a loss of power.
package enum DurableFiles {
  /// Returns when all that was written to a file survives it.
  package static func sync(_ descriptor: Int32) throws(SystemError) {
    #if canImport(Darwin)
      let code = fcntl(descriptor, F_FULLFSYNC)
    #else
      let code = fdatasync(descriptor)
    #endif
    if code != 0 { throw SystemError("fdatasync", errno) }
  }

  /// Returns when the names in a folder survive it.
  package static func syncNames(in folder: String) throws(SystemError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", errno) }
    defer { close(descriptor) }
    // Some file systems cannot; then they need not.
    if fsync(descriptor) != 0, errno != EINVAL { throw SystemError("fsync", errno) }
  }
}
