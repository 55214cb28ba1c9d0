/// Both ends of a pipe that blocks nobody and is not inherited by programs that are started. Closes them.
package struct Pipe: ~Copyable, Sendable {
  /// The descriptor for `read` and `poll`; closed with this value.
  package let readEnd: Int32
  /// The descriptor for `write`; closed with this value.
  package let writeEnd: Int32

  /// - Throws: when the process has no descriptors left.
  package init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemError("pipe", errno) }
    for end in ends { SystemSockets.prepare(end) }
    readEnd = ends[0]
    writeEnd = ends[1]
  }

  deinit {
    _ = close(readEnd)
    _ = close(writeEnd)
  }
}
