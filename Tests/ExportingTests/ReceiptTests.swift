import Platform
import TestFixtures
import Testing

@testable import Exporting

@Suite struct `A receipt` {
  private let start = ContinuousClock.now

  private func queue(destinations: Int = 1) throws -> DeliveryQueue {
    try DeliveryQueue(
      destinations: (0..<destinations).map { number in
        try Destination.datadog(baseURL: "http://intake\(number)", apiKey: "k", version: "", commit: "")
      }, hasSpool: true)
  }

  private func payload(_ receipt: OutgoingPayload.Receipt, gatheredFor: Duration = .zero) -> OutgoingPayload {
    var payload = tracesPayload(Int(receipt), bytes: 10)
    payload.receipt = receipt
    payload.gatheredFor = gatheredFor
    return payload
  }

  private func expect(
    _ queue: inout DeliveryQueue, tells receipts: [OutgoingPayload.Receipt],
    at location: SourceLocation = #_sourceLocation
  ) {
    let told = queue.receipts.takeSettled()
    #expect(told == receipts, sourceLocation: location)
  }

  private let taken = TransferResult.response(status: 200, retryAfter: nil)
  private let place = Spool.Reference(segment: 1, offset: 16)

  @Test func `is told when every destination has the payload`() throws {
    var queue = try queue(destinations: 2)
    var random = SeededGenerator(seed: 1)
    _ = queue.enqueue(payload(7), at: start)
    let entries = queue.plan(at: start).start
    #expect(entries.count == 2)
    expect(&queue, tells: [])
    _ = queue.finish(entries[0], with: taken, at: start, random: &random)
    expect(&queue, tells: [])
    _ = queue.finish(entries[1], with: taken, at: start, random: &random)
    expect(&queue, tells: [7])
    expect(&queue, tells: [])
  }

  @Test func `is told when the payload is on disk too, and only once`() throws {
    var queue = try queue()
    var random = SeededGenerator(seed: 1)
    _ = queue.enqueue(payload(7), at: start)
    let entry = try #require(queue.plan(at: start).start.first)
    let spill = try #require(queue.plan(at: start + .seconds(1)).spill.first)
    let isHeld = queue.spilled(spill, to: place)
    #expect(isHeld)
    expect(&queue, tells: [7])
    _ = queue.finish(entry, with: taken, at: start, random: &random)
    expect(&queue, tells: [])
  }

  @Test func `is told when all parts of a payload have left that was too large`() throws {
    var queue = try queue()
    var random = SeededGenerator(seed: 1)
    _ = queue.enqueue(payload(7), at: start)
    let entry = try #require(queue.plan(at: start).start.first)
    let parts = [tracesPayload(1, bytes: 5), tracesPayload(2, bytes: 5)]
    _ = queue.finish(
      entry, with: .response(status: 413, retryAfter: nil), parts: parts, at: start, random: &random)
    expect(&queue, tells: [])
    let halves = queue.plan(at: start).start
    #expect(halves.count == 2)
    _ = queue.finish(halves[0], with: taken, at: start, random: &random)
    expect(&queue, tells: [])
    _ = queue.finish(halves[1], with: taken, at: start, random: &random)
    expect(&queue, tells: [7])
  }

  @Test func `is not told of what is given up with the agent, so that the next one can send a copy`() throws {
    var queue = try queue()
    _ = queue.enqueue(payload(7), at: start)
    _ = queue.abandon([])
    queue.drain(until: start + .seconds(1))
    _ = queue.enqueue(payload(8), at: start)
    expect(&queue, tells: [])
  }

  @Test func `is told of what an intake refuses, or never had a place`() throws {
    var queue = try queue()
    var random = SeededGenerator(seed: 1)
    _ = queue.enqueue(payload(7), at: start)
    let entry = try #require(queue.plan(at: start).start.first)
    _ = queue.finish(entry, with: .response(status: 400, retryAfter: nil), at: start, random: &random)
    expect(&queue, tells: [7])
    var other = payload(9)
    other.kind = OutgoingPayload.Kind(rawValue: "other")
    _ = queue.enqueue(other, at: start)
    expect(&queue, tells: [9])
  }
}

