import CPCRE2

/// What one thread needs to match patterns: where groups are noted, limits, and a stack for compiled patterns.
///
/// Takes no memory before its first use. A match ends by its limits whatever pattern and text are, and then nothing is
/// known of the text (`PatternMatch.undecided`). The limits are steps and not time, so that they mean the same everywhere.
package struct PatternMatcher: ~Copyable, @unchecked Sendable {
  /// Steps that a text may take: this many, some for each of its bytes, and not more than `textStepsMax`. What people
  /// write takes fewer than ten a byte. A step takes about 20 ns.
  static let (textStepsMin, stepsPerByte, textStepsMax) = (20_000, 20, 1_000_000)
  /// Steps of all texts of a request together, beyond which each text has `littleSteps`.
  static let requestStepsMax = 10_000_000
  /// What a text may take in any case, so that short ones that are simple are always decided.
  private static let littleSteps = 128
  /// KiB of memory that a match may take.
  private static let heapKibibytesMax = 4_096
  /// Bytes of stack for compiled patterns.
  private static let (stackBytesMin, stackBytesMax) = (32 << 10, 1 << 20)

  private struct Memory {
    let functions: pcre2_functions
    let data: OpaquePointer
    let context: OpaquePointer
    let stack: OpaquePointer?
    let places: UnsafeMutablePointer<Int>
    let steps: UnsafeMutablePointer<StepCounter>
  }

  private var memory: Memory?
  private let requestSteps: Int
  /// What the texts of the request at hand may still take.
  private(set) var requestStepsLeft: Int
  /// What the text at hand was granted.
  private var textSteps = 0
  /// Whether the request pays for it.
  private var isCharged = true

  package init() { self.init(requestSteps: Self.requestStepsMax) }

  /// - Parameter requestSteps: what the texts of a request may take together.
  init(requestSteps: Int) {
    self.requestSteps = requestSteps
    requestStepsLeft = requestSteps
  }

  deinit {
    guard let memory else { return }
    memory.functions.match_data_free_8(memory.data)
    memory.functions.match_context_free_8(memory.context)
    if let stack = memory.stack { memory.functions.jit_stack_free_8(stack) }
    memory.steps.deallocate()
  }

  /// Grants a request its steps.
  package mutating func beginRequest() { requestStepsLeft = requestSteps }

  /// Whether the pattern matches anywhere in the text; `nil` where the limits do not allow to tell.
  package mutating func matches(
    _ pattern: Pattern, _ text: UnsafeRawBufferPointer, effort: PatternEffort = .usual
  ) -> Bool? {
    guard beginText(pattern, text, effort) else { return nil }
    defer { endText() }
    return switch find(pattern, text, from: 0) {
    case .found: true
    case .none: false
    case .undecided: nil
    }
  }

  /// Looks for the first match at or behind a place. `beginText` stands before, `endText` behind.
  func find(_ pattern: Pattern, _ text: UnsafeRawBufferPointer, from start: Int) -> PatternMatch {
    guard let memory else { return .undecided }
    // What is not compiled to machine code has the rest of the text checked for UTF-8 first.
    let checked = pattern.isMachineCode ? 0 : (text.count - start) / StepCounter.bytesPerStep
    guard memory.steps.pointee.beginSearch(1 + checked) else { return .undecided }
    let bytes = text.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(memory.data)
    let found = memory.functions.match_8(pattern.code, bytes, text.count, start, 0, memory.data, memory.context)
    if found > 0 { return .found(memory.places[0]..<memory.places[1]) }
    return found == PCRE2_ERROR_NOMATCH ? .none : .undecided
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

  /// Sets the limits for a text. Returns false where there is no memory.
  mutating func beginText(_ pattern: Pattern, _ text: UnsafeRawBufferPointer, _ effort: PatternEffort) -> Bool {
    if memory == nil { memory = Self.memory(pattern.library.functions) }
    guard let memory else { return false }
    let bytes = min(text.count, Self.textStepsMax)
    let little = min(Self.littleSteps + bytes, Self.textStepsMax)
    isCharged = effort == .usual && requestStepsLeft > little
    textSteps =
      isCharged ? min(Self.textStepsMin + Self.stepsPerByte * bytes, Self.textStepsMax, requestStepsLeft) : little
    memory.steps.pointee.beginText(textSteps)
    // For what a pattern without repetitions tries at one place, which is no step.
    _ = memory.functions.set_match_limit_8(memory.context, UInt32(clamping: 10_000 + 4 * textSteps))
    return true
  }

  /// Counts what the text has taken.
  mutating func endText() {
    if isCharged, let memory { requestStepsLeft -= textSteps - memory.steps.pointee.left }
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
    let steps = UnsafeMutablePointer<StepCounter>.allocate(capacity: 1)
    steps.initialize(to: StepCounter())
    _ = functions.set_callout_8(context, { StepCounter.callBack($0, $1) }, UnsafeMutableRawPointer(steps))
    return Memory(
      functions: functions, data: data, context: context, stack: stack,
      places: UnsafeMutableRawPointer(places).assumingMemoryBound(to: Int.self), steps: steps)
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
