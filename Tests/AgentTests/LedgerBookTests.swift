import Control
import Testing

@testable import Agent

@Suite struct `The book of ledgers` {
  private static let second: Int64 = 1_000_000_000

  private func ledger(_ traces: UInt64) -> Ledger {
    var ledger = Ledger()
    ledger.received.traces = traces
    return ledger
  }

  @Test func `has the last whole minute, and none before there was one`() {
    let book = LedgerBook(startedNs: 0)
    #expect(!book.isDue(nowNs: 59 * Self.second) && book.lastMinute == nil)
    #expect(book.isDue(nowNs: 60 * Self.second))
    book.note(ledger(10), nowNs: 60 * Self.second)
    #expect(book.lastMinute?.counts.received.traces == 10)
    #expect(!book.isDue(nowNs: 61 * Self.second))
    book.note(ledger(25), nowNs: 130 * Self.second)
    #expect(book.lastMinute == MinuteLedger(endNs: 130 * Self.second, lengthNs: 70_000_000_000, counts: ledger(15)))
  }

  @Test func `begins a minute anew when the clock was set back`() {
    let book = LedgerBook(startedNs: 1_000 * Self.second)
    #expect(!book.isDue(nowNs: 10 * Self.second) && !book.isDue(nowNs: 69 * Self.second))
    #expect(book.isDue(nowNs: 70 * Self.second))
  }
}
