import Diagnosis

/// Picks the processes that are worth a look.
struct ProcessFinder {
  /// More than a report can be read about; the rest is reported as not checked.
  static let processesMax = 48

  let inspector: ProcessInspector
  /// Ports on which an agent is expected.
  let ports: Set<Int>

  struct Found {
    var raw: RawProcess
    var evidence: ProcessEvidence
  }

  /// What a process is named: its program, with and without version, its title, and the script it runs.
  static func names(of raw: RawProcess) -> Set<String> {
    var names: Set<String> = [raw.name]
    let programs = [raw.executable, raw.arguments.first ?? ""].map { ProgramLanguage.baseName($0) }
    names.formUnion(programs)
    names.formUnion(programs.map { ProgramLanguage.withoutVersion($0) })
    names.insert(ProgramLanguage.withoutVersion(raw.name))
    if let script = raw.arguments.dropFirst().first(where: { !$0.hasPrefix("-") }) {
      let base = ProgramLanguage.baseName(script)
      names.insert(base)
      if let dot = base.lastIndex(of: "."), dot > base.startIndex { names.insert(String(base[..<dot])) }
    }
    // `python -m shop`, `java -jar shop.jar`
    for (option, value) in zip(raw.arguments, raw.arguments.dropFirst()) where option == "-m" || option == "-jar" {
      let base = ProgramLanguage.baseName(value)
      names.insert(base)
      if base.hasSuffix(".jar") { names.insert(String(base.dropLast(4))) }
    }
    names.remove("")
    return names
  }

  func find(pid: Int64, notChecked: inout [NotChecked]) -> [Found] {
    guard let raw = inspector.machine.process(pid) else {
      notChecked.append(NotChecked(what: "pid \(pid)", why: "there is no such process"))
      return []
    }
    return complete([raw], notChecked: &notChecked)
  }

  func find(names: [String], notChecked: inout [NotChecked]) -> [Found] {
    let wanted = Set(names)
    let found = all().filter { !Self.names(of: $0).isDisjoint(with: wanted) }
    if found.isEmpty {
      notChecked.append(
        NotChecked(what: "processes named \(names.joined(separator: ", "))", why: "there is no such process"))
    }
    return complete(found, notChecked: &notChecked)
  }

  /// Every process that has, or is told to use, a tracer.
  func findTraced(notChecked: inout [NotChecked]) -> [Found] {
    let connected = processesConnectedToAgents()
    let found = all().filter { raw in
      let language = ProgramLanguage.of(executable: raw.executable, name: raw.name, arguments: raw.arguments)
      if connected.contains(raw.pid) { return !Self.isAgent(raw) }
      // Programs in Go, Rust and C++ hold their tracer inside; a shell has the variable for others.
      if language.isEmpty { return !Self.isShell(raw) && !Self.isAgent(raw) && Self.isToldOfAgent(raw) }
      if raw.environment?.contains(where: { Self.isAboutTracing($0.key) && !$0.value.isEmpty }) == true { return true }
      return inspector.mayBeTraced(raw, language: language)
    }
    return complete(found, notChecked: &notChecked)
  }

  private func all() -> [RawProcess] {
    inspector.machine.processIDs().filter { $0 != inspector.machine.ownPid }.compactMap {
      inspector.machine.process($0)
    }.filter { !$0.arguments.isEmpty }
  }

  private static func isToldOfAgent(_ raw: RawProcess) -> Bool {
    ["DD_TRACE_AGENT_URL", "DD_AGENT_HOST"].contains { raw.environment?[$0]?.isEmpty == false }
  }

  private static func isShell(_ raw: RawProcess) -> Bool {
    let program = ProgramLanguage.baseName(raw.executable.isEmpty ? raw.arguments.first ?? "" : raw.executable)
    return [
      "sh", "bash", "zsh", "dash", "fish", "ash", "ksh", "busybox", "tmux", "screen", "sshd", "sudo", "su", "systemd",
      "init", "login", "env", "make", "tini", "dumb-init", "cat", "less", "tail", "sleep", "vim", "nano", "git", "ssh",
      "docker", "kubectl", "supervisord", "runsv", "s6-supervise", "cron", "nsenter", "unshare", "setpriv",
    ].contains(program.drop { $0 == "-" })
  }

  private static func isAboutTracing(_ name: String) -> Bool {
    ["DD_TRACE_", "DATADOG_TRACE_", "DD_AGENT_", "OTEL_EXPORTER_", "OTEL_TRACES_"].contains { name.hasPrefix($0) }
      || ["DD_SERVICE", "DD_ENV", "DD_VERSION", "DATADOG_SERVICE_NAME", "DATADOG_ENV"].contains(name)
  }

  /// Agents talk to agents; they are no applications.
  private static func isAgent(_ raw: RawProcess) -> Bool {
    ["roost", "trace-agent", "agent", "process-agent", "otelcol", "otelcol-contrib"].contains(
      ProgramLanguage.baseName(raw.executable.isEmpty ? raw.arguments.first ?? "" : raw.executable))
  }

  private func processesConnectedToAgents() -> Set<Int64> {
    let sockets = (try? inspector.machine.tcpSockets(of: nil) { ports.contains($1) && !ports.contains($0) }) ?? []
    return Set(inspector.machine.owners(of: Set(sockets.map(\.inode).filter { $0 != 0 })).values)
  }

  private func complete(_ found: [RawProcess], notChecked: inout [NotChecked]) -> [Found] {
    if found.count > Self.processesMax {
      notChecked.append(
        NotChecked(
          what: "\(found.count - Self.processesMax) more processes",
          why: "only \(Self.processesMax) are looked at; name one with --pid"))
    }
    return found.prefix(Self.processesMax).map { raw in
      var evidence = inspector.outline(raw)
      inspector.complete(&evidence, raw, notChecked: &notChecked)
      return Found(raw: raw, evidence: evidence)
    }
  }
}
