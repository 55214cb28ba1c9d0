import Diagnosis
import Platform

extension Collection {
  /// Paths of unix sockets that matter, each as the doctor and as every process sees it.
  mutating func lookAtUnixSockets() {
    let open = kernelTables().flatMap { $0 }
    var inodes: [UInt64?] = []
    for path in generalPaths.sorted() { look(path, files: machine.files, viewer: nil, in: open, inodes: &inodes) }
    for entry in found {
      for path in paths(of: entry.evidence).sorted() {
        guard let files = inspector.files(of: entry.raw) else {
          note("\(path) as pid \(entry.raw.pid) sees it", permissionDenied)
          continue
        }
        look(path, files: files, viewer: entry.evidence, in: open, inodes: &inodes)
      }
    }
    nameOwners(inodes)
  }

  private mutating func kernelTables() -> [[KernelUnixSocket]] {
    var tables: [[KernelUnixSocket]] = []
    for pid in [Int64?.none] + otherNetworks.values.sorted().map(Optional.some) {
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
    if case .socket(.unix(let path))? = requested?.address { paths.insert(path) }
    for process in evidence.processes {
      if case .socket(.unix(let path)) = EffectiveTarget.of(process: process).address { paths.insert(path) }
    }
    return paths
  }

  private func paths(of process: ProcessEvidence) -> Set<String> {
    var paths: Set<String> = [EffectiveTarget.defaultSocketPath]
    if case .socket(.unix(let path)) = EffectiveTarget.of(process: process).address { paths.insert(path) }
    return paths
  }

  /// Adds what is at the path, and to `inodes` the open socket that it belongs to.
  private mutating func look(
    _ path: String, files: FileTree, viewer: ProcessEvidence?, in open: [KernelUnixSocket], inodes: inout [UInt64?]
  ) {
    var seen = SocketPath(path: path, files: files, viewer: viewer).look()
    let socket = openSocket(at: path, files: files, in: open)
    if let socket {
      seen.type = socket.type
      seen.isListening = socket.isListening
    }
    inodes.append(socket?.inode)
    evidence.host.unixSockets.append(seen)
  }

  /// The open socket behind a file. The kernel reports the path that its owner used, which can be another file for the one
  /// who looks.
  private func openSocket(at path: String, files: FileTree, in open: [KernelUnixSocket]) -> KernelUnixSocket? {
    guard files.isClosed else { return SocketPath.open(at: path, in: open, files: machine.files).first }
    guard let file = try? files.status(path) else { return nil }
    let name = ProgramLanguage.baseName(path)
    let alike = open.filter { ProgramLanguage.baseName($0.path) == name }
    if let here = alike.filter({ isFile(file, $0.path, in: machine.files) }).max(by: Self.isIdler) { return here }
    let owners = machine.owners(of: Set(alike.map(\.inode)))
    return alike.filter { socket in
      owners[socket.inode].map { isFile(file, socket.path, in: machine.files(asSeenBy: $0)) } ?? false
    }.max(by: Self.isIdler)
  }

  private static func isIdler(_ a: KernelUnixSocket, _ b: KernelUnixSocket) -> Bool { !a.isListening && b.isListening }

  private func isFile(_ file: FileStatus, _ path: String, in files: FileTree) -> Bool {
    guard let other = try? files.status(path) else { return false }
    return other.inode == file.inode && other.device == file.device
  }

  private mutating func nameOwners(_ inodes: [UInt64?]) {
    let owners = machine.owners(of: Set(inodes.compactMap { $0 }))
    for (position, inode) in inodes.enumerated() {
      guard let pid = inode.flatMap({ owners[$0] }) else { continue }
      evidence.host.unixSockets[position].pid = pid
      evidence.host.unixSockets[position].process = processText(pid)
    }
  }
}
