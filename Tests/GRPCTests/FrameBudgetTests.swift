import Testing

@testable import GRPC

@Suite struct `The budget of frames` {
  private func frames(_ budget: inout FrameBudget, atMs nowMs: UInt64) -> Int {
    for count in 0..<100_000 where !budget.spend(1, nowMs: nowMs) { return count }
    return .max
  }

  @Test func `is a burst, and what time gives back`() {
    var budget = FrameBudget(nowMs: 5_000)
    #expect(frames(&budget, atMs: 5_000) == FrameBudget.burst)
    #expect(frames(&budget, atMs: 5_000) == 0)
    #expect(frames(&budget, atMs: 6_000) == FrameBudget.perSecond)
    #expect(frames(&budget, atMs: 4_000) == 0, "a clock that was set back gives nothing")
    #expect(frames(&budget, atMs: .max) == FrameBudget.burst, "never more than a burst is saved")
  }

  @Test func `lasts for ever while messages or calls pay for it`() {
    var budget = FrameBudget(nowMs: 0)
    for _ in 0..<50_000 {
      let isTaken = budget.spend(1, nowMs: 0)
      #expect(isTaken)
      budget.earn(messageBytes: FrameBudget.bytesPerFrame)
    }
    for _ in 0..<10_000 {
      for _ in 0..<FrameBudget.perCall {
        let isTaken = budget.spend(1, nowMs: 0)
        #expect(isTaken)
      }
      budget.earnForCall()
    }
    #expect(frames(&budget, atMs: 0) == FrameBudget.burst)
  }

  @Test func `is soon spent on headers that are too large`() {
    var budget = FrameBudget(nowMs: 0)
    for _ in 0..<FrameBudget.burst / FrameBudget.forLargeHeaders { budget.payForLargeHeaders() }
    #expect(frames(&budget, atMs: 0) == 0)
    budget.payForLargeHeaders()
    #expect(frames(&budget, atMs: 1_000) == FrameBudget.perSecond - FrameBudget.forLargeHeaders)
  }

  @Test func `is not saved up by one large message`() {
    var budget = FrameBudget(nowMs: 0)
    budget.earn(messageBytes: .max)
    #expect(frames(&budget, atMs: 0) == FrameBudget.burst)
  }
}

@Suite struct `The frames of a connection` {
  /// A preface, and frames of these lengths.
  private static func stream(_ lengths: [Int]) -> [UInt8] {
    [UInt8](repeating: 0xAA, count: 24)
      + lengths.flatMap {
        [UInt8($0 >> 16), UInt8($0 >> 8 & 0xFF), UInt8($0 & 0xFF)] + [UInt8](repeating: 0xBB, count: 6 + $0)
      }
  }

  @Test(arguments: [1, 2, 8, 9, 10, 25, 1_000, .max])
  func `are found in pieces of any size`(_ size: Int) {
    let stream = Self.stream([0, 5, 300, 0, 0, 70_000, 1])
    var (scanner, frames, start) = (FrameScanner(), 0, 0)
    while start < stream.count {
      let piece = Array(stream[start..<min(stream.count, start + min(size, stream.count))])
      let (end, found) = piece.withUnsafeBytes { scanner.scan($0, from: 0, framesMax: .max) }
      #expect(end == piece.count)
      frames += found
      start += piece.count
    }
    #expect(frames == 7)
  }

  @Test func `are not passed over beyond as many as are asked for`() {
    let stream = Self.stream([3, 4, 5])
    var scanner = FrameScanner()
    let ends = stream.withUnsafeBytes { bytes in
      var (ends, position) = ([Int](), 0)
      while position < bytes.count {
        let (end, frames) = scanner.scan(bytes, from: position, framesMax: 1)
        #expect(frames == 1)
        ends.append(end)
        position = end
      }
      return ends
    }
    #expect(ends == [24 + 12, 24 + 12 + 13, stream.count])
  }
}
