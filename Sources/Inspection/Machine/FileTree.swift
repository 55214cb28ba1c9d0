import Diagnosis
import Platform

/// Why a file could not be read.
enum FileFailure: Error, Equatable {
  case missing
  case notPermitted
  case other
  /// The system has no way to show it.
  case notOffered

  init(_ number: CInt) {
    switch number {
    case ENOENT, ENOTDIR, ESRCH: self = .missing
    case EACCES, EPERM: self = .notPermitted
    default: self = .other
    }
  }

  var text: String {
    switch self {
    case .missing: "it is gone"
    case .notPermitted: "permission denied"
    case .other: "it cannot be read"
    case .notOffered: "this system does not show it"
    }
  }
}

/// What a path is.
struct FileStatus: Equatable {
  let mode: UInt32
  let uid: UInt32
  let gid: UInt32
  let inode: UInt64
  let device: UInt64

  var isDirectory: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }

  /// As in `UnixSocketEvidence.kind`.
  var kind: String {
    switch mode & UInt32(S_IFMT) {
    case UInt32(S_IFSOCK): "socket"
    case UInt32(S_IFREG): "file"
    case UInt32(S_IFDIR): "directory"
    default: "other"
    }
  }
}

/// Files below a folder: the machine's root or `/proc`, or a folder that a test has made to look like it. Only reads.
struct FileTree: Sendable {
  /// No file of `/proc` that is of interest is larger; what is behind is not looked at.
  static let bytesMax = 4 << 20
  /// More processes or descriptors than a machine for people has.
  static let entriesMax = 32_768

  /// Without a slash at its end; empty for the root.
  let root: String
  /// Symbolic links lead to where they do for a process whose root this folder is, and not out of it.
  let isClosed: Bool

  init(root: String, isClosed: Bool = false) {
    self.root = root.hasSuffix("/") ? String(root.dropLast()) : root
    self.isClosed = isClosed
  }

  /// The path by which this process reaches the file.
  func path(_ name: String) -> String {
    let inner = name.hasPrefix("/") ? name : "/" + name
    return root + (isClosed ? RootedPath(root: root).resolved(inner) : inner)
  }

  /// The first `limit` bytes of a file.
  func read(_ name: String, limit: Int = bytesMax) throws(FileFailure) -> [UInt8] {
    // Not blocking, lest a pipe of that name hold the doctor up.
    let descriptor = open(path(name), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileFailure(errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
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

  func text(_ name: String, limit: Int = bytesMax) throws(FileFailure) -> String {
    String(decoding: try read(name, limit: limit), as: UTF8.self)
  }

  /// Names in a folder, unsorted, without `.` and `..`.
  func list(_ name: String) throws(FileFailure) -> [String] {
    guard let folder = opendir(path(name)) else { throw FileFailure(errno) }
    defer { closedir(folder) }
    var names: [String] = []
    while names.count < Self.entriesMax, let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// What a symbolic link says.
  func link(_ name: String) throws(FileFailure) -> String {
    var text = [CChar](repeating: 0, count: 4096)
    let count = readlink(path(name), &text, text.count)
    guard count >= 0 else { throw FileFailure(errno) }
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What is at a path, symbolic links followed.
  func status(_ name: String) throws(FileFailure) -> FileStatus {
    var status = stat()
    guard stat(path(name), &status) == 0 else { throw FileFailure(errno) }
    return FileStatus(
      mode: UInt32(status.st_mode), uid: status.st_uid, gid: status.st_gid, inode: UInt64(status.st_ino),
      device: UInt64(truncatingIfNeeded: status.st_dev))
  }
}

/// The system's `read`, under a name that the method above does not hide.
private func systemRead(_ descriptor: CInt, _ room: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, room, count)
}
