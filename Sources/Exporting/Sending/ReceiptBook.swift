/// Payloads with a receipt that a sudden end of the agent would lose: they are in memory only, for one destination at least.
struct ReceiptBook: Sendable {
  /// Entries in memory only, by receipt and lane.
  private var open: [OutgoingPayload.Receipt: [Int: Int]] = [:]
  private var settled: [OutgoingPayload.Receipt] = []

  /// Entries of a payload are in memory only from now on.
  mutating func add(_ receipt: OutgoingPayload.Receipt?, lane: Int, entries: Int = 1) {
    guard let receipt, entries > 0 else { return }
    open[receipt, default: [:]][lane, default: 0] += entries
  }

  /// An entry is on disk, or has come to its end.
  mutating func settle(_ receipt: OutgoingPayload.Receipt?, lane: Int) {
    guard let receipt, var lanes = open[receipt], let count = lanes[lane] else { return }
    lanes[lane] = count > 1 ? count - 1 : nil
    open[receipt] = lanes.isEmpty ? nil : lanes
    if lanes.isEmpty { settled.append(receipt) }
  }

  /// An entry that was on disk is there no longer. What has been told already stays told.
  mutating func reopen(_ receipt: OutgoingPayload.Receipt?, lane: Int) {
    guard let receipt, open[receipt] != nil else { return }
    add(receipt, lane: lane)
  }

  /// No entry was made of a payload.
  mutating func settleUnlessOpen(_ receipt: OutgoingPayload.Receipt?) {
    guard let receipt, open[receipt] == nil else { return }
    settled.append(receipt)
  }

  /// The receipts of payloads that have become safe since the last time.
  mutating func takeSettled() -> [OutgoingPayload.Receipt] {
    defer { settled = [] }
    return settled
  }
}
