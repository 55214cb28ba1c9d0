import Testing

@testable import Journal

@Suite struct `The progress of a journal` {
  private func expect(
    _ progress: inout JournalProgress, _ cover: UInt64, moves lane: Int?, at location: SourceLocation = #_sourceLocation
  ) {
    let moved = progress.finish(cover)
    #expect(moved == lane, sourceLocation: location)
  }

  @Test func `is as far as the last cover before which none is open, whatever ends first`() {
    var progress = JournalProgress(lanes: 2)
    let (first, second, third) = (
      progress.begin(lane: 0, upTo: 3), progress.begin(lane: 0, upTo: 7), progress.begin(lane: 0, upTo: 9)
    )
    expect(&progress, second, moves: nil)
    #expect(progress.done == [0, 0])
    expect(&progress, first, moves: 0)
    #expect(progress.done == [7, 0])
    expect(&progress, first, moves: nil)
    expect(&progress, third, moves: 0)
    #expect(progress.done == [9, 0])
  }

  @Test func `of one lane is no other lane's`() {
    var progress = JournalProgress(lanes: 2)
    _ = progress.begin(lane: 0, upTo: 3)
    let other = progress.begin(lane: 1, upTo: 5)
    expect(&progress, other, moves: 1)
    #expect(progress.done == [0, 5])
  }

  @Test func `never goes back`() {
    var progress = JournalProgress(lanes: 1)
    let far = progress.begin(lane: 0, upTo: 9)
    let near = progress.begin(lane: 0, upTo: 0)
    expect(&progress, far, moves: 0)
    expect(&progress, near, moves: nil)
    #expect(progress.done == [9])
  }
}
