import Testing

@testable import Journal

@Suite struct `A group of requests that share a wait for the disk` {
  @Test func `waits less for others where few wait and nobody is there to come`() {
    var state = JournalState(threads: 1)
    func add(isLast: Bool) -> Bool {
      state.add(
        JournalHead(.request, lane: 0, sequence: 0), description: [],
        body: UnsafeRawBufferPointer(start: nil, count: 0), large: nil, isLast: isLast, waiter: { _ in })
    }
    _ = add(isLast: false)
    #expect(!add(isLast: false) && state.gathering == Journal.gathering)
    #expect(add(isLast: true), "the thread sleeps for too long")
    #expect(state.gathering == Journal.gatheringOfAll)
    let all = state.takePiece(after: Journal.gatheringOfAll)
    #expect(all.piece.waiters.count == 3 && all.endsGroup)
    _ = add(isLast: true)
    #expect(!add(isLast: false), "somebody has connected")
    #expect(state.gathering == Journal.gathering)
    #expect(!state.takePiece(after: Journal.gatheringOfAll).endsGroup)
    #expect(state.takePiece(after: Journal.gathering).endsGroup)
  }
}
