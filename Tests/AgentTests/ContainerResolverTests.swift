import Dispatch
import Exporting
import MessagePack
import Platform
import Receiver
import Statistics
import TestSpans
import Testing
import TraceModel

@testable import Agent

@Suite struct `The containers of clients` {
  /// A look-up that a test holds up.
  private final class Gate: Sendable {
    private let seen = Lock<[ClientOrigin]>([])
    private let opening = DispatchSemaphore(value: 0)

    init(isOpen: Bool = true) {
      if isOpen { open() }
    }

    var looks: [ClientOrigin] { seen.withLock { $0 } }

    /// Those of the first look-ups, waited for.
    func looks(_ count: Int) -> [ClientOrigin] {
      for _ in 0..<10_000 where looks.count < count { letTimePass() }
      return looks
    }

    func open() { opening.signal() }

    func pass(_ origin: ClientOrigin) {
      seen.withLock { $0.append(origin) }
      opening.wait()
      opening.signal()
    }
  }

  private static let nowNs = TestSpan.someTimeNs
  private static let id = String(repeating: "0f", count: 32)

  /// - Parameter patience: of requests; enough for any look-up that ends.
  private static func resolver(
    _ gate: Gate, clientsMax: Int = 100, patience: Duration = .seconds(60)
  ) -> ContainerResolver {
    ContainerResolver(clientsMax: clientsMax, patience: patience) { origin in
      gate.pass(origin)
      // Odd ones are in no container.
      if origin.processID % 2 == 1 { return .none }
      return .found(KnownContainer(id: origin.containerID.isEmpty ? id : origin.containerID, description: nil))
    }
  }

  private static func find(
    _ resolver: ContainerResolver, _ headers: [KnownHeader: String] = [:], from peer: PeerIdentity,
    nowNs: Int64 = nowNs
  ) -> String? {
    RequestHeaders.with(headers) { resolver.container(of: $0, peer, nowNs: nowNs)?.id }
  }

  /// Waits for the look-up of a client that was asked about before.
  private static func wait(
    _ resolver: ContainerResolver, _ headers: [KnownHeader: String] = [:], from peer: PeerIdentity
  ) -> String? {
    for _ in 0..<10_000 {
      if let found = find(resolver, headers, from: peer) { return found }
      letTimePass()
    }
    return nil
  }

  @Test func `are looked up once, and anew when they may have changed`() {
    let gate = Gate()
    let resolver = Self.resolver(gate)
    let (process, outside) = (PeerIdentity.unix(pid: 12, uid: 0), PeerIdentity.unix(pid: 13, uid: 0))
    #expect(Self.wait(resolver, from: process) == Self.id)
    #expect(Self.find(resolver, from: process) == Self.id)
    #expect(Self.find(resolver, from: outside) == nil && Self.find(resolver, from: outside) == nil)
    #expect(Self.find(resolver, [.containerID: Self.id], from: process) == Self.id)
    #expect(gate.looks(3).map(\.processID) == [12, 13, 0])
    let later = Self.nowNs + ContainerResolver.processAgeMax.nanoseconds
    #expect(Self.find(resolver, from: process, nowNs: later) == Self.id)
    _ = Self.find(resolver, [.containerID: Self.id], from: process, nowNs: later)
    #expect(gate.looks(4).map(\.processID) == [12, 13, 0, 12], "a pid may be another process's by now")
  }

