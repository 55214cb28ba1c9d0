extension Collection {
  /// Paths of unix sockets that matter, each as the doctor and as every process sees it.
  mutating func lookAtUnixSockets() {
    let tables = kernelTables()
    let open = tables.flatMap { $0 }
    var inodes: Set<UInt64> = []
    for path in generalPaths.sorted() {
      let evidence = look(path, files: machine.files, viewer: nil, in: open, inodes: &inodes)
      self.evidence.host.unixSockets.append(evidence)
    }
    for entry in found {
      for path in paths(of: entry.evidence).sorted() {
        guard let files = inspector.files(of: entry.raw) else {
          note("\(path) as pid \(entry.raw.pid) sees it", permissionDenied)
          continue
        }
        self.evidence.host.unixSockets.append(
          look(path, files: files, viewer: entry.evidence, in: open, inodes: &inodes))
      }
    }
    nameOwners(machine.owners(of: inodes), in: open)
  }

  private mutating func kernelTables() -> [[KernelUnixSocket]] {
    var tables: [[KernelUnixSocket]] = []
    for pid in [Int64?.none] + strangers.values.sorted().map(Optional.some) {
      do {
        tables.append(try machine.unixSockets(of: pid))
      } catch {
        note("unix sockets of \(pid.map { "the network of pid \($0)" } ?? "this machine")", error.text)
      }
    }
    return tables
  }

  /// Paths that matter whoever looks.
  private var generalPaths: Set<String> {
    var paths: Set<String> = [EffectiveTarget.defaultSocketPath]
    if !request.configuration.socketPath.isEmpty { paths.insert(request.configuration.socketPath) }
    if case .unix(let path)? = asked?.address { paths.insert(path) }
    for process in evidence.processes {
      if case .unix(let path) = EffectiveTarget.of(process: process).address { paths.insert(path) }
    }
    return paths
  }

  private func paths(of process: ProcessEvidence) -> Set<String> {
    var paths: Set<String> = [EffectiveTarget.defaultSocketPath]
    if case .unix(let path) = EffectiveTarget.of(process: process).address { paths.insert(path) }
    return paths
  }

  private func look(
    _ path: String, files: FileTree, viewer: ProcessEvidence?, in open: [KernelUnixSocket], inodes: inout Set<UInt64>
  ) -> UnixSocketEvidence {
    var evidence = SocketPath(path: path, files: files, viewer: viewer).look()
    if let socket = SocketPath.open(at: path, in: open, files: machine.files).first {
      evidence.type = socket.type
      evidence.isListening = socket.isListening
      inodes.insert(socket.inode)
    }
    return evidence
  }

  private mutating func nameOwners(_ owners: [UInt64: Int64], in open: [KernelUnixSocket]) {
    for position in evidence.host.unixSockets.indices {
      let path = evidence.host.unixSockets[position].path
      guard let socket = SocketPath.open(at: path, in: open, files: machine.files).first, let pid = owners[socket.inode]
      else { continue }
      evidence.host.unixSockets[position].pid = pid
      evidence.host.unixSockets[position].process = processText(pid)
    }
  }
}
