import Compression
import Control
import Decoding
import Foundation
import Platform
import TestSpans
import Testing
import TraceModel

@testable import Agent
@testable import Receiver

@Suite struct `A payload that cannot be decoded` {
  private static let messagePack = ["Content-Type": "application/msgpack"]
  /// A span whose resource is a number, behind one that is whole.
  private static let bad = TestPayload.v04([
    [TestSpan(1), TestSpan(2, parent: 1).with { $0.overrides["resource"] = .uint(7) }]
  ])

  private static func payloads(keepsBytes: Bool = true, bytesMax: Int = 0) -> BadPayloads {
    BadPayloads(
      keepsBytes: keepsBytes, memory: MemoryLimit(bytesMax: bytesMax, resident: { 0 }, giveBack: {}),
      processes: ProcFS(root: "/nowhere"))
  }

  @discardableResult
  private static func add(
    _ bytes: [UInt8], faultAt offset: Int = 0, to payloads: BadPayloads, from peer: PeerIdentity = .loopback(port: 1),
    client: String = "go"
  ) -> UInt64 {
    RequestHeaders.with([.metaLang: client, .contentType: "x"]) { headers in
      bytes.withUnsafeBytes { body in
        let request = RequestContext(
          headers: headers, peer: peer, path: body, body: body, isAbsoluteForm: false, nowNs: 5)
        return payloads.add(
          PayloadFault(message: "bad", byteOffset: Int64(offset)), of: body, format: "f",
          client: ClientIdentity(headers), request)
      }
    }
  }

