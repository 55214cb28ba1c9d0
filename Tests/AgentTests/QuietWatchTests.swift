import Testing

@testable import Agent

@Suite struct `Memory is given back` {
  /// What each look does, with ten seconds until everything is done that a request leaves behind.
  private func steps(_ activities: [Int]) -> [QuietWatch.Step] {
    var watch = QuietWatch(activity: 0, settlingLooks: 10)
    return activities.map { watch.next(activity: $0) }
  }

  /// At which of the looks, counted from 0, memory is given back.
  private func releases(_ activities: [Int]) -> [Int] {
    steps(activities).enumerated().compactMap { $0.element.releases ? $0.offset : nil }
  }

  /// At which of the looks work may be due.
  private func works(_ activities: [Int]) -> [Int] {
    steps(activities).enumerated().compactMap { $0.element.works ? $0.offset : nil }
  }

  @Test func `once after the start when nothing comes, and after the work of each minute`() {
    let nothing = Array(repeating: 0, count: 130)
    #expect(releases(nothing) == [0, 60, 120])
    #expect(works(nothing) == [0, 60, 120])
  }

  @Test func `never while something comes in every second`() {
    #expect(releases(Array(1...100)).isEmpty)
    #expect(works(Array(1...100)).count == 100)
  }

  @Test func `never while something comes in every two seconds`() {
    let activities = (0..<300).map { 1 + $0 / 2 }
    #expect(releases(activities).isEmpty)
    #expect(works(activities).count == 300)
  }

  @Test func `two seconds after the last of it, and when all of it is done`() {
    let activities = Array(1...5) + Array(repeating: 5, count: 60)
    #expect(releases(activities) == [4 + 2, 4 + 10])
    #expect(works(activities) == Array(0...(4 + 10)))
  }

  @Test func `each time that something came and went`() {
    let activities = [0] + Array(repeating: 1, count: 50) + Array(repeating: 2, count: 50)
    #expect(releases(activities) == [0, 1 + 2, 1 + 10, 51 + 2, 51 + 10])
    #expect(works(activities) == Array(0...11) + Array(51...61))
  }
}
