/// The header line of a mapping in `/proc/self/smaps`: `start-end rwxp offset device inode path`.
struct Mapping: Equatable {
  /// Virtual addresses; the kernel writes them in hexadecimal.
  let addresses: Range<UInt>
  /// Read, write, execute, then private (`p`) or shared (`s`), such as `r-xp`; `-` for a right it lacks.
  let permissions: String
  /// `nil` for memory that is no file's.
  let path: String?

  /// Readable and private, not writable, and a file's: what is as in the file stays so.
  var isReadOnlyFile: Bool { path != nil && (permissions == "r--p" || permissions == "r-xp") }

  /// `nil` when the line is no header.
  init?(line: ArraySlice<UInt8>) {
    let fields = line.split(separator: 0x20, maxSplits: 5)
    guard fields.count >= 5, fields[1].count == 4 else { return nil }
    let addresses = fields[0].split(separator: UInt8(ascii: "-"))
    guard addresses.count == 2, let start = UInt(String(decoding: addresses[0], as: UTF8.self), radix: 16),
      let end = UInt(String(decoding: addresses[1], as: UTF8.self), radix: 16), start < end
    else { return nil }
    self.addresses = start..<end
    permissions = String(decoding: fields[1], as: UTF8.self)
    let path = fields.count > 5 ? fields[5].drop { $0 == 0x20 } : []
    self.path = path.first == UInt8(ascii: "/") ? String(decoding: path, as: UTF8.self) : nil
  }
}
