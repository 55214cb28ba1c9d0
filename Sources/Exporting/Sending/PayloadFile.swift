import Platform

/// Owner of an open file whose whole content is the body of a payload; closes it when the last payload with it is gone.
///
/// The file may lose its name meanwhile: what was opened stays readable. Several requests may read it at once.
package final class PayloadFile: Sendable {
  private let descriptor: Int32
  /// Bytes of the file when it was opened.
  package let byteCount: Int

  /// Opens a regular file, which has to be complete: bytes that are added later are not sent.
  package init(path: String) throws(PayloadBodyError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(SystemError("open", errno)) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = SystemError("fstat", errno)
      close(descriptor)
      throw .unreadable(error)
    }
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `space` with the bytes from `offset` on.
  func read(into space: UnsafeMutableRawBufferPointer, at offset: Int) throws(PayloadBodyError) {
    var done = 0
    while done < space.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: space[done...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(SystemError("pread", errno)) }
      guard count > 0 else { throw .shortened }
      done += count
    }
  }
}
