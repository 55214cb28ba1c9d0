import Control
import Testing

@Suite struct `The ledger` {
  private func info(_ factor: UInt64) -> InfoAnswer {
    var info = InfoAnswer(version: "1", commit: "", pid: 1, startedNs: 0, nowNs: 1, hostname: "")
    info.received = TrafficCounts(traces: 100 * factor, spans: 300 * factor)
    info.restored = TrafficCounts(traces: 5 * factor, spans: 10 * factor)
    info.sent.traces = TrafficCounts(traces: 60 * factor, spans: 190 * factor)
    info.queued = TrafficCounts(traces: 4 * factor, spans: 8 * factor)
    info.lost = ["queue_full": LossCounts(traces: 1 * factor, spans: 2 * factor)]
    info.filtered = ["ignore_resources GET /ping": LossCounts(traces: 10 * factor, spans: 20 * factor)]
    info.refused = ["decoding_error": 1, "not_found": 7]
    info.dropped = [
      "ignore_resources": LossCounts(traces: 10 * factor, spans: 20 * factor),
      "sampling_auto_drop": LossCounts(traces: 20 * factor, spans: 70 * factor),
      "decoding_error": LossCounts(traces: 7 * factor),
      "trace_id_zero": LossCounts(traces: 3 * factor, spans: 20 * factor),
    ]
    return info
  }

  /// What came in, less where it went, is nothing.
  private func balance(_ ledger: Ledger) -> Int64 {
    let left = [
      ledger.sent, ledger.sampled, ledger.filtered, ledger.refused, ledger.dropped, ledger.lost, ledger.inFlight,
    ]
    return Int64(ledger.received.traces + ledger.restored.traces) - left.reduce(0) { $0 + Int64($1.traces) }
  }

  @Test func `puts every trace in one row, so that it balances`() {
    let ledger = Ledger(info(1))
    #expect(balance(ledger) == 0)
    #expect(ledger.filtered == TraceCounts(traces: 10, spans: 20), "once, and not under its reason too")
    #expect(ledger.refused.traces == 7 && ledger.dropped.traces == 3 && ledger.sampled.traces == 20)
  }

  @Test func `of a minute has the statistics of that minute too`() {
    func ledger(_ factor: UInt64) -> Ledger {
      var ledger = Ledger()
      ledger.statistics.made = 10 * factor
      ledger.statistics.restored = 3 * factor
      ledger.statistics.sent = 8 * factor
      ledger.statistics.lost = 2 * factor
      ledger.statistics.inFlight = 3 * factor
      return ledger
    }
    let minute = ledger(3).since(ledger(1)).statistics
    #expect(minute.made == 20 && minute.restored == 6 && minute.sent == 16 && minute.lost == 4)
    #expect(minute.inFlight == 9, "that is how many there are now")
    #expect(ledger(1).since(ledger(3)).statistics.made == 0, "never less than nothing")
  }

  @Test func `of a minute is what has come since the one before`() {
    let minute = Ledger(info(3)).since(Ledger(info(1)))
    #expect(minute.received == TraceCounts(traces: 200, spans: 600) && minute.sent.traces == 120)
    #expect(minute.inFlight.traces == 12, "that is how many there are now")
    #expect(Ledger(info(1)).since(Ledger(info(3))).received == TraceCounts(), "never less than nothing")
  }
}
