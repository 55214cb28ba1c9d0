/// Files below a folder: the machine's root or `/proc`, or a folder that a test has made to look like it. Only reads.
package struct FileTree: Sendable {
  /// No file of `/proc` that is of interest is larger; what is behind is not looked at.
  package static let bytesMax = 4 << 20
  /// More processes or descriptors than a machine for people has.
  package static let entriesMax = 32_768

  /// Of one call to the system.
  private static let pieceBytes = 65_536

  /// Without a slash at its end; empty for the root.
  package let root: String
  /// Symbolic links lead to where they do for a process whose root this folder is, and not out of it.
  package let isClosed: Bool

  /// - Parameters:
  ///   - root: the folder; empty for the machine's root.
  ///   - isClosed: whether links are followed as below a root of their own.
  package init(root: String, isClosed: Bool = false) {
    self.root = root.hasSuffix("/") ? String(root.dropLast()) : root
    self.isClosed = isClosed
  }

  /// The path by which this process reaches the file.
  package func path(_ name: String) -> String {
    let inner = name.hasPrefix("/") ? name : "/" + name
    return root + (isClosed ? RootedPath(root: root).resolved(inner) : inner)
  }

  /// The first `limit` bytes of a file.
  package func read(_ name: String, limit: Int = bytesMax) throws(FileFailure) -> [UInt8] {
    // Not blocking, lest a pipe of that name hold the doctor up.
    let descriptor = open(path(name), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileFailure(errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: max(0, min(limit, Self.pieceBytes)))
    while bytes.count < limit {
      let wanted = min(part.count, limit - bytes.count)
      let count = part.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress, wanted) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileFailure(errno) }
      if count == 0 { break }
      bytes += part[..<count]
    }
    return bytes
  }

  /// The same as text, broken UTF-8 repaired.
  package func text(_ name: String, limit: Int = bytesMax) throws(FileFailure) -> String {
    String(decoding: try read(name, limit: limit), as: UTF8.self)
  }

  /// Calls `body` with each line of a file, without its end; what is longer than `lineBytesMax` comes as several. The file
  /// is read as it goes, so that what the kernel writes into it may be large.
  package func forEachLine(
    of name: String, lineBytesMax: Int = 1_024, _ body: (ArraySlice<UInt8>) -> Void
  ) throws(FileFailure) {
    guard let file = fopen(path(name), "re") else { throw FileFailure(errno) }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: max(2, lineBytesMax))
    while true {
      let isThere = buffer.withUnsafeMutableBytes { bytes in
        bytes.withMemoryRebound(to: CChar.self) { fgets($0.baseAddress, Int32(clamping: $0.count), file) != nil }
      }
      if !isThere { return }
      body(buffer.prefix { $0 != 0 && $0 != 0x0a })
    }
  }

  /// Names in a folder, unsorted, without `.` and `..`; all that there were where the folder is gone before its end.
  package func list(_ name: String, entriesMax: Int = entriesMax) throws(FileFailure) -> [String] {
    guard let folder = opendir(path(name)) else { throw FileFailure(errno) }
    defer { closedir(folder) }
    var names: [String] = []
    while names.count < entriesMax {
      errno = 0
      guard let entry = readdir(folder) else {
        let number = errno
        // A process that ends takes its folder with it.
        guard number == 0 || FileFailure(number) == .missing else { throw FileFailure(number) }
        break
      }
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Folders in a folder, unsorted, with their inodes, as the folder itself lists them: none of them is looked at.
  package func folders(
    in name: String, entriesMax: Int = entriesMax
  ) throws(FileFailure) -> [(name: String, inode: UInt64)] {
    guard let folder = opendir(path(name)) else { throw FileFailure(errno) }
    defer { closedir(folder) }
    var found: [(name: String, inode: UInt64)] = []
    while found.count < entriesMax, let entry = readdir(folder) {
      guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { found.append((name, UInt64(entry.pointee.d_ino))) }
    }
    return found
  }

  /// What a symbolic link says, up to 4,095 bytes of it.
  package func link(_ name: String) throws(FileFailure) -> String {
    var text = [CChar](repeating: 0, count: 4096)
    let count = readlink(path(name), &text, text.count)
    guard count >= 0 else { throw FileFailure(errno) }
    guard count < text.count else { throw .other }
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What is at a path, symbolic links followed.
  package func status(_ name: String) throws(FileFailure) -> FileStatus {
    var status = stat()
    guard stat(path(name), &status) == 0 else { throw FileFailure(errno) }
    #if canImport(Darwin)
      let modified = status.st_mtimespec
    #else
      let modified = status.st_mtim
    #endif
    return FileStatus(
      mode: UInt32(status.st_mode), uid: status.st_uid, gid: status.st_gid, inode: UInt64(status.st_ino),
      device: UInt64(truncatingIfNeeded: status.st_dev), size: Int64(status.st_size),
      modifiedNs: Int64(modified.tv_sec) &* 1_000_000_000 &+ Int64(modified.tv_nsec))
  }
}

/// The system's `read`, under a name that the method above does not hide.
private func systemRead(_ descriptor: CInt, _ target: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, target, count)
}
