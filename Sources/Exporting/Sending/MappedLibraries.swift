#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The files mapped into this process, and a way to give back what is resident of them.
///
/// libcurl and its libraries keep 5 MB and more resident once they are set up, though next to nothing of it is used
/// between one request and the next. Their code can be read from the page cache again at any time.
enum MappedLibraries {
  #if os(Linux)
    /// Paths of the files that are mapped now.
    static func paths() -> Set<String> {
      var paths: Set<String> = []
      forEachLine(of: "/proc/self/maps") { line in
        if let path = Mapping(line: line)?.path { paths.insert(path) }
      }
      return paths
    }

    /// Drops the resident pages of these files that are as in the file. Using them again costs a page fault that reads
    /// from memory, some 100 in all. Pages that the loader has changed are never touched.
    static func releaseCleanPages(of paths: Set<String>) {
      var current: Mapping?
      // The kernel describes each mapping in lines behind its header; those with anonymous pages hold changed ones.
      forEachLine(of: "/proc/self/smaps") { line in
        if let mapping = Mapping(line: line) {
          current = mapping
        } else if line.starts(with: anonymous), let mapping = current {
          current = nil
          guard line.dropFirst(anonymous.count).drop(while: { $0 == 0x20 }).starts(with: none) else { return }
          guard mapping.isReadOnly, let path = mapping.path, paths.contains(path) else { return }
          madvise(UnsafeMutableRawPointer(bitPattern: mapping.start), Int(mapping.end - mapping.start), MADV_DONTNEED)
        }
      }
    }

    private static let anonymous = [UInt8]("Anonymous:".utf8)
    private static let none = [UInt8]("0 kB".utf8)
    /// Longer than any line of the kernel's but one with a very long path, which is then not recognized.
    private static let lineBytesMax = 1024

    private static func forEachLine(of path: String, _ body: ([UInt8]) -> Void) {
      guard let file = fopen(path, "re") else { return }
      defer { fclose(file) }
      var buffer = [CChar](repeating: 0, count: lineBytesMax)
      while fgets(&buffer, Int32(buffer.count), file) != nil {
        body(buffer.prefix { $0 != 0 && $0 != 0x0a }.map { UInt8(bitPattern: $0) })
      }
    }
  #else
    /// Not known here: what the system does with clean pages is its own business.
    static func paths() -> Set<String> { [] }
    static func releaseCleanPages(of paths: Set<String>) {}
  #endif
}

/// The header line of a mapping: `start-end rwxp offset device inode path`, the addresses in hexadecimal.
struct Mapping: Equatable {
  let start: UInt
  let end: UInt
  let permissions: String
  /// `nil` for memory that is no file's.
  let path: String?

  /// Readable and private, and not writable: what is as in the file stays so.
  var isReadOnly: Bool { permissions == "r--p" || permissions == "r-xp" }

  /// - Returns: `nil` when the line is no header.
  init?(line: [UInt8]) {
    let fields = line.split(separator: 0x20, maxSplits: 5)
    guard fields.count >= 5, fields[1].count == 4 else { return nil }
    let addresses = fields[0].split(separator: UInt8(ascii: "-"))
    guard addresses.count == 2, let start = UInt(String(decoding: addresses[0], as: UTF8.self), radix: 16),
      let end = UInt(String(decoding: addresses[1], as: UTF8.self), radix: 16), start < end
    else { return nil }
    self.start = start
    self.end = end
    permissions = String(decoding: fields[1], as: UTF8.self)
    let path = fields.count > 5 ? fields[5].drop { $0 == 0x20 } : []
    self.path = path.first == UInt8(ascii: "/") ? String(decoding: path, as: UTF8.self) : nil
  }
}
