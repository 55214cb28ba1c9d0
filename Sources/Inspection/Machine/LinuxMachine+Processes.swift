extension LinuxMachine {
  func process(_ pid: Int64) -> RawProcess? {
    guard let status = try? proc.text("\(pid)/status") else { return nil }
    var process = RawProcess(pid: pid)
    for line in status.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let values = line[line.index(after: colon)...].split { $0 == "\t" || $0 == " " }
      switch line[..<colon] {
      case "Name": process.name = values.joined(separator: " ")
      case "PPid": process.parent = values.first.flatMap { Int64($0) } ?? 0
      // Real, effective, saved, file system: the last decides about files.
      case "Uid": process.uid = values.last.flatMap { UInt32($0) } ?? 0
      case "Gid": process.gid = values.last.flatMap { UInt32($0) } ?? 0
      case "Groups": process.groups = values.compactMap { UInt32($0) }
      case "Threads": process.threads = values.first.flatMap { Int($0) } ?? 0
      default: break
      }
    }
    process.arguments = Self.strings((try? proc.read("\(pid)/cmdline")) ?? [])
    process.executable = (try? proc.link("\(pid)/exe")) ?? ""
    if process.executable.hasSuffix(" (deleted)") { process.executable.removeLast(10) }
    process.networkNamespace = (try? proc.link("\(pid)/ns/net")) ?? ""
    process.processNamespace = (try? proc.link("\(pid)/ns/pid")) ?? ""
    process.mountNamespace = (try? proc.link("\(pid)/ns/mnt")) ?? ""
    process.controlGroup = (try? proc.text("\(pid)/cgroup")) ?? ""
    process.workingFolder = (try? proc.link("\(pid)/cwd")) ?? ""
    process.openFilesMax = openFilesMax(pid)
    do {
      process.environment = Self.environment(try proc.read("\(pid)/environ"))
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

  private func openFilesMax(_ pid: Int64) -> Int {
    guard let limits = try? proc.text("\(pid)/limits"),
      let line = limits.split(separator: "\n").first(where: { $0.hasPrefix("Max open files") })
    else { return 0 }
    return line.split(separator: " ").dropFirst(3).first.flatMap { Int($0) } ?? 0
  }
}
