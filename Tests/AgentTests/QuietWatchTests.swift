import Testing

@testable import Agent

@Suite struct `Memory is given back` {
  /// At which of the looks, counted from 0, it is time.
  private func dueLooks(_ activities: [Int]) -> [Int] {
    var watch = QuietWatch(activity: 0)
    return activities.enumerated().compactMap { watch.isReleaseDue(activity: $0.element) ? $0.offset : nil }
  }

  @Test func `once after the start when nothing comes`() {
    #expect(dueLooks(Array(repeating: 0, count: 100)) == [0])
  }

  @Test func `never while something comes in every second`() {
    #expect(dueLooks(Array(1...100)).isEmpty)
  }

  @Test func `never while something comes in every two seconds`() {
    #expect(dueLooks((0..<300).map { 1 + $0 / 2 }).isEmpty)
  }

  @Test func `two seconds after the last of it, and then not again`() {
    let activities = Array(1...5) + Array(repeating: 5, count: 100)
    #expect(dueLooks(activities) == [4 + 2])
  }

  @Test func `each time that something came and went`() {
    let activities = [0] + Array(repeating: 1, count: 50) + Array(repeating: 2, count: 50)
    #expect(dueLooks(activities) == [0, 1 + 2, 51 + 2])
  }
}
