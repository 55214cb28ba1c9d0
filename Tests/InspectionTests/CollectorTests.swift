import Diagnosis
import Foundation
import Testing

@testable import Inspection

/// A folder that looks like the `/proc` and the root of a machine.
private struct FakeMachine: ~Copyable {
  let folder: TemporaryFolder
  static let secret = "0123456789abcdef0123456789abcdef"

  static func make() throws -> FakeMachine {
    let fake = FakeMachine(folder: try TemporaryFolder())
    try fake.add(1, name: "systemd", parent: 0, arguments: ["/sbin/init"], environment: ["DD_SITE": "outside"])
    try fake.folder.write("127.0.0.1 localhost\n", to: "root/etc/hosts")
    try fake.folder.write("Linux version 5.15 Microsoft\n", to: "root/proc/version")
    try fake.network(at: "proc/net", tcp: [])
    try fake.folder.write("", to: "proc/net/unix")
    return fake
  }

  var machine: LinuxMachine {
    LinuxMachine(proc: "\(folder.path)/proc", root: "\(folder.path)/root", ownPid: 1)
  }

  /// `namespaces` are those of network, mounts and processes; the doctor's are 1.
  func add(
    _ pid: Int64, name: String, parent: Int64, arguments: [String], environment: [String: String],
    namespaces: Int = 1, maps: [String] = []
  ) throws {
    let path = "proc/\(pid)"
    try folder.write(
      "Name:\t\(name)\nPPid:\t\(parent)\nUid:\t33\t33\t33\t33\nGid:\t33\t33\t33\t33\nGroups:\t33 44 \nThreads:\t2\n",
      to: "\(path)/status")
    try folder.write(arguments.map { $0 + "\0" }.joined(), to: "\(path)/cmdline")
    try folder.write(
      environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\0" }.joined(), to: "\(path)/environ")
    try folder.write(
      "Max open files            1024                 4096                 files\n", to: "\(path)/limits")
    try folder.write("0::/system.slice\n", to: "\(path)/cgroup")
    try folder.write(maps.map { "7f00-7f01 r-xp 00000000 08:01 99   \($0)\n" }.joined(), to: "\(path)/maps")
    for kind in ["net", "mnt", "pid"] { try folder.link("\(path)/ns/\(kind)", to: "\(kind):[\(namespaces)]") }
    try folder.link("\(path)/exe", to: arguments.first ?? "/none")
    try folder.write("", to: "\(path)/fd/note")
    try network(at: "\(path)/net", tcp: [])
    try folder.write("", to: "\(path)/net/unix")
  }

  func network(at path: String, tcp: [String]) throws {
    try folder.write("  sl  local_address rem_address\n" + tcp.map { "   0: \($0)\n" }.joined(), to: "\(path)/tcp")
  }
}

@Suite("Evidence gathered from a machine")
struct CollectorTests {
  private func request(_ subject: CollectionRequest.Subject) -> CollectionRequest {
    var configuration = ConfigurationEvidence()
    // Nothing is listened on by our own account, so that only the processes' settings are tried.
    configuration.port = 0
    var request = CollectionRequest(subject, configuration: configuration)
    request.limits.connecting = .milliseconds(200)
    request.limits.answering = .milliseconds(200)
    return request
  }

