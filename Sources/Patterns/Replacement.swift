import TraceModel

/// What stands for a match: a text in which `$1`, `${1}`, `$name` and `${name}` stand for groups and `$$` for a dollar, as
/// in Go's `Regexp.Expand`.
package struct Replacement: Sendable, Equatable {
  enum Part: Sendable, Equatable {
    case text([UInt8])
    case group(Int)
  }

  /// The replacement as it was written.
  package let text: String
  /// What it names and the pattern does not have; nothing stands for those.
  package let missingGroups: [String]
  let parts: [Part]

  /// - Parameter pattern: whose groups are meant.
  package init(_ text: String, for pattern: Pattern) {
    self.text = text
    var parts: [Part] = []
    var missing: [String] = []
    var plain: [UInt8] = []
    var rest = text[...]
    while let first = rest.first {
      guard first == "$" else {
        plain += Array(String(rest.removeFirst()).utf8)
        continue
      }
      rest.removeFirst()
      if rest.first == "$" {
        plain.append(UInt8(ascii: "$"))
        rest.removeFirst()
      } else if let name = Self.takeName(&rest) {
        guard let number = Self.number(of: name, in: pattern) else {
          missing.append(name)
          continue
        }
        if !plain.isEmpty { parts.append(.text(plain)) }
        plain = []
        parts.append(.group(number))
      } else {
        // A dollar that names nothing is one.
        plain.append(UInt8(ascii: "$"))
      }
    }
    if !plain.isEmpty { parts.append(.text(plain)) }
    self.parts = parts
    missingGroups = missing
  }

  /// The longest name behind a dollar, or what stands in braces; `nil` where there is none.
  private static func takeName(_ rest: inout Substring) -> String? {
    let isBraced = rest.first == "{"
    let start = isBraced ? rest.dropFirst() : rest
    let name = start.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    guard !name.isEmpty, !isBraced || start[name.endIndex...].first == "}" else { return nil }
    rest = start[name.endIndex...]
    if isBraced { rest.removeFirst() }
    return String(name)
  }

  private static func number(of name: String, in pattern: Pattern) -> Int? {
    if name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return Int(name).flatMap { $0 <= pattern.groups ? $0 : nil }
    }
    return pattern.group(named: name)
  }
}

/// What became of a text in which matches were to be replaced.
package enum ReplacingOutcome: Sendable, Equatable {
  /// Nothing matches: the text stays as it is, and nothing was written.
  case unchanged
  /// What was written stands for the text.
  case replaced
  /// The limits were reached; what was written means nothing.
  case undecided
}

extension PatternMatcher {
  /// Bytes that a text may grow to. A replacement that is longer than what it stands for multiplies.
  static let writtenBytesMax = 4 << 20

  /// Writes a text with all matches replaced, as Go's `Regexp.ReplaceAllString` does.
  /// - Parameter out: empty; may not be where the text lies.
  package mutating func replaceAll(
    _ pattern: Pattern, by replacement: Replacement, in text: UnsafeRawBufferPointer,
    to out: inout GrowableBuffer<UInt8>, effort: PatternEffort = .usual
  ) -> ReplacingOutcome {
    guard beginText(pattern, text, effort) else { return .undecided }
    defer { endText() }
    var (place, copied, hasMatch) = (0, 0, false)
    while place <= text.count {
      switch find(pattern, text, from: place) {
      case .undecided: return .undecided
      case .none: place = text.count + 1
      case .found(let match):
        hasMatch = true
        // PCRE2 may begin a match before the place it looks from only with \K, which is refused.
        guard match.lowerBound >= copied, Self.append(text[copied..<match.lowerBound], to: &out) else {
          return .undecided
        }
        // An empty match right behind another is none.
        if match.upperBound > copied || match.lowerBound == 0 {
          guard expand(replacement, of: pattern, in: text, to: &out) else { return .undecided }
        }
        copied = match.upperBound
        place = match.upperBound > place ? match.upperBound : Self.next(text, place)
      }
    }
    guard hasMatch else { return .unchanged }
    return Self.append(text[copied...], to: &out) ? .replaced : .undecided
  }

  private func expand(
    _ replacement: Replacement, of pattern: Pattern, in text: UnsafeRawBufferPointer,
    to out: inout GrowableBuffer<UInt8>
  ) -> Bool {
    for part in replacement.parts {
      switch part {
      case .text(let bytes):
        guard bytes.withUnsafeBytes({ Self.append($0[...], to: &out) }) else { return false }
      case .group(let number):
        guard let place = group(number, of: pattern) else { continue }
        guard Self.append(text[place], to: &out) else { return false }
      }
    }
    return true
  }

  private static func append(_ bytes: Slice<UnsafeRawBufferPointer>, to out: inout GrowableBuffer<UInt8>) -> Bool {
    guard out.count + bytes.count <= writtenBytesMax, out.reserve(bytes.count) else { return false }
    let whole = UnsafeRawBufferPointer(rebasing: bytes)
    out.append(contentsOf: whole.assumingMemoryBound(to: UInt8.self))
    return true
  }
}
