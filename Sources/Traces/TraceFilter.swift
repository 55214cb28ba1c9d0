/// Which traces are looked for. A condition on spans holds for a trace that has a span for which it holds.
package indirect enum TraceFilter: Sendable, Equatable {
  /// All of them; of none of them nothing is asked.
  case and([TraceFilter])
  /// One of them at least.
  case or([TraceFilter])
  case not(TraceFilter)
  case condition(TraceCondition)

  /// Holds for every trace there is.
  package static let all = TraceFilter.and([])
}

/// One thing that is asked of a trace.
package enum TraceCondition: Sendable, Equatable {
  /// Words that stand one after another in a resource, an operation, a service, an error message or a tag's value of one
  /// span, or in the name or a text attribute of one of its events or links. Words are compared as `SearchWords` makes them.
  case words(SearchWords)
  /// A field of a span.
  case field(TraceField, TextPattern)
  /// A text or number attribute of a span.
  case tag(key: String, TextPattern)
  /// A number attribute of a span, or a text attribute that is a number.
  case tagNumber(key: String, Comparison, Double)
  /// A number attribute of a span, or a text attribute that is a number, from one number to another.
  case tagRange(key: String, ClosedRange<Double>)
  /// A number of the trace.
  case number(TraceNumber, Comparison, Int64)
  /// Whether the trace has a failed span.
  case hasError(Bool)
  /// Whether sampling sent it on.
  case isKept(Bool)
  /// The trace of that id, or of those that begin with these hexadecimal digits.
  case traceID(prefix: String)
}

/// Fields of spans that can be asked for.
package enum TraceField: String, Sendable, Equatable, CaseIterable {
  case service, resource, operation, type, env
}

/// Numbers of a trace that can be asked for: its duration in ns, its spans, its failed spans.
package enum TraceNumber: String, Sendable, Equatable, CaseIterable {
  case duration, spans, errors
}

/// How a number is compared.
package enum Comparison: String, Sendable, Equatable, CaseIterable {
  case less = "<"
  case atMost = "<="
  case equal = "="
  case atLeast = ">="
  case greater = ">"

  /// Whether `a` stands so to `b`.
  package func holds<Number: Comparable>(_ a: Number, _ b: Number) -> Bool {
    switch self {
    case .less: a < b
    case .atMost: a <= b
    case .equal: a == b
    case .atLeast: a >= b
    case .greater: a > b
    }
  }
}

