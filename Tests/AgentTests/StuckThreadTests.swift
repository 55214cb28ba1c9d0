import Control
import Foundation
import Platform
import Processing
import TestSpans
import Testing
import TraceModel
import Traces

@testable import Agent

/// Holds its thread in the request of one service until it is let go.
struct StuckStep: ProcessingStep {
  let name = "stuck"
  let began: WakePipe
  let mayEnd: WakePipe

  init() throws { (began, mayEnd) = (try WakePipe(), try WakePipe()) }

  func process(_ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext) -> RemovalReason? {
    guard batch.equal(batch.spans[Int(batch.chunks[chunk].root)].service, "stuck") else { return nil }
    began.wake()
    #expect(mayEnd.waitUntilWoken(atMost: .seconds(60)), "nobody let it go")
    return nil
  }
}

@Suite struct `Answers while a receiving thread is stuck` {
  @Test func `end no minute of the ledger that would lack what the thread has counted`() throws {
    let stuck = try StuckStep()
    let agent = try AgentUnderTest(steps: [stuck] + ProcessingConfiguration().steps)
    let held = TestPayload.v04([[TestSpan(7).with { $0.service = "stuck" }]])
    let head =
      "PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/msgpack\r\n"
      + "Content-Length: \(held.count)\r\n\r\n"
    try agent.holding(Array(head.utf8) + held) { () throws in
      #expect(stuck.began.waitUntilWoken(atMost: .seconds(60)))
      agent.pass(seconds: 61)
      agent.queries.noteMinute()
      #expect(agent.info.lastMinute == nil)
      stuck.mayEnd.wake()
      #expect(eventually { agent.info.received.traces == 1 })
      agent.queries.noteMinute()
      #expect(agent.info.lastMinute?.counts.received.traces == 1)
    }
  }

  @Test func `say that it is missing, each of them, and have what the other has`() throws {
    let stuck = try StuckStep()
    let storing = TraceStoring(spansPerSecond: 0)
    let folder = FileManager.default.temporaryDirectory.appending(path: "roost-stuck-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let agent = try AgentUnderTest(steps: [stuck] + ProcessingConfiguration().steps, storing: storing) {
      $0.storePath = folder.path + "/roost.db"
    }
    let store = try #require(agent.store)
    StoreIntake(store, clock: .system).open(storing, shards: agent.receiver.shards, bucketSizeNs: 10_000_000_000)
    let held = TestPayload.v04([[TestSpan(7).with { $0.service = "stuck" }]])
    let head =
      "PUT /v0.4/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/msgpack\r\n"
      + "Content-Length: \(held.count)\r\n\r\n"
    try agent.holding(Array(head.utf8) + held) { () throws in
      #expect(stuck.began.waitUntilWoken(atMost: .seconds(60)))
      #expect(try agent.request("/v0.4/traces", TestPayload.v04([[TestSpan(1)]])) == 200)
      let info = agent.info
      #expect(info.missingThreads == 1 && info.received.traces == 1 && info.clients.count == 1)
      #expect(agent.observed.missingThreads == 1 && agent.observed.tcpRequests == 1)
      guard case .services(let services) = agent.queries.answer(.services(ServicesQuery())),
        case .traces(let list) = agent.queries.answer(.traces(TracesQuery(filter: .all))),
        case .trace(let trace) = agent.queries.answer(.trace(.last)),
        case .noTrace(let none) = agent.queries.answer(.trace(.hexPrefix("beef")))
      else {
        Issue.record("an answer of another kind")
        return
      }
      #expect(services.covered?.missingThreads == 1 && services.rows.map(\.service) == ["web"])
      #expect(list.missingThreads == 1 && list.rows.count == 1)
      #expect(trace.missingThreads == 1 && none.missingThreads == 1)
      stuck.mayEnd.wake()
    }
    #expect(agent.eventually { agent.info.missingThreads == nil && agent.observed.missingThreads == nil })
  }
}
