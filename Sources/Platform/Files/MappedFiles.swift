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
      var current: Mapping?
      // The kernel describes each mapping in lines behind its header; those with anonymous pages hold changed ones.
      try? ProcFS().own.forEachLine(of: "smaps") { line in
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

    private static func isZero(_ line: ArraySlice<UInt8>) -> Bool {
      line.dropFirst(anonymous.count).drop { $0 == 0x20 }.starts(with: none)
    }
  #else
    /// Does nothing: here the system drops clean pages as it sees fit, and does not count them against the process.
    package static func releaseCleanPages() {}
  #endif
}
