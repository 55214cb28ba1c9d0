import TestFixtures
import Testing

@testable import Exporting

/// One agent's queue over a spool, without a thread: what the queue decides is done step by step, so that the agent may die
/// between any two of them.
private struct SpoolingLife {
  var queue: DeliveryQueue
  let spool: Spool
  let lane: Int
  var now = ContinuousClock.now
  var underWay: [DeliveryQueue.Entry] = []
  /// Numbers of payloads that an intake took, and that were given up for newer ones.
  var delivered: [Int] = []
  var givenUp: [Int] = []

  init(_ folder: String) throws {
    let destination = try Destination.datadog(baseURL: "http://intake", apiKey: "k", version: "", commit: "")
    let queue = DeliveryQueue(destinations: [destination], hasSpool: true)
    lane = try #require(queue.lanes.firstIndex { $0.kind == .traces })
    self.queue = queue
    spool = Spool(folder: folder, bytesMax: 100_000)
    try spool.recover()
    self.queue.restore(spool.takeRecovered(), in: lane, since: now)
  }

  mutating func step() throws {
    let plan = queue.plan(at: now)
    let givenUpBefore = givenUp.count
    for spill in plan.spill {
      var lost: [Spool.GivenUp] = []
      let reference = try spool.append(
        spill.entry.payload, createdNs: Int64(number(in: spill.entry.payload.body) ?? -1),
        isTaken: spill.isUnderWay, givenUp: &lost)
      queue.forget(spool.takeLostSegments(), in: lane)
      giveUp(lost)
      let isHeld = queue.spilled(spill, to: reference)
      #expect(isHeld)
    }
    try changeSpool()
    underWay += plan.start
    for lane in plan.read {
      guard case .record(let reference, let payload, _) = try spool.takeNext() else {
        // Given up in this step, for what was written.
        let left = queue.lanes[lane].spooled.payloads
        #expect(left == 0)
        queue.readNothing(lane)
        continue
      }
      underWay.append(queue.startSpooled(payload, at: reference, lane: lane, enqueuedAt: now, now: now))
    }
    let isSound = queue.lanes[lane].hasSound(memory: queue.bodyBytes)
    let ages = queue.onlyInMemory.map { now - $0.entry.enqueuedAt }
    // What is sent while its record is given up is written again in the next step.
    #expect(isSound && (givenUp.count > givenUpBefore || ages.allSatisfy { $0 < .seconds(1) }), "\(ages)")
  }

  mutating func end(_ index: Int, isTaken: Bool, _ random: inout SeededGenerator) throws {
    let entry = underWay.remove(at: index)
    if isTaken { delivered.append(number(in: entry.payload.body) ?? -1) }
    let result = isTaken ? TransferResult.response(status: 200, retryAfter: nil) : .failure("away")
    _ = queue.finish(entry, with: result, at: now, random: &random)
    try changeSpool()
  }

  private mutating func changeSpool() throws {
    for change in queue.takeSpoolChanges() {
      switch change {
      case .finish(_, let reference): try spool.finish(reference)
      case .putBack(let entry, let reference):
        guard !spool.putBack(reference) else { continue }
        let createdNs = Int64(number(in: entry.payload.body) ?? -1)
        giveUp([
          Spool.GivenUp(
            description: SpooledDescription(entry.payload, createdNs: createdNs), bytes: entry.payload.body.byteCount)
        ])
      }
    }
  }

  private mutating func giveUp(_ lost: [Spool.GivenUp]) {
    givenUp += lost.map { Int($0.description.createdNs) }
    _ = queue.giveUpSpooled(lost, in: lane, .spoolFull)
  }
}

extension DeliveryLane {
  fileprivate func hasSound(memory bytes: Int) -> Bool {
    held.bytes == bytes && held.bytes <= limits.queueBytesMax && spooled.payloads >= 0 && spooled.bytes >= 0
      && (spooled.payloads > 0 || spooled == Spooled()) && underWay.count <= limits.connectionsMax && reading == 0
  }
}

@Suite struct `A spool that outlives its agents` {
  /// In real life an intake may take a payload and die, or the agent may, before the answer is heard: that one is sent again.
  @Test(arguments: 0..<6 as Range<UInt64>)
  func `brings every payload to exactly one end, but for those that were in memory only`(seed: UInt64) throws {
    let folder = ScratchFolder()
    var random = SeededGenerator(seed: seed)
    var (delivered, givenUp): ([Int], [Int]) = ([], [])
    var inMemory: Set<Int> = []
    var next = 0
    for life in 0..<12 {
      var agent = try SpoolingLife(folder.path)
      let isLast = life == 11
      let steps = isLast ? 2_000 : Int.random(in: 1...60, using: &random)
      for _ in 0..<steps {
        if !isLast {
          let payload = tracesPayload(next, bytes: Int.random(in: 10...2_000, using: &random))
          let reports = agent.queue.enqueue(payload, at: agent.now)
          #expect(reports.isEmpty)
          next += 1
        }
        try agent.step()
        if !agent.underWay.isEmpty, isLast || Bool.random(using: &random) {
          let isTaken = isLast || Int.random(in: 0..<3, using: &random) == 0
          try agent.end(Int.random(in: agent.underWay.indices, using: &random), isTaken: isTaken, &random)
        }
        agent.now += .milliseconds(Int.random(in: 0...1_500, using: &random))
        if isLast, agent.underWay.isEmpty, agent.queue.lanes[agent.lane].spooled.payloads == 0 { break }
      }
      if isLast { #expect(agent.queue.lanes[agent.lane].spooled.payloads == 0 && agent.underWay.isEmpty) }
      delivered += agent.delivered
      givenUp += agent.givenUp
      inMemory.formUnion(agent.queue.onlyInMemory.compactMap { number(in: $0.entry.payload.body) })
    }
    let ends = delivered + givenUp
    #expect(Set(ends).count == ends.count, "seed \(seed): two ends")
    #expect(Set(ends).union(inMemory) == Set(0..<next) && Set(ends).isDisjoint(with: inMemory), "seed \(seed)")
    #expect(!delivered.isEmpty && folder.files.isEmpty, "seed \(seed)")
  }
}
