import Diagnosis

/// How old the processes are that were found, and whom they have started: a server's workers send for it.
extension Collection {
  /// Descendants that are kept of one process; a server has some dozens of workers at most.
  private static let descendantsMax = 256

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
      }
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
