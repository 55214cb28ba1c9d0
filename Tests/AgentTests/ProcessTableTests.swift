import Control
import Receiver
import TestSpans
import Testing
import TraceModel

@testable import Agent

@Suite struct `Of the processes that send the agent knows` {
  private func span(_ agent: AgentUnderTest, trace: UInt64 = 1) -> TestSpan {
    TestSpan(1).with {
      $0.traceID = trace
      $0.startNs = agent.nowNs - 1_000_000
    }
  }

  @Test func `which processes sent, however their tracers say it`() throws {
    let agent = try AgentUnderTest()
    let spans = [
      span(agent, trace: 1).metric("process_id", 812), span(agent, trace: 2).metric("system.pid", 813),
      span(agent, trace: 3).meta("system.pid", "814"), span(agent, trace: 4).metric("process_id", 812),
      span(agent, trace: 5),
    ]
    for span in spans {
      try agent.request(
        "/v0.4/traces", TestPayload.v04([[span]]), headers: ["Datadog-Meta-Lang-Version": "3.12.1"])
      agent.pass(seconds: 1)
    }
    let processes = agent.queries.info().processes
    #expect(processes.map(\.pid) == [812, 813, 814, 0])
    #expect(processes.map(\.payloads) == [2, 1, 1, 1])
    let first = try #require(processes.first)
    #expect((first.service, first.language, first.languageVersion) == ("web", "python", "3.12.1"))
    #expect(first.lastSeenNs - first.firstSeenNs == 3_000_000_000)
  }

  @Test func `processes that have the same number, as in containers`() throws {
    let agent = try AgentUnderTest()
    let senders = [
      ("shop", "python", "4.16.0"), ("cart", "javascript", "5.1.0"), ("shop", "python", "4.17.0"),
      ("shop", "python", "4.16.0"),
    ]
    for (service, language, version) in senders {
      let span = span(agent).with { $0.service = service }.metric("process_id", 1)
      try agent.request("/v0.4/traces", TestPayload.v04([[span]]), client: language, version: version)
      agent.pass(seconds: 1)
    }
    let processes = agent.queries.info().processes
    #expect(processes.map(\.service) == ["shop", "cart", "shop"])
    #expect(processes.map(\.tracerVersion) == ["4.16.0", "5.1.0", "4.17.0"])
    #expect(processes.map(\.traces) == [2, 1, 1])
    #expect(agent.observed.forgottenProcessesLastSeenNs == nil)
  }

  @Test func `processes whose keys have the same hash`() {
    // The number lies where a length that is the factor makes the product zero.
    var table = ProcessTable(seed: TableSeed(start: 1, factor: 3))
    var batch = SpanBatch()
    var root = SpanRecord()
    root.service = batch.addText("web")
    batch.spans.append(root)
    let client = ClientIdentity(language: nil, languageVersion: nil, interpreter: nil, tracerVersion: nil)
    for pid in [7, 8, 7, 9, 8, 7] as [Int32] {
      let place = ProcessTable.Place(peer: .unix(pid: pid, uid: 0), container: nil)
      table.add(batch, root: root, at: place, client: client, nowNs: 1)
    }
    #expect(table.hashes == 1)
    #expect(table.rows.map(\.pid) == [7, 8, 9] && table.rows.map(\.payloads) == [3, 2, 1])
  }

  @Test func `the names of a container that becomes known later`() throws {
    var batch = SpanBatch()
    var root = SpanRecord()
    root.service = batch.addText("web")
    batch.spans.append(root)
    let client = ClientIdentity(language: nil, languageVersion: nil, interpreter: nil, tracerVersion: nil)
    var description = ContainerDescription()
    (description.name, description.image) = ("shop-web", "shop:1.2")
    let known = KnownContainer(id: MachineFolder.dockerID, description: description)
    func add(_ known: KnownContainer?, id: String = MachineFolder.dockerID, to table: inout ProcessTable, at now: Int64)
    {
      Array(id.utf8).withUnsafeBytes { bytes in
        let place = ProcessTable.Place(peer: .unknown, container: bytes, known: known)
        table.add(batch, root: root, at: place, client: client, nowNs: now)
      }
    }
    var (first, second) = (ProcessTable(), ProcessTable())
    add(nil, to: &first, at: 1)
    add(known, to: &second, at: 2)
    let merged = try #require(ProcessTable(merging: [first, second]).rows.first)
    #expect((merged.containerName, merged.containerImage, merged.payloads) == ("shop-web", "shop:1.2", 2))
    add(known, to: &first, at: 3)
    #expect(first.rows.map(\.containerName) == ["shop-web"] && first.rows.map(\.containerImage) == ["shop:1.2"])
    add(known, id: MachineFolder.podID, to: &first, at: 4)
    #expect(first.rows.map(\.containerName) == ["shop-web", ""], "its payload names another one")
  }

