/// Parts of an open file, at places that the caller says: reading and writing move no position that others share.
package enum FileParts {
  /// Reads so many bytes from `offset` on; fewer where the file ends before.
  package static func read(_ descriptor: Int32, _ count: Int, at offset: Int) throws(SystemError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 0)) { space, done in
      while done < count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(space)[done..<count])
        let got = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = errno }
        guard got > 0 else { return }
        done += got
      }
    }
    if failure != 0 { throw SystemError("read", failure) }
    return bytes
  }

  /// Writes all of the bytes from `offset` on. After a failure some of them may be there.
  package static func write(_ bytes: [UInt8], to descriptor: Int32, at offset: Int) throws(SystemError) {
    let failure = bytes.withUnsafeBytes { writeAll($0, descriptor, offset) }
    if failure != 0 { throw SystemError("write", failure) }
  }

  /// The same of bytes and what stands behind them, as a rule in one call.
  package static func write(
    _ bytes: [UInt8], followedBy rest: [UInt8], to descriptor: Int32, at offset: Int
  ) throws(SystemError) {
    let done = bytes.withUnsafeBytes { bytes in
      rest.withUnsafeBytes { rest in
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { parts in
          parts[0] = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
          parts[1] = iovec(iov_base: UnsafeMutableRawPointer(mutating: rest.baseAddress), iov_len: rest.count)
          defer { parts.deinitialize() }
          return pwritev(descriptor, parts.baseAddress, 2, off_t(offset))
        }
      }
    }
    // Whatever was not written shows its error when it is tried once more.
    try finish(bytes, followedBy: rest, after: max(done, 0), to: descriptor, at: offset)
  }

  /// Writes of bytes and what stands behind them what is not there yet.
  /// - Parameter done: so many of both are.
  static func finish(
    _ bytes: [UInt8], followedBy rest: [UInt8], after done: Int, to descriptor: Int32, at offset: Int
  ) throws(SystemError) {
    let failure: Int32 = bytes.withUnsafeBytes { bytes in
      rest.withUnsafeBytes { rest in
        let failure = writeAll(
          UnsafeRawBufferPointer(rebasing: bytes[min(done, bytes.count)...]), descriptor, offset + done)
        guard failure == 0 else { return failure }
        let restDone = max(done - bytes.count, 0)
        return writeAll(
          UnsafeRawBufferPointer(rebasing: rest[restDone...]), descriptor, offset + bytes.count + restDone)
      }
    }
    if failure != 0 { throw SystemError("write", failure) }
  }

  /// - Returns: 0, or the error number.
  private static func writeAll(_ bytes: UnsafeRawBufferPointer, _ descriptor: Int32, _ offset: Int) -> Int32 {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count == 0 ? ENOSPC : errno }
      done += count
    }
    return 0
  }
}
