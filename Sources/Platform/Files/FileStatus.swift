/// What is at a path.
package struct FileStatus: Equatable {
  /// Kind and permission bits, as `stat` gives them.
  package let mode: UInt32
  /// User and group that own it, by number.
  package let uid: UInt32
  package let gid: UInt32
  /// Together with the device the file's identity.
  package let inode: UInt64
  package let device: UInt64
  /// Bytes in it, and when they last changed in nanoseconds since 1970.
  package let size: Int64
  package let modifiedNs: Int64

  /// A status with all its fields.
  package init(
    mode: UInt32, uid: UInt32, gid: UInt32, inode: UInt64, device: UInt64, size: Int64 = 0, modifiedNs: Int64 = 0
  ) {
    self.mode = mode
    self.uid = uid
    self.gid = gid
    self.inode = inode
    self.device = device
    self.size = size
    self.modifiedNs = modifiedNs
  }

  /// Not a file that holds bytes.
  package var isDirectory: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }

  /// `socket`, `file`, `directory` or `other`.
  package var kind: String {
    switch mode & UInt32(S_IFMT) {
    case UInt32(S_IFSOCK): "socket"
    case UInt32(S_IFREG): "file"
    case UInt32(S_IFDIR): "directory"
    default: "other"
    }
  }
}