  @Test func `of which nobody says anything are not looked up`() {
    let gate = Gate()
    let resolver = Self.resolver(gate)
    let silent: [([KnownHeader: String], PeerIdentity)] = [
      ([:], .loopback(port: 1)), ([.entityID: "en-x,ab"], .loopback(port: 1)), ([:], .unix(pid: 0, uid: 0)),
      ([.entityID: "in-"], .unknown), ([.externalEnv: "it-false,pu-1"], .unknown),
      ([.containerID: String(repeating: "a", count: 65)], .unix(pid: 12, uid: 0)),
      ([.containerID: "c0ffee"], .unix(pid: 12, uid: 0)), ([.entityID: "ci-../../etc"], .loopback(port: 1)),
      ([.containerID: "in-4711"], .loopback(port: 1)),
    ]
    for (headers, peer) in silent { #expect(Self.find(resolver, headers, from: peer) == nil) }
    let blind = ContainerResolver(seesControlGroups: false) { origin in
      gate.pass(origin)
      return .none
    }
    #expect(Self.find(blind, [.entityID: "in-4711"], from: .unix(pid: 12, uid: 0)) == nil)
    #expect(gate.looks == [] && resolver.clientCount == 0)
  }

  /// Headers, and what is looked up for them in the end.
  @Test(
    arguments: [
      ([.containerID: "ID"], ClientOrigin(containerID: "ID")),
      ([.containerID: "ID", .entityID: "ci-OTHER"], ClientOrigin(containerID: "OTHER")),
      ([.entityID: "in-7,cid-ID"], ClientOrigin(containerID: "ID")),
      ([.entityID: "in-7"], ClientOrigin(processID: 12, groupInode: 7)),
      ([.entityID: "in--7"], ClientOrigin(processID: 12)),
      ([.entityID: "in-7x"], ClientOrigin(processID: 12)),
      (
        [.entityID: "ci-ID", .externalEnv: "it-true,pu-810,cn-web"],
        ClientOrigin(containerID: "ID", containerName: "web")
      ),
      ([.externalEnv: "cn-we b"], ClientOrigin(processID: 12)),
    ] as [([KnownHeader: String], ClientOrigin)])
  func `are those that the client says, before those of its process`(
    headers: [KnownHeader: String], expected: ClientOrigin
  ) {
    let other = String(repeating: "1e", count: 32)
    func filled(_ text: String) -> String { text.replacing("OTHER", with: other).replacing("ID", with: Self.id) }
    let gate = Gate()
    _ = Self.find(Self.resolver(gate), headers.mapValues(filled), from: .unix(pid: 12, uid: 0))
    var origin = expected
    origin.containerID = filled(origin.containerID)
    #expect(gate.looks(1) == [origin])
  }

  @Test func `hold a request up for a moment only, however long they take`() {
    let gate = Gate(isOpen: false)
    let resolver = Self.resolver(gate, patience: .milliseconds(20))
    let stuck = PeerIdentity.unix(pid: 12, uid: 0)
    #expect(Self.find(resolver, from: stuck) == nil, "went on without it")
    for pid in 14..<20 as Range<Int32> { #expect(Self.find(resolver, from: .unix(pid: pid, uid: 0)) == nil) }
    // As many as wait; the others may ask again.
    for pid in 20..<200 as Range<Int32> { #expect(Self.find(resolver, from: .unix(pid: pid, uid: 0)) == nil) }
    #expect(gate.looks(1).map(\.processID) == [12] && resolver.clientCount <= 100)
    gate.open()
    #expect(Self.wait(resolver, from: stuck) == Self.id)
    #expect(Self.wait(resolver, from: .unix(pid: 198, uid: 0)) == Self.id)
  }

  @Test func `are remembered of so many clients and no more`() {
    let gate = Gate()
    let resolver = Self.resolver(gate, clientsMax: 4)
    for pid in 1...9 as ClosedRange<Int32> {
      _ = Self.wait(resolver, from: .unix(pid: 2 * pid, uid: 0))
      #expect(resolver.clientCount <= 4)
    }
  }

  /// A look-up that the test holds up from the second on.
  @Test func `are what they were while they are looked up anew`() {
    let looks = Lock(0)
    let opening = DispatchSemaphore(value: 0)
    let resolver = ContainerResolver(patience: .seconds(60)) { _ in
      let number = looks.withLock { looks in
        looks += 1
        return looks
      }
      if number > 1 { opening.wait() }
      return number > 1 ? .none : .found(KnownContainer(id: Self.id, description: nil))
    }
    let process = PeerIdentity.unix(pid: 12, uid: 0)
    #expect(Self.find(resolver, from: process) == Self.id)
    let later = Self.nowNs + ContainerResolver.processAgeMax.nanoseconds
    for _ in 0..<3 { #expect(Self.find(resolver, from: process, nowNs: later) == Self.id) }
    opening.signal()
    for _ in 0..<10_000 where Self.find(resolver, from: process, nowNs: later) != nil { letTimePass() }
    #expect(Self.find(resolver, from: process, nowNs: later) == nil && looks.withLock { $0 } == 2)
  }

  @Test func `are looked up again when it is no more too early`() {
    let looks = Lock(0)
    let resolver = ContainerResolver(patience: .seconds(60)) { _ in
      looks.withLock { $0 += 1 }
      return .later(.seconds(2))
    }
    let group = [KnownHeader.entityID: "in-4711"]
    func count(after seconds: Int64) -> Int {
      _ = Self.find(resolver, group, from: .unknown, nowNs: Self.nowNs + seconds * 1_000_000_000)
      // Only the first request waits for the look-up.
      for _ in 0..<10_000 where looks.withLock({ $0 }) < (seconds < 2 ? 1 : 2) { letTimePass() }
      return looks.withLock { $0 }
    }
    #expect([0, 1, 2].map { count(after: $0) } == [1, 1, 2])
  }

  /// Different ones, as somebody may make them up.
  private static func ids(_ range: Range<Int>) -> [String] {
    range.map { number in
      let digits = String(number, radix: 16)
      return String(repeating: "0", count: 64 - digits.count) + digits
    }
  }

  @Test func `that clients make up are answered at once, and looked up in a tenth of the time`() {
    let looks = Lock(0)
    let time = Lock(ContinuousClock.now)
    let resolver = ContainerResolver(patience: .seconds(60), now: { time.withLock { $0 } }) { origin in
      looks.withLock { $0 += 1 }
      time.withLock { $0 += .milliseconds(1) }
      return .none
    }
    func send(_ range: Range<Int>) {
      for id in Self.ids(range) { #expect(Self.find(resolver, [.containerID: id], from: .unknown) == id) }
    }
    send(0..<500)
    // Nine milliseconds of rest for each, and half a second of them ahead.
    for _ in 0..<10_000 where looks.withLock({ $0 }) < 1 { letTimePass() }
    let before = looks.withLock { $0 }
    #expect((1...56).contains(before))
    time.withLock { $0 += .seconds(60) }
    send(500..<501)
    for _ in 0..<10_000 where looks.withLock({ $0 }) <= before { letTimePass() }
    #expect(looks.withLock { $0 } > before)
  }

  @Test func `stay known while a client calls itself something new each time`() {
    let gate = Gate()
    let resolver = Self.resolver(gate)
    let process = PeerIdentity.unix(pid: 12, uid: 0)
    for _ in 0..<2 { #expect(Self.find(resolver, from: process) == Self.id) }
    for id in Self.ids(0..<300) { _ = Self.find(resolver, [.entityID: "ci-" + id], from: .unknown) }
    #expect(Self.find(resolver, from: process) == Self.id && resolver.clientCount <= 100)
    #expect(gate.looks.filter { $0.processID == 12 }.count == 1)
  }

  @Test func `are for others what runtimes say, and not what their clients say`() throws {
    let resolver = ContainerResolver(patience: .seconds(60)) { origin in
      var description = ContainerDescription()
      description.image = "shop:1"
      return .found(KnownContainer(id: Self.id, description: description, saidName: origin.containerName))
    }
    func tags(_ headers: [KnownHeader: String], pid: Int32) -> [String]? {
      RequestHeaders.with(headers) {
        resolver.container(of: $0, .unix(pid: pid, uid: 0), nowNs: Self.nowNs)?.tags
      }
    }
    let said = try #require(tags([.externalEnv: "cn-mine"], pid: 12))
    let own = try #require(tags([:], pid: 14))
    #expect(said.contains("kube_container_name:mine") && own.contains("short_image:shop"))
    #expect(resolver.known(id: Self.id)?.tags == own && said.filter { !own.contains($0) }.count == 1)
    let other = Self.ids(7..<8)[0]
    #expect(resolver.known(id: other)?.tags == ["container_id:" + other] && resolver.known(id: "c0ffee") == nil)
  }

  @Test func `go on with traces and statistics, and into the answer to info`() throws {
    let machine = try MachineFolder()
    try machine.writeRuntimeFiles()
    try machine.write("", to: "cgroup/cgroup.controllers")
    try machine.write("0::/", to: "proc/self/cgroup")
    let inode = try machine.makeGroup("system.slice/docker-\(MachineFolder.dockerID).scope")
    let lookup = machine.lookup
    let kept = KeptPayloads()
    let agent = try AgentUnderTest(
      outputs: kept.outputs, containers: ContainerResolver { lookup.find($0) })
    let group = ["Datadog-Entity-ID": "in-\(inode)"]
    let span = TestSpan().with { $0.startNs = agent.nowNs - 1_000_000 }
    // The first request may have gone on before the look-up ended.
    #expect(
      agent.eventually {
        (try? agent.post("/info", [], group, method: "GET"))?.headers["datadog-container-tags-hash"]
          == SHA256.hex(Array("service:shop,short_image:shop".utf8))
      })
    #expect(try agent.post("/info", [], method: "GET").headers["datadog-container-tags-hash"] == nil)
    #expect(try agent.request("/v0.4/traces", TestPayload.v04([[span]]), headers: group) == 200)
    let own = TestPayload.v07(
      [[span]], priorities: [1], sender: [("container_id", .string(Array(MachineFolder.podID.utf8)))])
    #expect(try agent.request("/v0.7/traces", own, headers: group) == 200)
    #expect(kept.senders.map(\.containerID).sorted() == [MachineFolder.podID, MachineFolder.dockerID])
    let tags = try #require(kept.senders.first { $0.containerID == MachineFolder.dockerID }?.containerTags)
    #expect(tags.hasPrefix("container_id:\(MachineFolder.dockerID),container_name:shop-web,docker_image:"))
    #expect(kept.senders.first { $0.containerID == MachineFolder.podID }?.containerTags == "", "not its own")
    let process = try #require(agent.info.processes.first { $0.containerID == MachineFolder.dockerID })
    #expect((process.containerName, process.containerImage) == ("shop-web", "shop:1.2"))
  }
}

private func letTimePass() {
  var nothing = pollfd(fd: -1, events: 0, revents: 0)
  poll(&nothing, 1, 1)
}

/// Keeps what payloads say of their senders.
private final class KeptPayloads: Sendable {
  struct Sender: Sendable {
    let containerID: String
    let containerTags: String
  }

  private let kept = Lock<[Sender]>([])

  var senders: [Sender] { kept.withLock { $0 } }

  func add(_ sender: Sender) { kept.withLock { $0.append(sender) } }

  var outputs: AgentOutputs { AgentOutputs(batches: [{ _, _ in SenderOutput(kept: self) }]) }
}

private final class SenderOutput: BatchOutput {
  let kind = OutgoingPayload.Kind.traces
  let selection = ChunkSelection.all
  let pending = PayloadCounts()
  private let kept: KeptPayloads

  init(kept: KeptPayloads) { self.kept = kept }

  func add(_ batch: borrowing SpanBatch, nowNs: Int64, _ results: inout OutputResults) {
    kept.add(
      KeptPayloads.Sender(
        containerID: batch.text(batch.payload.containerID), containerTags: batch.text(batch.payload.containerTags)))
  }

  func flush(nowNs: Int64, force: Bool, _ results: inout OutputResults) {}
}
