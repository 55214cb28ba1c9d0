import Platform

/// Linux, as its `/proc` shows it. Tests give folders that look like one.
struct LinuxMachine: Machine {
  /// Links of descriptors read while looking for the owners of sockets; a machine with more is not searched to the end.
  static let linksMax = 400_000

  let system = "linux"
  let ownPid: Int64
  let proc: ProcFS
  let files: FileTree

  init(proc: String = "/proc", root: String = "", ownPid: Int64 = Int64(getpid())) {
    self.proc = ProcFS(root: proc)
    files = FileTree(root: root)
    self.ownPid = ownPid
  }

  func processIDs() -> [Int64] { ((try? proc.processes()) ?? []).sorted() }

  func networkFile(of pid: Int64) -> String? { proc.process(pid).path("ns/net") }

  func files(asSeenBy pid: Int64) -> FileTree { proc.process(pid).root }

  func networkNamespace(of pid: Int64) throws(FileFailure) -> String { try proc.process(pid).link("ns/net") }

  func mappedFiles(_ pid: Int64) throws(FileFailure) -> Set<String> {
    var paths: Set<String> = []
    for line in try proc.process(pid).read("maps").split(separator: UInt8(ascii: "\n")) {
      // Address, permissions, offset, device, inode, path; the path may hold spaces.
      let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
      guard fields.count == 6, let slash = fields[5].firstIndex(of: UInt8(ascii: "/")) else { continue }
      paths.insert(String(decoding: fields[5][slash...], as: UTF8.self))
    }
    return paths
  }

  func openDescriptors(_ pid: Int64) throws(FileFailure) -> OpenDescriptors {
    var open = OpenDescriptors()
    let process = proc.process(pid)
    for descriptor in try process.descriptors() {
      open.count += 1
      guard let target = process.target(ofDescriptor: descriptor) else { continue }
      if let inode = Self.socketInode(target) {
        open.sockets.insert(inode)
      } else if target.hasPrefix("/") {
        open.files.insert(target)
      }
    }
    return open
  }

  private static func socketInode(_ target: String) -> UInt64? {
    guard target.hasPrefix("socket:["), target.hasSuffix("]") else { return nil }
    return UInt64(target.dropFirst(8).dropLast())
  }

  /// `net` below the process, or below the doctor itself.
  private func net(_ name: String, _ pid: Int64?) throws(FileFailure) -> [UInt8] {
    guard let pid else { return try proc.files.read("net/\(name)") }
    return try proc.process(pid).read("net/\(name)")
  }

  func tcpSockets(of pid: Int64?, where isWanted: (Int, Int) -> Bool) throws(FileFailure) -> [TCPSocket] {
    let v4 = KernelTCPTable.sockets(in: try net("tcp", pid), where: isWanted)
    // A kernel without IPv6 has no such file.
    let v6 = (try? net("tcp6", pid)).map { KernelTCPTable.sockets(in: $0, where: isWanted) } ?? []
    return v4 + v6
  }

  func unixSockets(of pid: Int64?) throws(FileFailure) -> [KernelUnixSocket] {
    KernelUnixTable.sockets(in: try net("unix", pid))
  }

  func owners(of inodes: Set<UInt64>) -> [UInt64: Int64] {
    var owners: [UInt64: Int64] = [:]
    if inodes.isEmpty { return owners }
    var links = 0
    for pid in processIDs() {
      let process = proc.process(pid)
      for descriptor in (try? process.descriptors()) ?? [] {
        links += 1
        guard links < Self.linksMax else { return owners }
        guard let target = process.target(ofDescriptor: descriptor), let inode = Self.socketInode(target),
          inodes.contains(inode), owners[inode] == nil
        else { continue }
        owners[inode] = pid
      }
      if owners.count == inodes.count { break }
    }
    return owners
  }

  func hostAddress(reachableFrom pid: Int64, own addresses: [String]) -> String? {
    guard let bytes = try? net("route", pid) else { return nil }
    let routes = RouteTable.routes(in: bytes)
    let own = addresses.compactMap { address in RouteTable.number(address).map { (address, $0) } }
    if let gateway = routes.first(where: { $0.mask == 0 && $0.gateway != 0 })?.gateway,
      let found = own.first(where: { $0.1 == gateway })
    {
      return found.0
    }
    return routes.lazy.filter { $0.mask != 0 && $0.gateway == 0 }
      .compactMap { route in own.first { $0.1 & route.mask == route.destination }?.0 }.first
  }

  func ownAddresses(of pid: Int64) -> [String] {
    guard let tree = try? net("fib_trie", pid) else { return [] }
    return LocalAddresses.addresses(in: tree)
  }

  func silentNeighbours(of pid: Int64?) -> [String] {
    guard let table = try? net("arp", pid) else { return [] }
    // Address, type, flags, hardware address, mask, device. Without a flag the neighbour has not answered.
    return String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst().compactMap { line in
      let fields = line.split(separator: " ")
      return fields.count >= 4 && fields[2] == "0x0" ? String(fields[0]) : nil
    }
  }
}

/// IPv4 routes as `/proc/net/route` lists them; numbers in network order.
enum RouteTable {
  struct Route {
    let destination: UInt32
    let gateway: UInt32
    let mask: UInt32
  }

  static func routes(in bytes: [UInt8]) -> [Route] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().compactMap { line in
      let fields = line.split { $0 == "\t" || $0 == " " }
      guard fields.count > 7, let destination = UInt32(fields[1], radix: 16),
        let gateway = UInt32(fields[2], radix: 16),
        let mask = UInt32(fields[7], radix: 16)
      else { return nil }
      // The kernel writes them as it holds them: bytes in network order, read as a number of this machine.
      return Route(
        destination: UInt32(bigEndian: destination), gateway: UInt32(bigEndian: gateway), mask: UInt32(bigEndian: mask))
    }
  }

  static func number(_ address: String) -> UInt32? {
    let parts = address.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var number: UInt32 = 0
    for part in parts {
      guard let byte = UInt8(part) else { return nil }
      number = number << 8 | UInt32(byte)
    }
    return number
  }
}
