import Foundation
import TestFixtures
import Testing

@testable import Exporting

@Suite struct `A forwarder with a spool` {
  let folder = ScratchFolder()
  let log = OutcomeLog()

  func forwarder(to urls: [String], _ configure: (inout Destination) -> Void = { _ in }) throws -> Forwarder {
    try makeForwarder(to: urls, log: log, spool: SpoolSettings(folder: folder.path, bytesMax: 8 << 20), configure)
  }

  @Test func `touches no disk while the intake takes everything`() throws {
    let intake = try FaultyIntake()
    let forwarder = try forwarder(to: [intake.url])
    for number in 0..<20 { forwarder.enqueue(tracesPayload(number)) }
    #expect(log.waitForFinals(20))
    #expect(!folder.isThere && forwarder.counters[.traces].spooled.payloads == 0)
  }

  @Test func `keeps on disk what a hanging intake leaves at the end, and the next one sends it once`() throws {
    let intake = try FaultyIntake([FaultyIntake.Answer](repeating: .stall, count: 5))
    do {
      let forwarder = try forwarder(to: [intake.url])
      for number in 0..<20 { forwarder.enqueue(tracesPayload(number)) }
      #expect(intake.waitForArrivals(5))
      forwarder.stop(deadline: .now)
      let counts = forwarder.counters[.traces]
      #expect(counts.dropped.isEmpty && counts.spooled.payloads == 20 && forwarder.counters.bodyBytes == 0)
      #expect(counts.held == PayloadCounts(traces: 40, spans: 140))
    }
    intake.release()
    let well = try FaultyIntake()
    // Another key, and the same intake for the spool: its folder has the intake's name.
    try FileManager.default.moveItem(
      atPath: try #require(folder.segments.first).components(separatedBy: "/").dropLast().joined(separator: "/"),
      toPath: SpoolSettings(folder: folder.path, bytesMax: 0).folder(
        of: .datadog(baseURL: well.url, apiKey: "other", version: "", commit: ""), .traces, isAddressShared: false))
    let next = try forwarder(to: [well.url])
    #expect(log.waitForFinals(20))
    #expect(well.requests.compactMap { number(in: $0.body) }.sorted() == [Int](0..<20))
    let counts = next.counters[.traces]
    #expect(counts.restoredPayloads == 20 && counts.restored == counts.sent && counts.held == PayloadCounts())
    next.stop(deadline: .later)
    #expect(folder.files.isEmpty)
    #expect(
      log.notices.contains(.restored(destination: well.url, kind: .traces, payloads: 20, bytes: counts.sentBytes)))
  }

  @Test func `keeps more than memory holds, and sends it when the intake is back`() throws {
    let intake = try FaultyIntake([FaultyIntake.Answer](repeating: .status(503), count: 3))
    let forwarder = try forwarder(to: [intake.url]) {
      $0.limit(.traces, bytes: 10_000)
      $0.limitTraces(connections: 1)
      $0.retry.delayBase = .milliseconds(20)
    }
    for number in 0..<60 {
      forwarder.enqueue(tracesPayload(number, bytes: 1_000))
      #expect(log.wait { _ in forwarder.counters.queueBytes <= 6_000 })
    }
    #expect(log.waitForFinals(60))
    #expect(log.finals == [DeliveryOutcome](repeating: .delivered(status: 200), count: 60))
    let taken = intake.requests.filter { $0.status == 200 }.compactMap { number(in: $0.body) }
    #expect(taken.sorted() == [Int](0..<60))
    #expect(forwarder.counters[.traces].lost == PayloadCounts() && forwarder.counters.bodyBytes == 0)
    forwarder.stop(deadline: .later)
    #expect(folder.files.isEmpty)
  }

  @Test func `sends nothing that waits for one key with another one, and says where it is left`() throws {
    let intake = try FaultyIntake([.stall])
    defer { intake.release() }
    let log = log
    func run(_ keys: [String], _ body: (Forwarder) throws -> Void) throws {
      let forwarder = try Forwarder(
        destinations: keys.map { try .datadog(baseURL: intake.url, apiKey: $0, version: "", commit: "") },
        spool: SpoolSettings(folder: folder.path, bytesMax: 8 << 20), onNotice: { log.add($0) })
      try body(forwarder)
      forwarder.stop(deadline: .now)
    }
    try run(["one", "two"]) { forwarder in
      forwarder.enqueue(tracesPayload(1))
      #expect(intake.waitForArrivals(1))
    }
    let left = folder.segments
    #expect(!left.isEmpty && !"\(left)".contains("one"))
    try run(["two"]) { _ in #expect(log.waitForNotices(left.count)) }
    let folders = log.notices.map { notice in if case .leftAlone(let folder) = notice { folder } else { "\(notice)" } }
    #expect(folders.allSatisfy { folder in left.contains { $0.hasPrefix(folder) } })
    #expect(folder.segments == left)
  }

  @Test func `says once that the disk cannot be used, and goes on in memory`() throws {
    try Data().write(to: URL(filePath: folder.path))
    let intake = try FaultyIntake([.status(503), .status(503)])
    let forwarder = try forwarder(to: [intake.url]) { $0.limitTraces(connections: 1) }
    for number in 0..<3 { forwarder.enqueue(tracesPayload(number)) }
    #expect(log.waitForFinals(3))
    #expect(log.finals == [DeliveryOutcome](repeating: .delivered(status: 200), count: 3))
    #expect(log.notices.filter { if case .spoolFailing = $0 { true } else { false } }.count == 1)
    forwarder.stop(deadline: .later)
  }
}
