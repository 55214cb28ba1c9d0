#if canImport(Darwin)
  import Platform

  /// All sockets of all processes that libproc shows, read once.
  struct DarwinSockets: Sendable {
    struct Entry: Sendable {
      let pid: Int64
      /// What stands for an inode here: the same for all descriptors of a socket.
      let identity: UInt64
      var tcp: TCPSocket?
      var unix: KernelUnixSocket?
    }

    let all: [Entry]

    /// `soi_kind` and `tcpsi_state` of <sys/proc_info.h>.
    private static let kindTCP: Int32 = 2
    private static let kindUnix: Int32 = 3
    private static let states: [Int32: String] = [
      0: "CLOSE", 1: "LISTEN", 2: "SYN_SENT", 3: "SYN_RECV", 4: "ESTABLISHED", 5: "CLOSE_WAIT", 6: "FIN_WAIT1",
      7: "CLOSING", 8: "LAST_ACK", 9: "FIN_WAIT2", 10: "TIME_WAIT",
    ]

    static func read() -> DarwinSockets {
      var entries: [Entry] = []
      for pid in processIDs() {
        for descriptor in descriptors(of: pid) ?? [] where descriptor.proc_fdtype == UInt32(PROX_FDTYPE_SOCKET) {
          var info = socket_fdinfo()
          let size = Int32(MemoryLayout<socket_fdinfo>.size)
          guard proc_pidfdinfo(pid, descriptor.proc_fd, PROC_PIDFDSOCKETINFO, &info, size) == size else { continue }
          if let entry = entry(info.psi, pid) { entries.append(entry) }
        }
      }
      return DarwinSockets(all: entries)
    }

    static func processIDs() -> [Int32] {
      let count = proc_listallpids(nil, 0)
      guard count > 0 else { return [] }
      // Some more: processes start while we ask.
      var pids = [Int32](repeating: 0, count: Int(count) + 64)
      let found = proc_listallpids(&pids, Int32(clamping: pids.count * MemoryLayout<Int32>.size))
      return Array(pids.prefix(Int(max(0, found)))).filter { $0 > 0 }
    }

    /// `nil` when they may not be seen.
    static func descriptors(of pid: Int32) -> [proc_fdinfo]? {
      let size = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, nil, 0)
      guard size > 0 else { return nil }
      var list = [proc_fdinfo](repeating: proc_fdinfo(), count: Int(size) / MemoryLayout<proc_fdinfo>.size + 16)
      let filled = proc_pidinfo(
        pid, PROC_PIDLISTFDS, 0, &list, Int32(clamping: list.count * MemoryLayout<proc_fdinfo>.size))
      return filled < 0 ? nil : Array(list.prefix(Int(filled) / MemoryLayout<proc_fdinfo>.size))
    }

    private static func entry(_ info: socket_info, _ pid: Int32) -> Entry? {
      var entry = Entry(pid: Int64(pid), identity: info.soi_so)
      switch info.soi_kind {
      case kindTCP:
        let tcp = info.soi_proto.pri_tcp
        entry.tcp = TCPSocket(
          localAddress: address(tcp.tcpsi_ini, tcp.tcpsi_ini.insi_laddr), localPort: port(tcp.tcpsi_ini.insi_lport),
          remoteAddress: address(tcp.tcpsi_ini, tcp.tcpsi_ini.insi_faddr), remotePort: port(tcp.tcpsi_ini.insi_fport),
          state: states[tcp.tcpsi_state] ?? "", inode: info.soi_so)
      case kindUnix:
        let address = info.soi_proto.pri_un.unsi_addr.ua_sun
        let path = withUnsafeBytes(of: address.sun_path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if path.isEmpty { return nil }
        entry.unix = KernelUnixSocket(
          path: path, type: info.soi_type == SOCK_STREAM ? "stream" : info.soi_type == SOCK_DGRAM ? "datagram" : "",
          isListening: Int32(info.soi_options) & SO_ACCEPTCONN != 0, inode: info.soi_so)
      default: return nil
      }
      return entry
    }

    /// Ports are kept in network order in the low half of a number.
    private static func port(_ number: Int32) -> Int {
      Int(UInt16(bigEndian: UInt16(truncatingIfNeeded: number)))
    }

    /// The local and the foreign address are unions of types without a name; both have 16 bytes.
    private static func address(_ info: in_sockinfo, _ address: some Any) -> String {
      withUnsafeBytes(of: address) { bytes in
        // Bit 1 of the flags is IPv4, whose address lies in the last four bytes.
        NumericAddress.text(Array(info.insi_vflag & 1 != 0 ? bytes[12..<16] : bytes[0..<16]))
      }
    }
  }
#endif
