/// Finds the `KnownHeader` of a name: by length first, then by comparing bytes without regard to case.
///
/// Built once a server. A look-up costs one load for a name of unknown length and a handful of comparisons otherwise.
struct HeaderIndex: Sendable {
  /// `candidates[starts[length] ..< starts[length + 1]]` have names of that length.
  private let starts: [Int]
  private let candidates: [KnownHeader]

  init() {
    let longest = KnownHeader.allCases.map(\.name.utf8CodeUnitCount).max() ?? 0
    var starts: [Int] = [0]
    var candidates: [KnownHeader] = []
    for length in 0...longest {
      candidates += KnownHeader.allCases.filter { $0.name.utf8CodeUnitCount == length }
      starts.append(candidates.count)
    }
    self.starts = starts
    self.candidates = candidates
  }

  /// The header called `name`, or `nil` for one that nobody reads.
  func find(_ name: UnsafeRawBufferPointer) -> KnownHeader? {
    guard name.count + 1 < starts.count else { return nil }
    for position in starts[name.count]..<starts[name.count + 1] {
      let candidate = candidates[position]
      let known = UnsafeRawBufferPointer(start: candidate.name.utf8Start, count: name.count)
      if name.equalsIgnoringCase(known) { return candidate }
    }
    return nil
  }
}

extension UnsafeRawBufferPointer {
  /// Byte for byte, with ASCII letters of either case taken as equal.
  package func equalsIgnoringCase(_ other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count else { return false }
    // From the end: header names of one length share their beginning ("Datadog-") more often than their end.
    var position = count
    while position > 0 {
      position &-= 1
      if Self.lowered(self[position]) != Self.lowered(other[position]) { return false }
    }
    return true
  }

  /// As above, with a text that is known when the program is built.
  package func equalsIgnoringCase(_ other: StaticString) -> Bool {
    equalsIgnoringCase(UnsafeRawBufferPointer(start: other.utf8Start, count: other.utf8CodeUnitCount))
  }

  @inline(__always)
  private static func lowered(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 0x20 : byte }
}
