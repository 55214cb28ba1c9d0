/// A unix socket that some process has open, as the kernel lists it.
struct KernelUnixSocket: Equatable, Sendable {
  let path: String
  /// Kind of the socket: `stream`, `datagram` or `seqpacket`; empty for others.
  let type: String
  /// It takes new connections; false for a connected socket.
  let isListening: Bool
  let inode: UInt64
}

/// Reads the text of `/proc/net/unix`.
enum KernelUnixTable {
  /// `__SO_ACCEPTCON`: set on sockets that listen.
  private static let acceptsConnections: UInt32 = 0x10000

  /// The sockets with a path. Columns: number, references, protocol, flags, type, state, inode, path.
  static func sockets(in bytes: [UInt8]) -> [KernelUnixSocket] {
    bytes.split(separator: UInt8(ascii: "\n")).dropFirst().compactMap { line in
      // The path is the rest of the line: it may hold spaces.
      let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 7)
      guard fields.count == 8, fields[7].first == UInt8(ascii: "/") else { return nil }
      let texts = fields.map { String(decoding: $0, as: UTF8.self) }
      guard let flags = UInt32(texts[3], radix: 16), let type = UInt32(texts[4], radix: 16),
        let inode = UInt64(texts[6])
      else { return nil }
      let names: [UInt32: String] = [1: "stream", 2: "datagram", 5: "seqpacket"]
      return KernelUnixSocket(
        path: texts[7], type: names[type] ?? "", isListening: flags & acceptsConnections != 0, inode: inode)
    }
  }
}
