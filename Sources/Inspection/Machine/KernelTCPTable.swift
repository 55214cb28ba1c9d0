/// A TCP socket as the kernel lists it.
struct TCPSocket: Equatable, Sendable {
  let localAddress: String
  let localPort: Int
  let remoteAddress: String
  let remotePort: Int
  /// `LISTEN`, `ESTABLISHED`, `SYN_SENT`, `CLOSE_WAIT`, …
  let state: String
  let inode: UInt64
  /// How often what is under way was sent again.
  var retransmits = 0
  /// The user who made it; 0 where the system does not say.
  var uid: UInt32 = 0
}

/// Reads the text of `/proc/net/tcp` and `tcp6` (proc_net_tcp in the kernel's documentation).
enum KernelTCPTable {
  private static let states = [
    1: "ESTABLISHED", 2: "SYN_SENT", 3: "SYN_RECV", 4: "FIN_WAIT1", 5: "FIN_WAIT2", 6: "TIME_WAIT", 7: "CLOSE",
    8: "CLOSE_WAIT", 9: "LAST_ACK", 10: "LISTEN", 11: "CLOSING",
  ]

  /// The sockets for which `isWanted(localPort, remotePort)` holds; lines that do not fit are passed over.
  static func sockets(in bytes: [UInt8], where isWanted: (Int, Int) -> Bool) -> [TCPSocket] {
    var sockets: [TCPSocket] = []
    for line in bytes.split(separator: UInt8(ascii: "\n")).dropFirst() {
      let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 11)
      guard fields.count > 9, let (local, localPort) = place(fields[1]), let (remote, remotePort) = place(fields[2]),
        isWanted(localPort, remotePort)
      else { continue }
      let text = { (field: ArraySlice<UInt8>) in String(decoding: field, as: UTF8.self) }
      guard let localAddress = address(local), let remoteAddress = address(remote),
        let state = Int(text(fields[3]), radix: 16).flatMap({ states[$0] }),
        let retransmits = Int(text(fields[6]), radix: 16), let inode = UInt64(text(fields[9])),
        let uid = UInt32(text(fields[7]))
      else { continue }
      sockets.append(
        TCPSocket(
          localAddress: localAddress, localPort: localPort, remoteAddress: remoteAddress, remotePort: remotePort,
          state: state, inode: inode, retransmits: retransmits, uid: uid))
    }
    return sockets
  }

  private static func place(_ field: ArraySlice<UInt8>) -> (address: ArraySlice<UInt8>, port: Int)? {
    guard let colon = field.firstIndex(of: UInt8(ascii: ":")),
      let port = Int(String(decoding: field[(colon + 1)...], as: UTF8.self), radix: 16)
    else { return nil }
    return (field[..<colon], port)
  }

  /// Addresses are written as 32-bit words in the machine's byte order.
  private static func address(_ digits: ArraySlice<UInt8>) -> String? {
    guard digits.count == 8 || digits.count == 32 else { return nil }
    var bytes: [UInt8] = []
    var start = digits.startIndex
    while start < digits.endIndex {
      guard let word = UInt32(String(decoding: digits[start..<(start + 8)], as: UTF8.self), radix: 16) else {
        return nil
      }
      withUnsafeBytes(of: word) { bytes += $0 }
      start += 8
    }
    return NumericAddress.text(bytes)
  }
}

/// Numeric addresses as text, the way `inet_ntop` writes them.
enum NumericAddress {
  /// Of 4 or 16 bytes in network order. An IPv4 address inside an IPv6 one is written as `::ffff:127.0.0.1`.
  static func text(_ bytes: [UInt8]) -> String {
    if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
    guard bytes.count == 16 else { return "" }
    if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff {
      return "::ffff:" + text(Array(bytes[12...]))
    }
    let groups = (0..<8).map { UInt16(bytes[$0 * 2]) << 8 | UInt16(bytes[$0 * 2 + 1]) }
    var longest = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > max(1, longest.count) { longest = start..<end }
      start = max(end, start + 1)
    }
    let words = groups.map { String($0, radix: 16) }
    if longest.isEmpty { return words.joined(separator: ":") }
    return words[..<longest.lowerBound].joined(separator: ":") + "::"
      + words[longest.upperBound...].joined(separator: ":")
  }
}
