import Diagnosis
import Scrubbing

/// Gathers the evidence, once. Reads, resolves names, and connects to the agents' addresses that are configured or
/// given; changes nothing, and sends nothing but `GET /info` and, where that brings no byte, the start of a TLS handshake.
/// For a process in another network namespace it does both from there, where it may: names are asked of the process's own
/// name servers.
package enum EvidenceCollector {
  /// Blocks the thread for as long as the request's limits allow, together.
  package static func collect(_ request: CollectionRequest) -> Evidence {
    collect(request, on: ThisMachine.make())
  }

  static func collect(_ request: CollectionRequest, on machine: any Machine) -> Evidence {
    var collection = Collection(request, machine: machine)
    collection.findProcesses()
    collection.lookAtFamilies()
    collection.lookAtNetworks()
    collection.lookAtUnixSockets()
    collection.resolveNames()
    collection.probe()
    collection.lookAtNeighbours()
    return collection.evidence
  }
}

/// The evidence while it is being gathered, with what must not get into it.
struct Collection {
  let request: CollectionRequest
  let machine: any Machine
  let inspector: ProcessInspector
  var evidence = Evidence()
  var found: [ProcessFinder.Found] = []
  /// What was said of a name, in the doctor's own network and in those of containers.
  var answers: [NameResolver.Query: NameResolver.Answer] = [:]
  /// One process of every other network namespace that can be seen, by the namespace.
  var otherNetworks: [String: Int64] = [:]

  init(_ request: CollectionRequest, machine: any Machine) {
    self.request = request
    self.machine = machine
    inspector = ProcessInspector(machine: machine)
    evidence.configuration = request.configuration
    evidence.agent = request.agent
    evidence.host.otherRoostPorts = request.otherPorts
    evidence.question.kind = request.subject.kind
    evidence.question.url = requested?.url
    evidence.host.system = machine.system
    evidence.host.networkNamespace = inspector.own?.networkNamespace ?? ""
    let version = (try? machine.files.text("/proc/version", limit: 4096)) ?? ""
    evidence.host.isWSL = version.lowercased().contains("microsoft")
  }

  /// The address that is to be tried, and how it may be shown.
  var requested: (url: String, address: AgentAddress)? {
    guard case .url(let url) = request.subject else { return nil }
    return (Scrubber.scrub(url), .of(url: url))
  }

  mutating func note(_ what: String, _ why: String) {
    let entry = NotChecked(what: what, why: why)
    if !evidence.notChecked.contains(entry) { evidence.notChecked.append(entry) }
  }

  mutating func findProcesses() {
    let finder = ProcessFinder(inspector: inspector, ports: [request.configuration.port, EffectiveTarget.defaultPort])
    switch request.subject {
    case .machine: found = finder.findTraced(notChecked: &evidence.notChecked)
    case .process(let pid): found = finder.find(pid: pid, notChecked: &evidence.notChecked)
    case .named(let names): found = finder.find(names: names, notChecked: &evidence.notChecked)
    case .url: found = []
    }
    evidence.processes = found.map(\.evidence)
  }

  /// Where the process sends, by what has been seen so far.
  func target(of process: ProcessEvidence) -> EffectiveTarget { .of(process: process, in: evidence) }

  /// Ports on which an agent is, should be, or is sought.
  var ports: Set<Int> {
    var ports: Set<Int> = [request.configuration.port, EffectiveTarget.defaultPort, 4317, 4318]
    ports.formUnion(request.otherPorts)
    var addresses = evidence.processes.map { target(of: $0).address }
    ports.formUnion(evidence.processes.flatMap { OTLPExport.of($0)?.places.map(\.port) ?? [] }.filter { $0 > 0 })
    if let requested { addresses.append(requested.address) }
    for case .socket(.tcp(_, let port)) in addresses { ports.insert(Int(port)) }
    return ports
  }
}