  @Test func `a process in a container is seen with its own network, files and ancestors`() throws {
    let fake = try FakeMachine.make()
    try fake.add(
      20, name: "sh", parent: 1, arguments: ["sh"], environment: ["DD_SERVICE": "shop", "DD_ENV": "dev", "HOME": "/"],
      namespaces: 2)
    try fake.add(
      21, name: "python3.12", parent: 20, arguments: ["/usr/bin/python3.12", "shop.py"],
      environment: ["DD_ENV": "dev", "DD_AGENT_HOST": "agent"], namespaces: 2,
      maps: ["/usr/lib/python3/dist-packages/ddtrace/internal/_rand.so"])
    try fake.folder.write("::1 localhost\n127.0.0.1 localhost\n10.9.9.9 agent\n", to: "proc/21/root/etc/hosts")
    try fake.folder.write("", to: "proc/21/root/var/run/datadog/apm.socket")
    try fake.folder.write("", to: "proc/21/root/usr/lib/python3/dist-packages/ddtrace/__init__.py")
    try fake.folder.write("", to: "proc/21/root/usr/lib/python3/dist-packages/ddtrace-4.16.0.dist-info/METADATA")
    let row = "00000000:00000000 00:00000000 00000000 0 0"
    let again = "00000000:00000000 01:00000000 00000003 0 0"
    try fake.network(
      at: "proc/21/net",
      tcp: [
        "0100007F:1FBE 00000000:0000 0A \(row) 77 1", "020011AC:9C40 010011AC:1FBE 02 \(row) 78 1",
        "020011AC:9C41 010011AC:1FBE 02 \(again) 79 1",
      ])
    try fake.folder.link("proc/21/fd/3", to: "socket:[77]")
    try fake.folder.link("proc/21/fd/4", to: "socket:[78]")
    try fake.folder.link("proc/21/fd/5", to: "socket:[79]")
    let evidence = EvidenceCollector.collect(request(.process(21)), on: fake.machine)
    let process = try #require(evidence.processes.first)
    #expect(evidence.host.isWSL)
    #expect(process.networkNamespace == "net:[2]")
    #expect(evidence.host.networkNamespace == "net:[1]")
    #expect(process.isInContainer)
    #expect(process.lostVariables == ["sh": ["DD_SERVICE"]])
    #expect(process.tracer == TracerEvidence(library: "ddtrace", version: "4.16.0", seenIn: "maps"))
    #expect(process.language == "python")
    #expect((process.uid, process.gid) == (33, 33))
    #expect(process.groups == [33, 44])
    #expect(process.openFilesMax == 1024)
    #expect(process.hostsEntries == ["::1 localhost", "127.0.0.1 localhost", "10.9.9.9 agent"])
    var connection = ConnectionEvidence(
      state: "SYN_SENT", remoteAddress: "172.17.0.1", remotePort: 8126, count: 2)
    connection.retransmits = 3
    #expect(process.connections == [connection])
    #expect(
      evidence.host.listeners == [
        ListenerEvidence(
          address: "127.0.0.1", port: 8126, inode: 77, pid: 21, process: "/usr/bin/python3.12 shop.py",
          networkNamespace: "net:[2]")
      ])
    #expect(evidence.resolutions == [ResolutionEvidence(name: "agent", forPid: 21, addresses: ["10.9.9.9"])])
    #expect(evidence.sees(EffectiveTarget.defaultSocketPath, pid: 21))
    #expect(!evidence.sees(EffectiveTarget.defaultSocketPath, pid: 1))
    #expect(evidence.probes.map(\.address) == ["10.9.9.9:8126"])
    #expect(try Evidence(json: evidence.json) == evidence)
  }

  @Test func `replicas in other containers are told apart, and other programs are none`() throws {
    let fake = try FakeMachine.make()
    let id = String(repeating: "0f", count: 32)
    let python = ["/usr/bin/python3.12", "shop.py"]
    for (pid, arguments, namespace) in [(21, python, 2), (31, python, 3), (41, ["/usr/sbin/nginx"], 4)] {
      try fake.add(
        Int64(pid), name: "app", parent: 1, arguments: arguments, environment: ["DD_SERVICE": "shop"],
        namespaces: namespace)
      try fake.folder.write(
        "Name:\tapp\nPPid:\t1\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nNSpid:\t\(pid)\t1\n", to: "proc/\(pid)/status")
      try fake.folder.write("\(pid) (app) S 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 0\n", to: "proc/\(pid)/stat")
      try fake.folder.write("", to: "proc/\(pid)/root/sys/fs/cgroup")
      let address = "        |-- 172.17.0.\(namespace)\n           /32 host LOCAL\n"
      let loopback = "        |-- 127.0.0.1\n           /32 host LOCAL\n"
      try fake.folder.write("Main:\n" + address + loopback + address, to: "proc/\(pid)/net/fib_trie")
    }
    try fake.folder.write("0::/system.slice/docker-\(id).scope\n", to: "proc/21/cgroup")
    let evidence = EvidenceCollector.collect(request(.process(21)), on: fake.machine)
    let process = try #require(evidence.processes.first)
    #expect(process.innerPids == [1] && process.ownAddresses == ["172.17.0.2"])
    #expect(process.containerIDs.count == 2 && process.containerIDs.first == id)
    #expect(process.containerIDs.last?.hasPrefix("in-") == true)
    #expect(evidence.namesakes.map(\.pid) == [31])
    #expect(evidence.namesakes.map(\.ownAddresses) == [["172.17.0.3"]])
    #expect(evidence.namesakes.first?.setting("DD_SERVICE") == "shop")
    #expect(try Evidence(json: evidence.json) == evidence)
  }