/// A text to compare with, small and capital letters alike, in which `*` stands for any characters.
package struct TextPattern: Sendable, Equatable {
  /// Between two of them there may be anything; one piece alone is the whole text.
  package let pieces: [String]

  /// - Parameter text: as it was typed without quotes; `*` stands for any characters.
  package init(_ text: String) {
    pieces = text.lowercased().unicodeScalars.split(separator: "*", omittingEmptySubsequences: false).map { String($0) }
  }

  /// The pattern of one text alone, in which `*` is a character like any other.
  package init(exactly text: String) { self.init(pieces: [text]) }

  /// - Parameter pieces: in any case; between two of them there may be anything.
  init(pieces: [String]) { self.pieces = pieces.map { $0.lowercased() } }

  /// Whether a text is what was asked for.
  package func matches(_ text: String) -> Bool {
    var rest = Substring(text.lowercased())
    guard let first = pieces.first, let last = pieces.last else { return rest.isEmpty }
    guard pieces.count > 1 else { return rest == first }
    guard rest.hasPrefix(first) else { return false }
    rest = rest.dropFirst(first.count)
    for piece in pieces[1..<(pieces.count - 1)] where !piece.isEmpty {
      guard let range = rest.firstRange(of: piece) else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.hasSuffix(last)
  }
}

extension TextPattern {
  /// What tables call the environment of traces that have none.
  private static let noEnv = "none"

  /// Whether traces without an environment are among those that are looked for by it: it is empty, or names what tables
  /// show for them. `*` alone asks for any environment.
  package var fitsNoEnv: Bool { !isAny && (matches("") || matches(Self.noEnv)) }

  /// Whether it is nothing but `*`.
  fileprivate var isAny: Bool { pieces.count > 1 && pieces.allSatisfy(\.isEmpty) }
}

extension TraceFilter {
  /// The filter of an agent that counts traces without an environment under this name (`apm_config.env`): where it looks
  /// for that name, it finds those too.
  package func findingTracesWithoutEnv(as name: String) -> TraceFilter {
    switch self {
    case .and(let parts): .and(parts.map { $0.findingTracesWithoutEnv(as: name) })
    case .or(let parts): .or(parts.map { $0.findingTracesWithoutEnv(as: name) })
    case .not(let part): .not(part.findingTracesWithoutEnv(as: name))
    case .condition(.field(.env, let pattern)) where !pattern.isAny && pattern.matches(name):
      .or([self, .condition(.field(.env, TextPattern("")))])
    case .condition: self
    }
  }
}

extension TraceFilter {
  /// The filter of an agent whose machine has these tags, which the intake sees on all of its traces: a condition that one
  /// of them fulfils holds for every trace.
  package func findingTags(ofMachine tags: [(key: String, value: String)]) -> TraceFilter {
    switch self {
    case .and(let parts): .and(parts.map { $0.findingTags(ofMachine: tags) })
    case .or(let parts): .or(parts.map { $0.findingTags(ofMachine: tags) })
    case .not(let part): .not(part.findingTags(ofMachine: tags))
    case .condition(let condition): tags.contains { condition.isFulfilled(by: $0.key, $0.value) } ? .all : self
    }
  }
}

extension TraceCondition {
  /// Whether it asks for a tag, and this is one.
  fileprivate func isFulfilled(by name: String, _ text: String) -> Bool {
    switch self {
    case .tag(let key, let pattern): key == name && pattern.matches(text)
    case .tagNumber(let key, let comparison, let value):
      key == name && Double(text).map { comparison.holds($0, value) } ?? false
    case .tagRange(let key, let range): key == name && Double(text).map { range.contains($0) } ?? false
    default: false
    }
  }
}

/// The words of a text, as the search compares them.
///
/// A word is a run of letters and digits, and of whatever is not ASCII; capital and small letters are the same. Its bytes
/// beyond the first 64 are not compared.
package struct SearchWords: Sendable, Equatable {
  package let words: [String]
  /// Whether the last one is only how a word begins (`check*`).
  package let isPrefix: Bool

  /// The words of a text; one that ends with `*` is how its last word begins.
  package init(_ text: String) {
    words = Self.words(of: text)
    // By bytes, as words are: for a person a letter's mark is one character with whatever is in front of it, a space too.
    isPrefix = text.utf8.last == UInt8(ascii: "*") && text.utf8.dropLast().last.map { Self.isPart($0) } ?? false
  }

  /// Bytes of a word that are compared.
  package static let wordBytesMax = 64

  /// Cuts a text into its words.
  package static func words(of text: String) -> [String] {
    text.lowercased().utf8.split { !isPart($0) }.map { String(decoding: $0.prefix(wordBytesMax), as: UTF8.self) }
  }

  /// Whether a byte is part of a word.
  package static func isPart(_ byte: UInt8) -> Bool {
    byte >= 0x80 || (byte &- 0x30) < 10 || ((byte | 0x20) &- 0x61) < 26
  }

  /// Whether these words stand in a text, one after another.
  package func stand(in text: String) -> Bool {
    guard !words.isEmpty else { return true }
    let others = Self.words(of: text)
    guard others.count >= words.count else { return false }
    return (0...(others.count - words.count)).contains { start in
      words.indices.allSatisfy { index in
        let (word, other) = (words[index], others[start + index])
        return index == words.count - 1 && isPrefix ? other.hasPrefix(word) : other == word
      }
    }
  }
}