  @Test func `processes whose long texts begin alike`() {
    var table = ProcessTable()
    var batch = SpanBatch()
    var root = SpanRecord()
    root.service = batch.addText("web")
    batch.spans.append(root)
    let client = ClientIdentity(language: nil, languageVersion: nil, interpreter: nil, tracerVersion: nil)
    let start = [UInt8](repeating: 0x61, count: ProcessTable.keyTextBytesMax)
    for end in [[], [1], [2], [1], [1, 1]] as [[UInt8]] {
      (start + end).withUnsafeBytes { container in
        let place = ProcessTable.Place(peer: .unix(pid: 7, uid: 0), container: container)
        table.add(batch, root: root, at: place, client: client, nowNs: 1)
      }
    }
    #expect(table.rows.map(\.payloads) == [1, 2, 1, 1])
  }

  @Test func `replicas that differ in their containers alone`() throws {
    let agent = try AgentUnderTest()
    let id = String(repeating: "ab", count: 32)
    let containers: [[String: String]] = [
      ["Datadog-Container-ID": id], ["Datadog-Entity-ID": "ci-\(id)"], ["Datadog-Entity-ID": "in-4711"], [:],
      ["Datadog-Entity-ID": "in-4711"], ["Datadog-Container-ID": "0123456789abcdef0123456789abcdef"],
    ]
    for headers in containers {
      let span = span(agent).metric("process_id", 1)
      try agent.request("/v0.4/traces", TestPayload.v04([[span]]), headers: headers)
    }
    let processes = agent.queries.info().processes
    #expect(processes.map(\.traces) == [2, 2, 2])
    // Their order is that of threads, which the test's clock does not tell apart.
    #expect(Set(processes.map(\.containerID)) == [id, "in-4711", ""], "a key is no id")
    #expect(processes.allSatisfy { $0.address.isEmpty && $0.pid == 1 })
  }

  @Test func `one process, whichever threads its requests came to`() throws {
    let agent = try AgentUnderTest(threads: 2)
    let firstNs = agent.nowNs
    func send() throws {
      let spans = (1...2 as ClosedRange<UInt64>).map { [span(agent, trace: $0).metric("process_id", 812)] }
      try agent.request("/v0.4/traces", TestPayload.v04(spans))
      agent.pass(seconds: 1)
      #expect(agent.eventually { agent.info.connections.open <= 1 })
    }
    try send()
    #expect(agent.eventually { agent.info.connections.open == 0 })
    // A connection that stays takes the thread that the first request had.
    try agent.holding([]) {
      #expect(agent.eventually { agent.info.connections.open == 1 })
      try send()
    }
    try send()
    #expect(agent.receiver.shards.map { $0.observations()?.processes.rows.count ?? 0 } == [1, 1, 0, 0])
    let row = try #require(agent.queries.info().processes.first)
    #expect(agent.queries.info().processes.count == 1)
    #expect((row.pid, row.payloads, row.traces) == (812, 3, 6))
    #expect((row.firstSeenNs, row.lastSeenNs) == (firstNs, firstNs + 2_000_000_000))
  }

  @Test func `of the processes of all threads the newest, and since when others are missing`() throws {
    let agent = try AgentUnderTest(threads: 2)
    func send(_ pids: ClosedRange<Int>) throws {
      for pid in pids {
        let span = span(agent, trace: UInt64(pid)).metric("process_id", Double(pid))
        try agent.request("/v0.4/traces", TestPayload.v04([[span]]))
      }
      agent.pass(seconds: 1)
    }
    let firstNs = agent.nowNs
    let half = ProcessTable.processesMax / 2
    try send(1...half)
    try agent.holding([]) { try send(half + 1...ProcessTable.processesMax + 1) }
    let counts = agent.receiver.shards.map { $0.observations()?.processes.rows.count ?? 0 }
    #expect(counts.reduce(0, +) == ProcessTable.processesMax + 1 && !counts.prefix(2).contains(0))
    #expect(agent.receiver.shards.allSatisfy { $0.observations()?.processes.forgottenLastSeenNs == nil })
    let pids = agent.queries.info().processes.map(\.pid)
    #expect(pids.count == ProcessTable.processesMax && pids.filter { $0 > half }.count == half + 1)
    #expect(agent.observed.forgottenProcessesLastSeenNs == firstNs)
  }

  @Test func `more processes than it keeps, and since when some are missing`() throws {
    let agent = try AgentUnderTest()
    let firstNs = agent.nowNs
    for pid in 1...(ProcessTable.processesMax + 1) {
      let span = span(agent, trace: UInt64(pid)).metric("process_id", Double(pid))
      try agent.request("/v0.4/traces", TestPayload.v04([[span]]))
      if pid == 1 { agent.pass(seconds: 1) }
    }
    let processes = agent.queries.info().processes
    #expect(processes.count == ProcessTable.processesMax)
    #expect(!processes.contains { $0.pid == 1 })
    #expect(agent.observed.forgottenProcessesLastSeenNs == firstNs)
  }
}