  @Test func `loopback of another network is not tried from here`() throws {
    let fake = try FakeMachine.make()
    try fake.add(21, name: "python", parent: 1, arguments: ["python"], environment: [:], namespaces: 2)
    try fake.folder.write("127.0.0.1 localhost\n", to: "proc/21/root/etc/hosts")
    let evidence = EvidenceCollector.collect(request(.process(21)), on: fake.machine)
    #expect(evidence.probes.isEmpty)
    #expect(evidence.notChecked.contains { $0.what == "http://localhost:8126 from pid 21" })
  }

  @Test func `the names of a container are not checked where c-ares is missing`() throws {
    let fake = try FakeMachine.make()
    try fake.add(
      21, name: "python", parent: 1, arguments: ["python"], environment: ["DD_AGENT_HOST": "agent"], namespaces: 2)
    try fake.folder.write("127.0.0.1 localhost\n", to: "proc/21/root/etc/hosts")
    try fake.folder.write("nameserver 10.0.0.2\n", to: "proc/21/root/etc/resolv.conf")
    var collection = Collection(request(.process(21)), machine: fake.machine)
    collection.findProcesses()
    collection.resolveNames { () throws(DNSLibrary.Missing) in throw DNSLibrary.Missing(reason: "there is no c-ares") }
    #expect(collection.evidence.resolutions.isEmpty)
    let note = NotChecked(what: "agent as pid 21 resolves it", why: "there is no c-ares")
    #expect(collection.evidence.notChecked.contains(note))
    #expect(!Examination(collection.evidence).findings.contains { $0.id == "RST008" })
  }

  @Test func `nothing is concluded from an environment that cannot be read`() throws {
    let fake = try FakeMachine.make()
    try fake.add(21, name: "python", parent: 1, arguments: ["python"], environment: [:])
    // Written over by a title, as nginx and others do it.
    try fake.folder.write("python: worker\0\0\0", to: "proc/21/environ")
    let evidence = EvidenceCollector.collect(request(.process(21)), on: fake.machine)
    #expect(evidence.processes.map(\.isEnvironmentReadable) == [false])
    #expect(evidence.probes.isEmpty && evidence.resolutions.isEmpty)
    #expect(evidence.processes.map(\.lostVariables) == [[:]])
    #expect(!evidence.processes[0].isTracerSearchConclusive)
    #expect(evidence.notChecked.contains { $0.what == "environment of pid 21" })
    #expect(evidence.notChecked.contains { $0.what == "the agent that pid 21 is told to send to" })
  }

  @Test func `only traced processes are looked at when none is named`() throws {
    let fake = try FakeMachine.make()
    let maps = ["/v/lib/python3.9/site-packages/ddtrace/internal/_rand.so"]
    try fake.add(30, name: "bash", parent: 1, arguments: ["bash"], environment: ["DD_ENV": "dev"])
    try fake.add(31, name: "python", parent: 1, arguments: ["python", "plain.py"], environment: [:])
    try fake.add(32, name: "python", parent: 1, arguments: ["python", "set.py"], environment: ["DD_ENV": "dev"])
    try fake.add(33, name: "python", parent: 1, arguments: ["python", "traced.py"], environment: [:], maps: maps)
    try fake.add(34, name: "kthread", parent: 1, arguments: [], environment: [:])
    let evidence = EvidenceCollector.collect(request(.machine), on: fake.machine)
    #expect(evidence.processes.map(\.pid) == [32, 33])
    #expect(evidence.processes[0].isTracerSearchConclusive)
    let named = EvidenceCollector.collect(request(.named(["plain", "bash"])), on: fake.machine)
    #expect(named.processes.map(\.pid) == [30, 31])
  }

  @Test func `who is not there is told as not checked`() throws {
    let fake = try FakeMachine.make()
    let evidence = EvidenceCollector.collect(request(.process(99)), on: fake.machine)
    #expect(evidence.notChecked.contains(NotChecked(what: "pid 99", why: "there is no such process")))
    let named = EvidenceCollector.collect(request(.named(["ruby"])), on: fake.machine)
    #expect(named.notChecked.contains(NotChecked(what: "processes named ruby", why: "there is no such process")))
  }