@Suite struct `A receipt of a payload on disk` {
  /// What a forwarder has told.
  private final class Told: Sendable {
    let receipts = Lock<[OutgoingPayload.Receipt]>([])
    let notices = Lock<[ForwarderNotice]>([])
  }

  @Test func `waits where the disk has not confirmed it, and is told when it has`() throws {
    let (folder, told, library) = (ScratchFolder(), Told(), try CurlLibrary())
    let core = ForwarderCore(
      destinations: [try .datadog(baseURL: "http://intake", apiKey: "k", version: "", commit: "")],
      spool: SpoolSettings(folder: folder.path, bytesMax: 1 << 20, isDurable: true), library: library,
      multi: try CurlMulti(library: library, connectionsMax: 1), onOutcome: { _, _ in },
      onNotice: { notice in told.notices.withLock { $0.append(notice) } },
      onSafe: { receipt in told.receipts.withLock { $0.append(receipt) } })
    func spill(_ syncNames: @escaping @Sendable (String) throws(SystemError) -> Void) -> [OutgoingPayload.Receipt] {
      core.spools.withLock { spools in for spool in spools { spool.syncNames = syncNames } }
      core.spill(core.withQueue { $0.onlyInMemory })
      core.tellSafe()
      return told.receipts.withLock { $0 }
    }
    var payload = tracesPayload(7, bytes: 10)
    payload.receipt = 7
    core.enqueue(payload)
    #expect(spill { _ throws(SystemError) in throw SystemError("fsync", EIO) } == [])
    #expect(core.counters[.traces].spooled.payloads == 0 && core.counters[.traces].held.traces > 0)
    #expect(told.notices.withLock { $0.count } == 1)
    #expect(folder.segments.isEmpty, "what may not be there is not sent from there")
    #expect(spill { _ in } == [7])
    #expect(core.counters[.traces].spooled.payloads == 1 && core.counters[.traces].heldBytes == 0)
  }
}

@Suite struct `A payload in memory only` {
  private let start = ContinuousClock.now

  @Test(
    arguments: [
      (Duration.zero, Duration.seconds(1)), (.milliseconds(300), .milliseconds(700)),
      (.milliseconds(500), .milliseconds(500)), (.seconds(5), .milliseconds(500)),
    ])
  func `is on disk a second after the first of it came, but its intake has half a second in any case`(
    gatheredFor: Duration, left: Duration
  ) throws {
    var queue = DeliveryQueue(
      destinations: [try .datadog(baseURL: "http://intake", apiKey: "k", version: "", commit: "")], hasSpool: true)
    var payload = tracesPayload(7, bytes: 10)
    payload.gatheredFor = gatheredFor
    _ = queue.enqueue(payload, at: start)
    let first = queue.plan(at: start)
    #expect(first.spill.isEmpty && first.wakeAt == start + left)
    let before = queue.plan(at: start + left - .milliseconds(1))
    let then = queue.plan(at: start + left)
    #expect(before.spill.isEmpty && then.spill.count == 1)
  }
}

@Suite struct `Keys that are replaced` {
  @Test func `are sent with from the next attempt on, also for what was refused`() throws {
    let intake = try FaultyIntake(then: .status(403))
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: [intake.url], log: log) { _ in }
    defer { forwarder.stop(deadline: .now) }
    forwarder.enqueue(tracesPayload(1))
    #expect(log.wait { !$0.isEmpty } && forwarder.counters.isKeyRefused)
    let others = try [Destination.datadog(baseURL: intake.url, apiKey: "another", version: "", commit: "")]
    #expect(forwarder.replaceKeys(by: others))
    #expect(log.wait { _ in intake.requests.last?.headers["dd-api-key"] == "another" })
  }

  @Test func `need the same addresses, each with one key`() throws {
    let log = OutcomeLog()
    let forwarder = try makeForwarder(to: ["http://127.0.0.1:1"], log: log) { _ in }
    defer { forwarder.stop(deadline: .now) }
    func destination(_ url: String) throws -> Destination {
      try .datadog(baseURL: url, apiKey: "k", version: "", commit: "")
    }
    #expect(!forwarder.replaceKeys(by: []))
    #expect(try !forwarder.replaceKeys(by: [destination("http://127.0.0.1:2")]))
    #expect(try forwarder.replaceKeys(by: [destination("http://127.0.0.1:1")]))
  }
}
