import Control
import Terminal
import Testing
import Traces

@Suite("Following traces as they arrive")
struct TraceFollowingTests {
  @Test("A trace is printed once, when nothing more of it came between two looks, in the order of arrival")
  func once() {
    var following = TraceFollowing(printed: [Self.row(9)])
    #expect(following.take([Self.row(2), Self.row(1, spans: 1), Self.row(9)]).isEmpty)
    #expect(following.endLook().isEmpty)
    #expect(following.take([Self.row(1, spans: 3), Self.row(3)]).isEmpty)
    #expect(following.endLook() == [Self.row(2)])
    #expect(following.take([Self.row(2)]).isEmpty)
    #expect(following.endLook() == [Self.row(1, spans: 3), Self.row(3)])
    #expect(following.endLook().isEmpty)
  }

  @Test("A trace that goes on growing is printed all the same")
  func growing() {
    var following = TraceFollowing()
    var looks = 0
    var printed: [TraceSummary] = []
    while printed.isEmpty, looks < 100 {
      _ = following.take([Self.row(1, spans: looks)])
      printed = following.endLook()
      looks += 1
    }
    #expect(looks == 6 && printed.map(\.spanCount) == [5])
  }

  @Test("The upper half of an id may come with a later part")
  func ids() {
    var following = TraceFollowing()
    _ = following.take([Self.row(1)])
    _ = following.endLook()
    var whole = Self.row(1, spans: 2)
    whole.id.high = 0xff
    _ = following.take([whole])
    #expect(following.endLook().isEmpty)
    #expect(following.endLook() == [whole])
  }

  @Test("What waits has a bound, and nothing is printed twice for it")
  func many() {
    var following = TraceFollowing()
    var printed: Set<TraceID> = []
    for batch in 0..<60 {
      let rows = (0..<1_000).map { Self.row(UInt64(batch * 1_000 + $0)) }
      for row in following.take(rows) { #expect(printed.insert(row.id).inserted) }
    }
    for _ in 0..<2 { for row in following.endLook() { #expect(printed.insert(row.id).inserted) } }
    #expect(printed.count == 60_000)
  }

  private static func row(_ id: UInt64, spans: Int = 1) -> TraceSummary {
    let span = TraceSpan(spanID: 1, service: "a", operation: "o", resource: "r", startNs: 5, durationNs: 1)
    var row = TraceSummary(Trace(id: TraceID(high: 0, low: id), spans: [span], isKept: true, keptBy: "priority"))
    row.spanCount = spans
    return row
  }
}
