import Diagnosis
import Scrubbing

/// How old the processes are that were found, and whom they have started: a server's workers send for it.
extension Collection {
  /// Descendants that are kept of one process; a server has some dozens of workers at most.
  private static let descendantsMax = 256
  /// Replicas of an app that are told apart on one machine.
  private static let namesakesMax = 64

  mutating func lookAtFamilies() {
    guard !evidence.processes.isEmpty else { return }
    let origins = machine.origins()
    let children = Dictionary(grouping: origins.keys.sorted()) { origins[$0]?.parent ?? 0 }
    for index in evidence.processes.indices {
      let pid = evidence.processes[index].pid
      evidence.processes[index].ageSeconds = origins[pid]?.ageSeconds
      let descendants = Self.descendants(of: pid, children)
      evidence.processes[index].descendants = descendants
      let isElsewhere = found[index].raw.processNamespace != inspector.own?.processNamespace
      if isElsewhere, machine.system == "linux" {
        evidence.processes[index].innerPids = ([pid] + descendants).compactMap(machine.innerPid)
        evidence.processes[index].addPlace(of: found[index].raw, on: machine)
      }
    }
    findNamesakes(origins)
  }

  /// Processes that call themselves by the number of one that was found, in other containers.
  private mutating func findNamesakes(_ origins: [Int64: ProcessOrigin]) {
    let numbers = Set(evidence.processes.flatMap(\.innerPids))
    guard !numbers.isEmpty else { return }
    let known = Set(evidence.processes.flatMap { [$0.pid] + $0.descendants })
    let languages = Set(evidence.processes.map(\.language))
    for pid in origins.keys.sorted() where !known.contains(pid) && evidence.namesakes.count < Self.namesakesMax {
      guard let number = machine.innerPid(of: pid), number != pid, numbers.contains(number),
        let raw = machine.process(pid)
      else { continue }
      var namesake = inspector.outline(raw)
      guard languages.contains(namesake.language) else { continue }
      namesake.innerPids = [number]
      namesake.ageSeconds = origins[pid]?.ageSeconds
      namesake.addPlace(of: raw, on: machine)
      evidence.namesakes.append(namesake)
    }
  }

  /// All that it and its children started, the nearest first.
  private static func descendants(of pid: Int64, _ children: [Int64: [Int64]]) -> [Int64] {
    var found: [Int64] = []
    var next = [pid]
    while !next.isEmpty, found.count < descendantsMax {
      next = next.flatMap { children[$0] ?? [] }.filter { $0 != pid && !found.contains($0) }
      found += next
    }
    return Array(found.prefix(descendantsMax))
  }
}

extension ProcessEvidence {
  /// Which container it is in, by all that tracers and networks know of that.
  fileprivate mutating func addPlace(of raw: RawProcess, on machine: any Machine) {
    let (seen, own) = (
      try? machine.files(asSeenBy: raw.pid).status("/sys/fs/cgroup"), try? machine.files.status("/sys/fs/cgroup")
    )
    // The machine's own folder names no container.
    let folder = seen == own ? nil : seen
    containerIDs = [ContainerID.find(inControlGroup: raw.controlGroup), folder.map { "in-\($0.inode)" }]
      .compactMap(\.self)
    ownAddresses = machine.ownAddresses(of: raw.pid)
  }
}
