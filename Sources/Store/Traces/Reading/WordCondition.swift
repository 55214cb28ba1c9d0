import Traces

/// What the words of a block have to hold so that a condition on one span can be true of a chunk in it.
///
/// It is true of every block that has such a chunk, and of some others.
indirect enum WordCondition: Equatable {
  /// Words say nothing about it.
  case any
  case word(String)
  /// A word that begins so.
  case prefix(String)
  case and([WordCondition])
  case or([WordCondition])

  /// All of them, as simply as it can be said.
  static func all(_ conditions: [WordCondition]) -> WordCondition {
    let needed = conditions.filter { $0 != .any }
    return needed.isEmpty ? .any : needed.count == 1 ? needed[0] : .and(needed)
  }

  /// The query of the full-text index; `nil` where it cannot narrow anything. Words have no character that would need to
  /// be quoted within quotation marks.
  var query: String? {
    switch self {
    case .any: nil
    case .word(let word): "\"\(word)\""
    case .prefix(let word): "\"\(word)\"*"
    case .and(let conditions): "(" + conditions.compactMap(\.query).joined(separator: " AND ") + ")"
    case .or(let conditions): "(" + conditions.compactMap(\.query).joined(separator: " OR ") + ")"
    }
  }
}

extension WordCondition {
  /// What words a condition on spans needs.
  init(_ condition: TraceCondition) {
    switch condition {
    case .words(let words): self = Self.words(words.words, isPrefix: words.isPrefix)
    // A trace without an environment has no word for it.
    case .field(.env, let pattern) where pattern.fitsNoEnv: self = .any
    case .field(_, let pattern): self = Self.pattern(pattern)
    case .tag(let key, let pattern):
      let text = Self.key(key, isNumber: false)
      self = .or([
        TraceSpan.isSearched(tag: key) ? .all([text, Self.pattern(pattern)]) : text, Self.key(key, isNumber: true),
      ])
    case .tagNumber(let key, _, _), .tagRange(let key, _):
      self = .or([Self.key(key, isNumber: false), Self.key(key, isNumber: true)])
    case .number, .hasError, .isKept, .traceID: self = .any
    }
  }

  private static func words(_ words: [String], isPrefix: Bool) -> WordCondition {
    var conditions = words.map { WordCondition.word($0) }
    if isPrefix, let last = words.last { conditions[conditions.count - 1] = .prefix(last) }
    return .all(conditions)
  }

  private static func key(_ key: String, isNumber: Bool) -> WordCondition {
    var key = key
    return .word(key.withUTF8 { BlockWords.mark(of: UnsafeRawBufferPointer($0), isNumber: isNumber) })
  }

  /// A word at the begin of what follows a `*` may be the end of a longer one, and one at the end of what a `*` follows
  /// may be the begin of a longer one.
  private static func pattern(_ pattern: TextPattern) -> WordCondition {
    var conditions: [WordCondition] = []
    for (index, piece) in pattern.pieces.enumerated() {
      var words = SearchWords.words(of: piece)
      let isOpenAtEnd = index < pattern.pieces.count - 1 && piece.utf8.last.map(SearchWords.isPart) == true
      var isPrefix = isOpenAtEnd
      if index > 0, piece.utf8.first.map(SearchWords.isPart) == true, !words.isEmpty {
        words.removeFirst()
        if words.isEmpty { isPrefix = false }
      }
      conditions.append(Self.words(words, isPrefix: isPrefix))
    }
    return .all(conditions)
  }
}

extension WordCondition {
  /// Whether a chunk may fulfil it, by its bytes: `holds` says whether a run of lowercase ASCII is among them. Only words
  /// of ASCII can be looked for, and marks of keys not at all. In JSON, too, such words stand as they are: encoders escape
  /// neither letters nor digits.
  func mayHold(_ holds: ([UInt8]) -> Bool) -> Bool {
    switch self {
    case .any: true
    case .word(let word), .prefix(let word): word.utf8.contains { $0 >= 0x80 } || holds(Array(word.utf8))
    case .and(let conditions): conditions.allSatisfy { $0.mayHold(holds) }
    case .or(let conditions): conditions.contains { $0.mayHold(holds) }
    }
  }
}
