import Platform

extension LinuxMachine {
  func origins() -> [Int64: ProcessOrigin] {
    let ticksASecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    let uptime = (try? proc.files.text("uptime"))?.split(separator: " ").first.flatMap { Double($0) }
    return ((try? proc.processes()) ?? []).reduce(into: [:]) { origins, pid in
      guard let stat = try? proc.process(pid).stat() else { return }
      var origin = ProcessOrigin(parent: stat.parent)
      if let uptime, let start = stat.startTicks { origin.ageSeconds = max(0, uptime - Double(start) / ticksASecond) }
      origins[pid] = origin
    }
  }

  func innerPid(of pid: Int64) -> Int64? {
    (try? proc.process(pid).status())?["NSpid"].last.flatMap { Int64($0) }
  }

  func process(_ pid: Int64) -> RawProcess? {
    let folder = proc.process(pid)
    guard let status = try? folder.status() else { return nil }
    var process = RawProcess(pid: pid)
    process.name = status["Name"].joined(separator: " ")
    process.parent = status["PPid"].first.flatMap { Int64($0) } ?? 0
    // Real, effective, saved, file system: the last decides about files.
    process.uid = status["Uid"].last.flatMap { UInt32($0) } ?? 0
    process.gid = status["Gid"].last.flatMap { UInt32($0) } ?? 0
    process.groups = status["Groups"].compactMap { UInt32($0) }
    process.innerPid = status["NSpid"].last.flatMap { Int64($0) } ?? 0
    process.threads = status["Threads"].first.flatMap { Int($0) } ?? 0
    process.arguments = Self.strings((try? folder.read("cmdline")) ?? [])
    process.executable = (try? folder.link("exe")) ?? ""
    if process.executable.hasSuffix(" (deleted)") { process.executable.removeLast(10) }
    process.networkNamespace = (try? folder.link("ns/net")) ?? ""
    process.processNamespace = (try? folder.link("ns/pid")) ?? ""
    process.mountNamespace = (try? folder.link("ns/mnt")) ?? ""
    process.controlGroup = (try? folder.text("cgroup")) ?? ""
    process.workingFolder = (try? folder.link("cwd")) ?? ""
    process.openFilesMax = openFilesMax(folder)
    do {
      process.environment = Self.environment(try folder.read("environ"))
      if process.environment == nil {
        process.environmentFailure = "the process has written over it"
      }
    } catch {
      process.environmentFailure = error.text
    }
    return process
  }

  /// Texts that end with a zero byte each; programs that rename themselves leave empty ones at the end.
  private static func strings(_ bytes: [UInt8]) -> [String] {
    var texts = bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    while texts.last?.isEmpty == true { texts.removeLast() }
    return texts
  }

  /// `nil` when there is something that is no environment: programs that show a title in the list of processes write
  /// it over their environment.
  static func environment(_ bytes: [UInt8]) -> [String: String]? {
    var variables: [String: String] = [:]
    for entry in bytes.split(separator: 0) {
      guard let equals = entry.firstIndex(of: UInt8(ascii: "=")), equals > entry.startIndex else { continue }
      let name = String(decoding: entry[..<equals], as: UTF8.self)
      // The first of two wins, as with `getenv`.
      if variables[name] == nil { variables[name] = String(decoding: entry[(equals + 1)...], as: UTF8.self) }
    }
    return variables.isEmpty && !bytes.isEmpty ? nil : variables
  }

  private func openFilesMax(_ folder: ProcFSProcess) -> Int {
    guard let limits = try? folder.text("limits"),
      let line = limits.split(separator: "\n").first(where: { $0.hasPrefix("Max open files") })
    else { return 0 }
    return line.split(separator: " ").dropFirst(3).first.flatMap { Int($0) } ?? 0
  }
}