  @Test func `secrets planted anywhere are not in the evidence`() throws {
    let fake = try FakeMachine.make()
    let secret = FakeMachine.secret
    try fake.add(
      40, name: "docker-proxy", parent: 1, arguments: ["/usr/bin/docker-proxy", "--token", "hunter2"], environment: [:])
    // A secret that lies across the end of what is shown of an argument.
    let long = String(repeating: "x", count: 490) + " postgres://u:hunter2\(String(repeating: "z", count: 40))@db/x"
    try fake.add(
      41, name: "hunter2\(secret)", parent: 1,
      arguments: [
        "/usr/bin/python", "app.py", "--password", "hunter2", "--db=postgres://u:hunter2@db/x", secret, long,
      ],
      environment: [
        "DD_API_KEY": secret, "DD_TRACE_AGENT_URL": "http://u:hunter2@127.0.0.1:9", "DD_TAGS": "api_key:hunter2",
        "HTTPS_PROXY": "http://u:hunter2@proxy", "DB_PASSWORD": "hunter2", "OTEL_EXPORTER_OTLP_HEADERS": "k=hunter2",
        "DD_\(secret)": "1", "NODE_OPTIONS": "--token=hunter2",
      ], maps: ["/v/lib/python3.9/site-packages/ddtrace/x.so"])
    let json = try EvidenceCollector.collect(request(.process(41)), on: fake.machine).json
    #expect(json.contains("DD_API_KEY"))
    #expect(!json.contains("hunter2\""), "\(json)")
    #expect(!json.contains("hunter2@") && !json.contains("hunter2z") && json.contains("xxx postgres://…"))
    #expect(!json.contains(secret))
  }

  @Test func `on this machine a listener is seen with its owner, and answers`() throws {
    let info = #"{"version":"7.81.0","endpoints":["/v0.4/traces"],"config":{"statsd_port":8125}}"#
    let server = try LocalServer(
      .answer("HTTP/1.1 200 OK\r\nContent-Length: \(info.utf8.count)\r\n\r\n\(info)"))
    defer { server.stop() }
    var wanted = request(.process(Int64(getpid())))
    wanted.configuration.port = server.port
    wanted.configuration.hosts = ["127.0.0.1"]
    let evidence = EvidenceCollector.collect(wanted)
    let listener = try #require(evidence.host.listeners.first { $0.port == server.port })
    #expect(listener.address == "127.0.0.1")
    #expect(listener.pid == Int64(getpid()))
    #expect(!listener.process.isEmpty)
    let probe = try #require(evidence.probes.first { $0.address == "127.0.0.1:\(server.port)" })
    #expect(probe.outcome == .answered)
    #expect(probe.product?.name == "datadog-agent")
    #expect(evidence.probes.first { $0.address == "[::1]:\(server.port)" }?.outcome != .answered)
    #expect(evidence.processes.first?.openFiles ?? 0 > 2)
    #expect(evidence.host.localhostAddresses.contains { $0 == "127.0.0.1" || $0 == "::1" })
  }

  @Test func `an address given by its URL is tried, and nothing else`() throws {
    let server = try LocalServer(.close)
    defer { server.stop() }
    let evidence = EvidenceCollector.collect(request(.url("http://127.0.0.1:\(server.port)")))
    #expect(evidence.processes.isEmpty)
    #expect(evidence.probes.map(\.outcome) == [.closedAtOnce])
    #expect(evidence.probes.map(\.url) == ["http://127.0.0.1:\(server.port)"])
  }

  @Test func `an owner of a unix socket is seen`() throws {
    let folder = try TemporaryFolder()
    let server = try LocalServer(.keepSilent, path: "\(folder.path)/s")
    defer { server.stop() }
    var wanted = request(.url("unix://\(folder.path)/s"))
    wanted.configuration.socketPath = "\(folder.path)/missing"
    let evidence = EvidenceCollector.collect(wanted)
    let socket = try #require(evidence.host.unixSockets.first { $0.path == "\(folder.path)/s" })
    #expect(socket.exists && socket.isListening)
    #expect(socket.type == "stream")
    #expect(socket.pid == Int64(getpid()))
    #expect(evidence.probes.map(\.outcome) == [.silent])
  }

  @Test func `a name that nobody knows is told by the resolver's error`() {
    let answers = NameResolver.resolve(["127.0.0.1", "::1", "no.such.name.invalid"], within: .seconds(20))
    #expect(answers[NameResolver.Query(name: "127.0.0.1")] == .addresses(["127.0.0.1"]))
    #expect(answers[NameResolver.Query(name: "::1")] == .addresses(["::1"]))
    if case .addresses(let found) = answers[NameResolver.Query(name: "no.such.name.invalid")] {
      Issue.record("resolved to \(found)")
    }
    #expect(NameResolver.resolve(["127.0.0.2"], within: .zero)[NameResolver.Query(name: "127.0.0.2")] != nil)
  }
}
