import Testing

@testable import Store

@Suite struct `The pace of writing` {
  @Test func `takes what comes after a pause at once, and in a row what came in less than half a second`() {
    let begin = ContinuousClock.now
    var pace = WritingPace()
    #expect(pace.end(now: begin) == begin + .milliseconds(50))
    pace.note(taken: begin, written: begin + .milliseconds(3))
    #expect(pace.end(now: begin + .milliseconds(10)) == begin + .milliseconds(400))
    #expect(pace.end(now: begin + .seconds(9)) == begin + .milliseconds(9_050))
  }

  @Test(arguments: [(10, 400), (50, 400), (60, 480), (80, 640), (100, 700), (90_000, 700)] as [(Int, Int)])
  func `is slower where writing takes long, but a second is never lost by waiting`(_ writing: Int, _ expected: Int) {
    let begin = ContinuousClock.now
    var pace = WritingPace()
    pace.note(taken: begin, written: begin + .milliseconds(writing))
    #expect(pace.end(now: begin) == begin + .milliseconds(expected))
  }
}
