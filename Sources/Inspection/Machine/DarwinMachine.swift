#if canImport(Darwin)
  import Platform

  /// macOS, as libproc and sysctl show it: sockets and their owners, command lines, and the environment of the user's
  /// own processes. It has no namespaces, and does not show neighbours or files in memory cheaply.
  struct DarwinMachine: Machine {
    let system = "darwin"
    let ownPid = Int64(getpid())
    let files = FileTree(root: "")
    private let sockets = DarwinSockets.read()

    func processIDs() -> [Int64] { DarwinSockets.processIDs().map { Int64($0) }.sorted() }

    func origins() -> [Int64: ProcessOrigin] {
      var now = timeval()
      gettimeofday(&now, nil)
      return processIDs().reduce(into: [:]) { origins, pid in
        var info = proc_bsdinfo()
        let size = Int32(MemoryLayout<proc_bsdinfo>.size)
        guard let number = Int32(exactly: pid), proc_pidinfo(number, PROC_PIDTBSDINFO, 0, &info, size) == size else {
          return
        }
        origins[pid] = ProcessOrigin(
          parent: Int64(info.pbi_ppid), ageSeconds: max(0, Double(now.tv_sec) - Double(info.pbi_start_tvsec)))
      }
    }

    func innerPid(of pid: Int64) -> Int64? { pid }

    func process(_ pid: Int64) -> RawProcess? {
      var info = proc_bsdinfo()
      let size = Int32(MemoryLayout<proc_bsdinfo>.size)
      guard let number = Int32(exactly: pid), proc_pidinfo(number, PROC_PIDTBSDINFO, 0, &info, size) == size else {
        return nil
      }
      var process = RawProcess(pid: pid)
      process.parent = Int64(info.pbi_ppid)
      process.name = withUnsafeBytes(of: info.pbi_comm) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      process.uid = info.pbi_uid
      process.gid = info.pbi_gid
      process.executable = path(number)
      if let (arguments, environment) = DarwinArguments.read(number) {
        process.arguments = arguments
        // Without the right to see it the system leaves the environment out.
        process.environment = environment.isEmpty ? nil : environment
      }
      if process.environment == nil { process.environmentFailure = "macOS shows it to the same user and to root only" }
      return process
    }

    private func path(_ pid: Int32) -> String {
      var text = [CChar](repeating: 0, count: 4 * Int(MAXPATHLEN))
      guard proc_pidpath(pid, &text, UInt32(text.count)) > 0 else { return "" }
      return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func networkNamespace(of pid: Int64) throws(FileFailure) -> String { throw .notOffered }

    func mappedFiles(_ pid: Int64) throws(FileFailure) -> Set<String> { throw .notOffered }

    func openDescriptors(_ pid: Int64) throws(FileFailure) -> OpenDescriptors {
      guard let number = Int32(exactly: pid), let descriptors = DarwinSockets.descriptors(of: number) else {
        throw .notPermitted
      }
      return OpenDescriptors(
        count: descriptors.count, sockets: Set(sockets.all.filter { $0.pid == pid }.map(\.identity)), files: [])
    }

    func networkFile(of pid: Int64) -> String? { nil }

    func files(asSeenBy pid: Int64) -> FileTree { files }

    func tcpSockets(of pid: Int64?, where isWanted: (Int, Int) -> Bool) throws(FileFailure) -> [TCPSocket] {
      sockets.all.compactMap(\.tcp).filter { isWanted($0.localPort, $0.remotePort) }
    }

    func unixSockets(of pid: Int64?) throws(FileFailure) -> [KernelUnixSocket] { sockets.all.compactMap(\.unix) }

    func owners(of inodes: Set<UInt64>) -> [UInt64: Int64] {
      var owners: [UInt64: Int64] = [:]
      for socket in sockets.all where inodes.contains(socket.identity) {
        owners[socket.identity] = min(owners[socket.identity] ?? .max, socket.pid)
      }
      return owners
    }

    func hostAddress(reachableFrom pid: Int64, own addresses: [String]) -> String? { nil }

    func ownAddresses(of pid: Int64) -> [String] { [] }

    func silentNeighbours(of pid: Int64?) -> [String] { [] }
  }

  /// A process's command line and environment, from the kernel's copy (`KERN_PROCARGS2`).
  enum DarwinArguments {
    static func read(_ pid: Int32) -> (arguments: [String], environment: [String: String])? {
      var name: [Int32] = [CTL_KERN, KERN_PROCARGS2, pid]
      var size = 0
      guard sysctl(&name, 3, nil, &size, nil, 0) == 0, size > MemoryLayout<Int32>.size else { return nil }
      var bytes = [UInt8](repeating: 0, count: size)
      guard sysctl(&name, 3, &bytes, &size, nil, 0) == 0, size > MemoryLayout<Int32>.size else { return nil }
      return parse(bytes[..<size])
    }

    /// The number of arguments, the program's path, zero bytes, the arguments, the variables.
    static func parse(_ bytes: ArraySlice<UInt8>) -> (arguments: [String], environment: [String: String])? {
      guard bytes.count > 4 else { return nil }
      let count = bytes.prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      let rest = bytes.dropFirst(4).drop { $0 != 0 }.drop { $0 == 0 }
      var texts = rest.split(separator: 0, omittingEmptySubsequences: false)
      let arguments = texts.prefix(Int(clamping: count))
      texts.removeFirst(arguments.count)
      // An empty text ends the variables; behind it the kernel keeps things of its own.
      let variables = texts.prefix { !$0.isEmpty }.joined(separator: [0])
      return (
        arguments.map { String(decoding: $0, as: UTF8.self) }, LinuxMachine.environment(Array(variables)) ?? [:]
      )
    }
  }
#endif
