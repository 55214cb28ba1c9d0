import Diagnosis
import Platform
import Scrubbing

/// Turns what the system shows of a process into evidence: without secrets, with what it means for tracing.
struct ProcessInspector {
  let machine: any Machine
  /// The doctor's own process, to compare namespaces with.
  let own: RawProcess?

  /// More ancestors than a process has.
  private static let ancestorsMax = 32
  /// Arguments kept of a command line, and characters of each.
  private static let argumentsMax = 64
  private static let argumentMax = 512
  /// Bytes read of an argument: a class path is one long word, of which nothing is shown unless all of it was read.
  private static let argumentBytesMax = 16 * 1024

  init(machine: any Machine) {
    self.machine = machine
    own = machine.process(machine.ownPid)
  }

  /// What is known cheaply, and enough to tell whether a process is worth a closer look.
  func outline(_ raw: RawProcess) -> ProcessEvidence {
    var evidence = ProcessEvidence(pid: raw.pid)
    evidence.name = Scrubber.scrub(raw.name)
    evidence.commandLine = Scrubber.commandLine(
      Array(raw.arguments.prefix(Self.argumentsMax)), shownMax: Self.argumentMax, readMax: Self.argumentBytesMax)
    evidence.language = ProgramLanguage.of(executable: raw.executable, name: raw.name, arguments: raw.arguments)
    evidence.isEnvironmentReadable = raw.environment != nil
    evidence.environment = VariablesOfInterest.selected(from: raw.environment ?? [:])
    evidence.uid = raw.uid
    evidence.gid = raw.gid
    evidence.groups = raw.groups
    evidence.threads = raw.threads
    evidence.openFilesMax = raw.openFilesMax
    evidence.networkNamespace = raw.networkNamespace
    evidence.isInContainer = isInContainer(raw)
    return evidence
  }

  /// Adds what takes more reading: files in memory, descriptors, ancestors, the hosts file.
  func complete(_ evidence: inout ProcessEvidence, _ raw: RawProcess, notChecked: inout [NotChecked]) {
    if !raw.environmentFailure.isEmpty {
      notChecked.append(NotChecked(what: "environment of pid \(raw.pid)", why: raw.environmentFailure))
    }
    addTracer(to: &evidence, raw, notChecked: &notChecked)
    evidence.lostVariables = lostVariables(raw)
    let target = EffectiveTarget.of(process: evidence)
    var names = ["localhost"]
    if case .socket(.tcp(let host, _)) = target.address, host != "localhost" { names.append(host) }
    if let hosts = hostsFile(raw) { evidence.hostsEntries = hosts.lines(about: names) }
  }

  /// Whether a tracer is seen, or lies beside the program and would leave no sign when it is loaded.
  func mayBeTraced(_ raw: RawProcess, language: String) -> Bool {
    let mapped = (try? machine.mappedFiles(raw.pid)) ?? []
    let signs = TracerSigns(arguments: raw.arguments, environment: raw.environment ?? [:], files: mapped)
    if signs.tracer != nil { return true }
    let installed = files(of: raw).flatMap {
      InstalledTracers(files: $0, process: raw, mapped: mapped).find(language: language)
    }
    return installed != nil && !Self.leavesSigns(language, installed: installed)
  }

  /// The process's own hosts file, or the machine's when it has the same files.
  func hostsFile(_ raw: RawProcess) -> HostsFile? {
    guard let files = files(of: raw) else { return nil }
    return (try? files.text("/etc/hosts")).map { HostsFile($0) }
  }

  /// Files as the process sees them; `nil` when that is unknown.
  func files(of raw: RawProcess) -> FileTree? {
    if sharesFiles(raw) { return machine.files }
    let files = machine.files(asSeenBy: raw.pid)
    return (try? files.status("/")) == nil ? nil : files
  }

  func sharesFiles(_ raw: RawProcess) -> Bool {
    guard machine.system == "linux" else { return true }
    return !raw.mountNamespace.isEmpty && raw.mountNamespace == own?.mountNamespace
  }

  /// False when it is unknown too.
  func isInOtherNetwork(_ raw: RawProcess) -> Bool {
    guard let own, !own.networkNamespace.isEmpty, !raw.networkNamespace.isEmpty else { return false }
    return own.networkNamespace != raw.networkNamespace
  }

  private func isInContainer(_ raw: RawProcess) -> Bool {
    let marks = ["/docker", "kubepods", "containerd", "libpod", "/lxc", "crio-", "cri-containerd", "garden"]
    if marks.contains(where: { raw.controlGroup.contains($0) }), own?.controlGroup != raw.controlGroup { return true }
    guard let own, !raw.processNamespace.isEmpty else { return false }
    return own.processNamespace != raw.processNamespace
  }

  private func addTracer(to evidence: inout ProcessEvidence, _ raw: RawProcess, notChecked: inout [NotChecked]) {
    var mapped: Set<String> = []
    var open: OpenDescriptors?
    var isMapped = false
    do {
      mapped = try machine.mappedFiles(raw.pid)
      isMapped = true
    } catch {
      notChecked.append(NotChecked(what: "files in the memory of pid \(raw.pid)", why: error.text))
    }
    open = try? machine.openDescriptors(raw.pid)
    evidence.openFiles = open?.count ?? 0
    let signs = TracerSigns(
      arguments: raw.arguments, environment: raw.environment ?? [:], files: mapped.union(open?.files ?? []))
    evidence.tracer = signs.tracer
    let installed = files(of: raw).flatMap {
      InstalledTracers(files: $0, process: raw, mapped: mapped).find(language: evidence.language)
    }
    if var tracer = evidence.tracer {
      if tracer.version.isEmpty, let installed, installed.library == tracer.library {
        tracer.version = installed.version
      }
      evidence.tracer = tracer
    } else {
      evidence.installedTracer = installed
      evidence.isTracerSearchConclusive =
        isMapped && open != nil && raw.environment != nil
        && Self.leavesSigns(evidence.language, installed: installed)
    }
  }

  /// Whether a loaded tracer would have been seen in memory or among the open files.
  private static func leavesSigns(_ language: String, installed: TracerEvidence?) -> Bool {
    switch language {
    // The jar stays open; the extension and the profiler are libraries.
    case "java", "php", "dotnet": return true
    // Since 0.38 parts of it are libraries; before, all of it was plain Python, which is read and closed.
    case "python":
      guard let installed else { return true }
      let numbers = installed.version.split(separator: ".").compactMap { Int($0) }
      return numbers.count > 1 && (numbers[0], numbers[1]) >= (0, 38)
    case "nodejs": return installed == nil
    default: return false
    }
  }

  /// Names of tracer settings that ancestors have and the process has not.
  private func lostVariables(_ raw: RawProcess) -> [String: [String]] {
    guard let environment = raw.environment else { return [:] }
    var lost: [String: [String]] = [:]
    var parent = raw.parent
    for _ in 0..<Self.ancestorsMax {
      guard parent > 0, let ancestor = machine.process(parent),
        // Outside its container others decide what is set.
        ancestor.processNamespace == raw.processNamespace
      else { break }
      let names = (ancestor.environment ?? [:]).filter {
        VariablesOfInterest.isTracerSetting($0.key) && environment[$0.key] == nil
      }.keys.map { Scrubber.scrub($0) }
      if !names.isEmpty {
        let name = Scrubber.scrub(ancestor.name)
        lost[name] = Set((lost[name] ?? []) + names).sorted()
      }
      parent = ancestor.parent
    }
    return lost
  }
}
