/// The files mapped into this process: its own binary and the libraries below it.
///
/// The kernel maps 16 pages around each one that is touched, so starting up leaves several times more of them resident
/// than serving needs. What is as in the file can be read from the page cache again at any time.
package enum MappedFiles {
  #if os(Linux)
    /// Drops the resident pages of all mapped files that are as in the file; what is needed again comes back by a page
    /// fault that reads from memory. Takes about 3 ms, most of it the kernel's for describing the mappings.
    ///
    /// Mappings that anything has changed are left alone whole: by the loader, or by a debugger that set a breakpoint.
    /// Call it in quiet times, because while a thread opens a library, its mappings are not yet what they will be.
    package static func releaseCleanPages() {
      guard let file = fopen("/proc/self/smaps", "re") else { return }
      defer { fclose(file) }
      var current: Mapping?
      var buffer = [UInt8](repeating: 0, count: lineBytesMax)
      // The kernel describes each mapping in lines behind its header; those with anonymous pages hold changed ones.
      while let line = nextLine(of: file, &buffer) {
        if line.starts(with: anonymous) {
          if let mapping = current.take(), mapping.isReadOnlyFile, isZero(line) {
            let bytes = mapping.addresses.count
            madvise(UnsafeMutableRawPointer(bitPattern: mapping.addresses.lowerBound), bytes, MADV_DONTNEED)
          }
        } else if let mapping = Mapping(line: line) {
          current = mapping
        }
      }
    }

    private static let anonymous = [UInt8]("Anonymous:".utf8)
    private static let none = [UInt8]("0 kB".utf8)
    /// Longer than any line of the kernel's but one with a very long path, which then counts as several lines.
    private static let lineBytesMax = 1024

    private static func isZero(_ line: ArraySlice<UInt8>) -> Bool {
      line.dropFirst(anonymous.count).drop { $0 == 0x20 }.starts(with: none)
    }

    /// The next line, without its end, as a part of `buffer`; `nil` at the end of the file.
    private static func nextLine(of file: UnsafeMutablePointer<FILE>, _ buffer: inout [UInt8]) -> ArraySlice<UInt8>? {
      let isThere = buffer.withUnsafeMutableBytes { bytes in
        bytes.withMemoryRebound(to: CChar.self) { fgets($0.baseAddress, Int32(clamping: $0.count), file) != nil }
      }
      return isThere ? buffer.prefix { $0 != 0 && $0 != 0x0a } : nil
    }
  #else
    /// Does nothing: here the system drops clean pages as it sees fit, and does not count them against the process.
    package static func releaseCleanPages() {}
  #endif
}