  @Test func `is kept with its client and its fault, and can be looked into`() throws {
    let agent = try AgentUnderTest()
    #expect(agent.info.badPayloads.isEmpty)
    let headers = Self.messagePack.merging(["Datadog-Meta-Lang": "python", "Datadog-Meta-Tracer-Version": "4.16"]) {
      $1
    }
    let answer = try agent.post("/v0.4/traces", Self.bad, headers)
    let row = try #require(agent.info.badPayloads.first)
    #expect(row.id == 1 && row.path == "/v0.4/traces" && row.format == "v0.4" && row.client == "python 4.16")
    #expect(row.contentType == "application/msgpack" && row.bytes == Self.bad.count && row.keptBytes == row.bytes)
    #expect(answer.status == 400 && answer.body == row.fault.message + "\n")
    #expect(row.fault.trace == 0 && row.fault.span == 1 && row.fault.field == "resource")

    let kept = try #require(agent.badPayload(1))
    let inspected = try PayloadInspector.inspect(CapturedPayload(kept))
    #expect(inspected.fault == row.fault && inspected.received == row && inspected.encoding == "MessagePack")
    #expect(inspected.traces.map(\.isWhole) == [false])
    #expect(inspected.traces.map { $0.trace.spans.map(\.spanID) } == [[1]])
    let offset = Int(try #require(row.fault.byteOffset))
    #expect(inspected.besideFault[offset - inspected.besideFaultOffset] == 7)
    #expect(agent.badPayload(2) == nil && agent.badPayload(nil) == kept)
  }

  @Test func `is kept as it was decoded, where it came compressed`() throws {
    let agent = try AgentUnderTest()
    let packed = try PayloadCompression.gzip(level: 6).compressed(Self.bad)
    let headers = Self.messagePack.merging(["Content-Encoding": "gzip"]) { $1 }
    #expect(try agent.post("/v0.4/traces", packed, headers).status == 400)
    #expect(agent.badPayload(nil)?.beginning.bytes == Self.bad)
    #expect(agent.info.badPayloads.first?.contentEncoding == "gzip")

    #expect(try agent.post("/v0.4/traces", Array(packed.dropLast(9)), headers).status == 400)
    let cut = try #require(agent.badPayload(nil))
    #expect(cut.row.id == 2 && cut.beginning.bytes == packed.dropLast(9) && cut.row.fault.isOfCompression)
    let inspected = try PayloadInspector.inspect(CapturedPayload(cut))
    #expect(inspected.traces.isEmpty && inspected.fault == cut.row.fault && !inspected.besideFault.isEmpty)
  }

  @Test func `of a format that describes its client is known by that`() throws {
    let agent = try AgentUnderTest()
    let name: [UInt8] = Array("language_name".utf8)
    let body: [UInt8] = [0x82, 0xA0 | UInt8(name.count)] + name + [0xA2, 0x67, 0x6F, 0xA3, 0x65, 0x6E, 0x76, 0x07]
    #expect(try agent.post("/v0.7/traces", body, ["Datadog-Meta-Tracer-Version": "2.1"]).status == 400)
    let row = try #require(agent.info.badPayloads.first)
    // Issues are told apart by headers alone.
    #expect(row.clientTitle == "go 2.1" && row.client == "2.1" && row.fault.field == "env")
    #expect(agent.observed.clientIssues.first { $0.kind == "undecodable" }?.client == row.client)
    let inspected = try PayloadInspector.inspect(CapturedPayload(try #require(agent.badPayload(1))))
    #expect(inspected.client.map(\.value) == ["go"])
  }

  @Test func `is told once a minute for each client and reason, with a count`() throws {
    let agent = try AgentUnderTest()
    func lines() -> [String] { agent.info.lastErrors.map(\.message).reversed() }
    for _ in 0..<3 { _ = try agent.post("/v0.4/traces", [0x91, 0x91, 0xC1], Self.messagePack) }
    let go = Self.messagePack.merging(["Datadog-Meta-Lang": "go"]) { $1 }
    _ = try agent.post("/v0.4/traces", [0x91, 0x91, 0xC1], go)
    _ = try agent.post("/v0.4/traces", [0x91, 0x91], Self.messagePack)
    #expect(lines().count == 3)
    #expect(
      lines()[0]
        == "cannot decode a v0.4 payload of 3 bytes from an unknown client: byte 2, trace 0, span 0, field span: "
        + "expected map, saw the reserved byte 0xc1; see roost inspect 1")
    #expect(lines()[1].contains(" from go: ") && lines()[2].hasSuffix("; see roost inspect 5"))
    agent.pass(seconds: 61)
    _ = try agent.post("/v0.4/traces", [0x91, 0x91, 0xC1], Self.messagePack)
    #expect(lines().last?.hasSuffix(" (3 of its kind since the last such line); see roost inspect 6") == true)
  }

  @Test func `without bytes is not kept, and none is when all are whole`() throws {
    let agent = try AgentUnderTest()
    _ = try agent.post("/v0.4/traces", [], Self.messagePack)
    _ = try agent.post("/v0.4/traces", TestPayload.v04([[TestSpan(1)]]), Self.messagePack)
    #expect(agent.info.badPayloads.isEmpty && agent.badPayload(nil) == nil)
    #expect(agent.info.lastErrors.map { $0.message.contains("roost inspect") } == [false])
  }

  @Test func `gives way to newer ones, of which sixteen are kept`() {
    let payloads = Self.payloads()
    for number in 0..<20 { Self.add([UInt8(number)], to: payloads, client: "client \(number / 4)") }
    #expect(payloads.rows.map(\.id) == (5...20).reversed())
    #expect(payloads.answer(BadPayloadQuery(id: 4)).found == nil)
    #expect(payloads.answer(BadPayloadQuery(id: 4)).ids.count == BadPayloads.payloadsMax)
    #expect(payloads.answer(BadPayloadQuery(id: 5)).found?.beginning.bytes == [4])
  }

  @Test func `of a client that sends the like again and again leaves the others theirs`() {
    let payloads = Self.payloads()
    Self.add([1], to: payloads, client: "python")
    for _ in 0..<20 { Self.add([2], to: payloads) }
    #expect(payloads.rows.map(\.id) == [21, 20, 19, 18, 1])
    Self.add([3], to: payloads, from: .address(high: 0, low: 0xffff_0a00_0001, port: 1))
    #expect(payloads.rows.map(\.id) == [22, 21, 20, 19, 18, 1])
  }

  @Test func `is none where somebody sends metrics`() throws {
    let agent = try AgentUnderTest()
    let answer = try agent.post("/v0.4/traces", Array("page.views:1|c|#env:prod".utf8), Self.messagePack)
    #expect(answer.status == 400 && agent.info.badPayloads.isEmpty && agent.badPayload(nil) == nil)
    #expect(agent.observed.clientIssues.map(\.kind) == ["statsd_text"])
  }

  @Test func `is known by the name that the client has among the issues`() throws {
    let agent = try AgentUnderTest()
    _ = try agent.post("/v0.4/traces", [0xC1], Self.messagePack.merging(["User-Agent": "own-client/1.0"]) { $1 })
    let issue = try #require(agent.observed.clientIssues.first)
    #expect(issue.client == "own-client/1.0" && agent.info.badPayloads.map(\.client) == [issue.client])
  }

  @Test func `has no more bytes than a bound, and all together have not either`() throws {
    let payloads = Self.payloads()
    let large = [UInt8](repeating: 1, count: BadPayloads.beginningBytesMax + 2_000)
    for number in 0..<6 {
      Self.add(large, faultAt: BadPayloads.beginningBytesMax + 1_000, to: payloads, client: "client \(number)")
    }
    let kept = payloads.rows.map(\.keptBytes)
    #expect(kept == [1, 1, 1, 0, 0, 0].map { UInt64($0 * BadPayloads.beginningBytesMax) })
    let newest = try #require(payloads.answer(BadPayloadQuery(id: nil)).found)
    #expect(newest.besideFaultOffset == Int64(BadPayloads.beginningBytesMax + 1_000 - BadPayloads.besideFaultBytes))
    #expect(newest.besideFault.bytes.count == 2 * BadPayloads.besideFaultBytes)
    // What is not kept is said, and the bytes around the fault are shown all the same.
    var found = newest
    found.row.format = ServedRoutes.standard.formats[0].name
    let inspected = try PayloadInspector.inspect(CapturedPayload(found))
    #expect(inspected.bytes == large.count && inspected.fault == newest.row.fault)
    #expect(inspected.besideFault.count == 2 * InspectedPayload.besideFaultBytes)
    #expect(try #require(payloads.answer(BadPayloadQuery(id: 1)).found).besideFault.bytes.isEmpty)
  }

  @Test func `leaves nothing but what is said of it where its bytes are not wanted or have no memory`() throws {
    for payloads in [Self.payloads(keepsBytes: false), Self.payloads(bytesMax: 10)] {
      Self.add([UInt8](repeating: 0, count: 100), to: payloads)
      let found = try #require(payloads.answer(BadPayloadQuery(id: 1)).found)
      #expect(found.beginning.bytes.isEmpty && found.row.keptBytes == 0 && found.row.bytes == 100)
      #expect(try PayloadInspector.inspect(CapturedPayload(found)).fault?.message == "bad")
    }
    let agent = try AgentUnderTest { $0.keepsBadPayloads = false }
    _ = try agent.post("/v0.4/traces", [0xC1], Self.messagePack)
    #expect(agent.info.badPayloads.map(\.keptBytes) == [0])
  }

  @Test func `is of a process, where the kernel says which`() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "roost-proc-\(UInt32.random(in: 0 ... .max))")
    defer { try? FileManager.default.removeItem(at: root) }
    let folder = root.appending(path: "812")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let line = "python\0app.py\0--password\0hunter2\0" + String(repeating: "x", count: 300) + "\0"
    try Data(line.utf8).write(to: folder.appending(path: "cmdline"))
    let payloads = BadPayloads(
      keepsBytes: true, memory: MemoryLimit(bytesMax: 0, resident: { 0 }, giveBack: {}),
      processes: ProcFS(root: root.path))
    Self.add([1], to: payloads, from: .unix(pid: 812, uid: 0))
    Self.add([1], to: payloads, from: .unix(pid: 813, uid: 0))
    Self.add([1], to: payloads, from: .address(high: 0, low: 0xffff_0a00_0001, port: 1))
    // Nothing is known of a process where none can be seen.
    #expect(payloads.rows.map(\.processGone) == [false, false, false])
    let first = root.appending(path: "1")
    try FileManager.default.createDirectory(at: first, withIntermediateDirectories: true)
    try Data("1 (init) S 0 1 1 0".utf8).write(to: first.appending(path: "stat"))
    let rows = payloads.rows
    #expect(rows.map(\.processGone) == [false, true, false])
    #expect(payloads.answer(BadPayloadQuery(id: 2)).found?.row == rows[1])
    #expect(rows.map(\.pid) == [0, 813, 812] && rows.map(\.address) == ["10.0.0.1", "", ""])
    #expect(rows[2].command.hasPrefix("python app.py --password … x") && !rows[2].command.contains("hunter2"))
    #expect(rows[2].command.count <= 200 && rows[1].command.isEmpty)
  }
}

extension AgentUnderTest {
  /// A payload that the agent keeps; without an id the newest.
  func badPayload(_ id: UInt64?) -> BadPayload? {
    guard case .badPayload(let answer) = queries.answer(.badPayload(BadPayloadQuery(id: id))) else { return nil }
    return answer.found
  }
}
