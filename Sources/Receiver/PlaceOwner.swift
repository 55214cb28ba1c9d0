import Platform

/// Who holds a connection, as far as the system says.
package struct PlaceOwner: Hashable, Sendable {
  /// A user of this machine, or another machine.
  package enum User: Hashable, Sendable {
    /// A user of this machine.
    case local(UInt32)
    /// Another machine, by its address as in `PeerIdentity.address`.
    case remote(high: UInt64, low: UInt64)
    case unknown
  }

  /// Whose connection it is, as far as the system says.
  package var user: User
  /// The process; 0 when it is not known.
  package var pid: Int32 = 0
}

extension PlaceOwner: CustomStringConvertible {
  package var description: String {
    switch user {
    case .local(let uid): pid > 0 ? "process \(pid) of user \(uid)" : "user \(uid)"
    case .remote(let high, let low): PeerIdentity.address(high: high, low: low, port: 0).host
    case .unknown: "a process of this machine"
    }
  }
}

/// Finds who is behind the connections of this machine. Looking costs some milliseconds, so it is done only when there
/// is no place for a new connection, and what was found holds for a while.
struct PlaceOwners {
  /// How long to wait before looking again for those that have come since.
  private static let freshMs: UInt64 = 500
  /// Descriptors of other processes that are looked at in one go.
  private static let descriptorsMax = 20_000
  /// Longer than any line of the kernel's table.
  private static let lineBytesMax = 512

  private struct Socket {
    let uid: UInt32
    let inode: UInt64
  }

  private let processes = ProcFS()
  private var readMs: UInt64?
  private var byPort: [UInt16: PlaceOwner] = [:]

  /// The owner of each connection, in the same order.
  mutating func owners(of holders: [PlaceHolder], nowMs: UInt64) -> [PlaceOwner] {
    let ports = Set(holders.compactMap { if case .loopback(let port) = $0.peer { port } else { nil } })
    if !ports.isEmpty, readMs.map({ nowMs < $0 || nowMs - $0 >= Self.freshMs }) ?? true {
      let found = read(ports)
      // A table that could not be opened, as when descriptors are exhausted, is read again at the next look.
      readMs = found == nil ? nil : nowMs
      byPort = found ?? [:]
    }
    return holders.map { holder in
      switch holder.peer {
      case .unix(let pid, let uid): PlaceOwner(user: .local(uid), pid: pid)
      case .loopback(let port): byPort[port] ?? PlaceOwner(user: .unknown)
      case .address(let high, let low, _): PlaceOwner(user: .remote(high: high, low: low))
      case .unknown: PlaceOwner(user: .unknown)
      }
    }
  }

  /// Owners by the ports that clients connected from; `nil` when no table could be opened.
  private func read(_ ports: Set<UInt16>) -> [UInt16: PlaceOwner]? {
    var sockets: [UInt16: Socket] = [:]
    var hasRead = false
    for table in ["net/tcp", "net/tcp6"] {
      do {
        try processes.files.forEachLine(of: table, lineBytesMax: Self.lineBytesMax) { line in
          guard let (port, socket) = Self.socket(line), ports.contains(port) else { return }
          sockets[port] = socket
        }
        hasRead = true
      } catch {}
    }
    guard hasRead else { return nil }
    let pids = pids(of: Set(sockets.values.map(\.inode)))
    return sockets.mapValues { PlaceOwner(user: .local($0.uid), pid: pids[$0.inode] ?? 0) }
  }

  /// The local port, user and inode in a line of the kernel's table of TCP sockets.
  private static func socket(_ line: ArraySlice<UInt8>) -> (port: UInt16, socket: Socket)? {
    let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 10)
    guard fields.count > 9, let colon = fields[1].lastIndex(of: UInt8(ascii: ":")),
      let port = UInt16(String(decoding: fields[1][(colon + 1)...], as: UTF8.self), radix: 16),
      let uid = UInt32(String(decoding: fields[7], as: UTF8.self)),
      let inode = UInt64(String(decoding: fields[9], as: UTF8.self)), inode != 0
    else { return nil }
    return (port, Socket(uid: uid, inode: inode))
  }

  /// The processes that have these sockets open, as far as this one may look.
  private func pids(of inodes: Set<UInt64>) -> [UInt64: Int32] {
    var found: [UInt64: Int32] = [:]
    var left = Self.descriptorsMax
    let own = Int64(getpid())
    for pid in (try? processes.processes()) ?? [] where pid != own {
      let process = processes.process(pid)
      for descriptor in (try? process.descriptors()) ?? [] {
        left -= 1
        if left < 0 { return found }
        guard let target = process.target(ofDescriptor: descriptor), target.hasPrefix("socket:["),
          let inode = UInt64(target.dropFirst(8).dropLast()), inodes.contains(inode)
        else { continue }
        found[inode] = Int32(clamping: pid)
      }
    }
    return found
  }
}
