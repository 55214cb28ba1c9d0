import CPCRE2

/// Counts what matching one text takes, and ends it when that is too much.
///
/// PCRE2 calls back wherever a repetition goes on, ends or is taken back (`PatternSyntax`), and so each time before it can
/// do much. Its own limit is no bound: it counts anew at each place of the text, and a run of characters as one.
struct StepCounter {
  /// Bytes that are read in the time of a step, some ns.
  static let bytesPerStep = 16

  /// Steps that the text may still take; below zero it is given up.
  private(set) var left = 0
  /// Where the match at hand begins, and how far the text was read at the last step.
  private var start = -1
  private var place = 0

  /// Grants a text its steps.
  mutating func beginText(_ steps: Int) { left = steps }

  /// Counts the search for a match, and returns whether it may begin.
  mutating func beginSearch(_ steps: Int) -> Bool {
    start = -1
    left -= steps
    return left >= 0
  }

  /// Counts a step and the bytes read since the last one. Returns whether to go on.
  mutating func step(start: Int, place: Int) -> Bool {
    if start != self.start { (self.start, self.place) = (start, start) }
    left -= 1
    if place > self.place { left -= (place - self.place) / Self.bytesPerStep }
    self.place = place
    return left >= 0
  }

  /// What PCRE2 calls: 0 lets the match go on.
  /// - Parameter counter: a `StepCounter`.
  static func callBack(_ block: UnsafeMutablePointer<pcre2_callout_block_8>?, _ counter: UnsafeMutableRawPointer?)
    -> Int32
  {
    guard let block, let counter = counter?.assumingMemoryBound(to: StepCounter.self) else { return 0 }
    let mayGoOn = counter.pointee.step(start: block.pointee.start_match, place: block.pointee.current_position)
    return mayGoOn ? 0 : PCRE2_ERROR_CALLOUT
  }
}
