@testable import Exporting

/// What must be true of a queue at any time, checked in full. O(n) in what it holds.
extension DeliveryQueue {
  /// - Parameter underWay: the entries that were started and have not ended, as whoever sends them knows them.
  /// - Returns: what is not as it must be, in words; nothing for a sound queue.
  func brokenInvariants(underWay: [Entry]) -> [String] {
    var broken: [String] = []
    var holders: [UInt64: (entries: Int, bytes: Int)] = [:]
    for (index, lane) in lanes.enumerated() {
      let started = underWay.filter { $0.lane == index }
      let all = lane.waiting + started
      broken += lane.brokenInvariants(started: started).map { "lane \(index): \($0)" }
      for entry in all {
        if entry.lane != index { broken.append("lane \(index): an entry of lane \(entry.lane)") }
        holders[entry.id, default: (0, entry.payload.body.memoryBytes)].entries += 1
      }
    }
    if entryCounts != holders.mapValues(\.entries) { broken.append("entries are miscounted") }
    if bodyBytes != holders.values.reduce(0, { $0 + $1.bytes }) { broken.append("bytes in memory are miscounted") }
    return broken
  }

  /// What the lanes of one kind hold together.
  func held(_ kind: OutgoingPayload.Kind) -> DeliveryLane.Held {
    lanes.filter { $0.kind == kind }.reduce(into: DeliveryLane.Held()) { sum, lane in
      sum.bytes += lane.held.bytes
      sum.counts += lane.held.counts
    }
  }
}

extension DeliveryLane {
  fileprivate func brokenInvariants(started: [DeliveryQueue.Entry]) -> [String] {
    var broken: [String] = []
    func expect(_ isTrue: Bool, _ text: String) { if !isTrue { broken.append(text) } }
    let all = waiting + started
    var counts = PayloadCounts()
    for entry in all { counts += entry.payload.counts }
    expect(held.bytes == all.reduce(0) { $0 + $1.payload.body.byteCount }, "held bytes are miscounted")
    expect(held.counts == counts, "held contents are miscounted")
    expect(held.bytes <= limits.queueBytesMax, "more is held than may be")
    expect(Set(underWay.keys) == Set(started.map(\.id)), "what is under way is not what was started")
    expect(underWay.count == started.count, "an entry is under way twice")
    expect(underWay.count <= limits.connectionsMax, "more is under way than there are connections")
    expect(zip(waiting, waiting.dropFirst()).allSatisfy { $0.id < $1.id }, "what waits is not in the order of age")
    expect(zip(waiting, waiting.dropFirst()).allSatisfy { $0.enqueuedAt <= $1.enqueuedAt }, "an older one came later")
    expect(waiting.allSatisfy { underWay[$0.id] == nil }, "an entry waits and is under way")
    expect(all.allSatisfy { $0.payload.kind == kind }, "an entry of another kind")
    expect((0...16).contains(attempt), "\(attempt) failures")
    return broken
  }
}
