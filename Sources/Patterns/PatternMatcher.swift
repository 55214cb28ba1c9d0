import CPCRE2
import Platform

/// What one thread needs to match patterns: where groups are noted, limits, and a stack for compiled patterns.
///
/// Takes no memory before its first use. A match ends by its limits whatever pattern and text are, and then nothing is
/// known of the text (`PatternMatch.undecided`).
package struct PatternMatcher: ~Copyable, @unchecked Sendable {
  /// Steps back that are allowed from one place of the text, besides `stepsPerByte` for each of its bytes. What people
  /// write needs fewer than ten a byte.
  static let (stepsMin, stepsPerByte) = (10_000, 50)
  /// KiB of memory that a match may take.
  private static let heapKibibytesMax = 4_096
  /// Bytes of stack for compiled patterns.
  private static let (stackBytesMin, stackBytesMax) = (32 << 10, 1 << 20)
  /// Places of a text at which a match is looked for before the clock is read.
  static let placesAtOnce = 1_024
  /// CPU time for one text that is longer than that, and for all of a request, in ns.
  static let (textNsMax, requestNsMax): (Int64, Int64) = (20_000_000, 250_000_000)

  private struct Memory {
    let functions: pcre2_functions
    let data: OpaquePointer
    let context: OpaquePointer
    let stack: OpaquePointer?
    let places: UnsafeMutablePointer<Int>
  }

  private var memory: Memory?
  private var requestNsLeft = Self.requestNsMax
  private var textNsLeft: Int64 = 0
  /// When the text at hand was begun, in ns of this thread's CPU time; `nil` for one that is too short to be timed.
  private var startedNs: Int64?
  /// Matches found in the text at hand, since the clock was read.
  private var untimedMatches = 0

  package init() {}

  deinit {
    guard let memory else { return }
    memory.functions.match_data_free_8(memory.data)
    memory.functions.match_context_free_8(memory.context)
    if let stack = memory.stack { memory.functions.jit_stack_free_8(stack) }
  }

  /// Grants a request its time.
  package mutating func beginRequest() { requestNsLeft = Self.requestNsMax }

  /// Whether the pattern matches anywhere in the text; `nil` where the limits do not allow to tell.
  package mutating func matches(_ pattern: Pattern, _ text: UnsafeRawBufferPointer) -> Bool? {
    guard beginText(pattern, text) else { return nil }
    defer { endText() }
    return switch find(pattern, text, from: 0) {
    case .found: true
    case .none: false
    case .undecided: nil
    }
  }

  /// Looks for the first match at or behind a place. `beginText` stands before, `endText` behind.
  mutating func find(_ pattern: Pattern, _ text: UnsafeRawBufferPointer, from start: Int) -> PatternMatch {
    guard let memory else { return .undecided }
    var start = start
    while true {
      let isLast = text.count - start <= Self.placesAtOnce
      let end = isLast ? text.count : start + Self.placesAtOnce
      _ = memory.functions.set_offset_limit_8(memory.context, end)
      let bytes = text.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(memory.data)
      let found = memory.functions.match_8(pattern.code, bytes, text.count, start, 0, memory.data, memory.context)
      if found > 0 {
        untimedMatches += 1
        return untimedMatches % 16 == 0 && isOutOfTime() ? .undecided : .found(memory.places[0]..<memory.places[1])
      }
      guard found == PCRE2_ERROR_NOMATCH else { return .undecided }
      if isLast { return .none }
      if isOutOfTime() { return .undecided }
      start = Self.next(text, end)
    }
  }

  /// Where a group of the last match lies; `nil` when it took no part in it.
  func group(_ number: Int, of pattern: Pattern) -> Range<Int>? {
    guard let memory, number <= pattern.groups else { return nil }
    let (start, end) = (memory.places[2 * number], memory.places[2 * number + 1])
    // PCRE2 marks a group that was not set by the largest number.
    return start >= 0 && start <= end ? start..<end : nil
  }

  /// The place behind the character at a place.
  static func next(_ text: UnsafeRawBufferPointer, _ place: Int) -> Int {
    var next = place + 1
    while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
    return next
  }

  /// Sets the limits for a text. Returns false where there is no memory, or no time left.
  mutating func beginText(_ pattern: Pattern, _ text: UnsafeRawBufferPointer) -> Bool {
    if memory == nil { memory = Self.memory(pattern.library.functions) }
    guard let memory, requestNsLeft > 0 else { return false }
    let steps = UInt32(clamping: Self.stepsMin + Self.stepsPerByte * min(text.count, Int(Int32.max)))
    _ = memory.functions.set_match_limit_8(memory.context, steps)
    untimedMatches = 0
    guard text.count > Self.placesAtOnce else {
      startedNs = nil
      return true
    }
    startedNs = Self.cpuNs()
    textNsLeft = min(Self.textNsMax, requestNsLeft)
    return true
  }

  /// Counts what the text has cost.
  mutating func endText() {
    if let startedNs { requestNsLeft -= max(0, Self.cpuNs() - startedNs) }
  }

  private func isOutOfTime() -> Bool { startedNs.map { Self.cpuNs() - $0 > textNsLeft } ?? false }

  /// The time for which this thread has been running; what others take of the processor does not count.
  private static func cpuNs() -> Int64 {
    var time = timespec()
    guard clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  private static func memory(_ functions: pcre2_functions) -> Memory? {
    guard let data = functions.match_data_create_8(UInt32(Pattern.groupsMax + 1), nil) else { return nil }
    guard let context = functions.match_context_create_8(nil) else {
      functions.match_data_free_8(data)
      return nil
    }
    guard let places = functions.get_ovector_pointer_8(data) else { return nil }
    _ = functions.set_heap_limit_8(context, UInt32(heapKibibytesMax))
    let stack = functions.jit_stack_create_8(stackBytesMin, stackBytesMax, nil)
    if let stack { functions.jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack)) }
    return Memory(
      functions: functions, data: data, context: context, stack: stack,
      places: UnsafeMutableRawPointer(places).assumingMemoryBound(to: Int.self))
  }
}

/// What looking for a pattern came to.
enum PatternMatch: Equatable {
  /// Where the match lies, in bytes.
  case found(Range<Int>)
  case none
  /// The limits were reached before it was clear.
  case undecided
}
