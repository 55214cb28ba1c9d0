extension TraceFilter {
  /// Reads a query as it is typed; an empty one stands for every trace. docs/queries.md describes the language.
  package init(parsing text: String) throws(TraceQueryError) {
    var parser = TraceQueryParser(text, limits: .typed)
    self = try parser.filter()
  }

  /// Reads a filter's description, which may hold more than a person may type: options add conditions to a query, and
  /// what is short for several is written out.
  package init(described text: String) throws(TraceQueryError) {
    var parser = TraceQueryParser(text, limits: .described)
    self = try parser.filter()
  }

  /// Every one of some filters: without needless levels, so that a filter has one form only.
  package static func allOf(_ filters: [TraceFilter]) -> TraceFilter {
    let parts = filters.flatMap { filter -> [TraceFilter] in
      if case .and(let inner) = filter { inner } else { [filter] }
    }
    return parts.count == 1 ? parts[0] : .and(parts)
  }

  /// At least one of some filters: without needless levels.
  package static func anyOf(_ filters: [TraceFilter]) -> TraceFilter {
    let parts = filters.flatMap { filter -> [TraceFilter] in if case .or(let inner) = filter { inner } else { [filter] }
    }
    return parts.count == 1 ? parts[0] : .or(parts)
  }
}

extension TraceFilter: CustomStringConvertible {
  /// The query in its usual form, which reads back as the same filter; empty for every trace.
  package var description: String { self == .all ? "" : text(in: .top) }

  /// What a part stands in: within a conjunction alternatives need parentheses, under a negation all lists do.
  private enum Surrounding { case top, conjunction, negation }

  private func text(in surrounding: Surrounding) -> String {
    switch self {
    case .and([]): return "*"
    case .or([]): return "-*"
    case .and(let parts):
      let text = parts.map { $0.text(in: .conjunction) }.joined(separator: " ")
      return surrounding == .negation ? "(\(text))" : text
    case .or(let parts):
      let text = parts.map { $0.text(in: .top) }.joined(separator: " OR ")
      return surrounding == .top ? text : "(\(text))"
    case .not(let part): return "-" + part.text(in: .negation)
    case .condition(let condition): return condition.description
    }
  }
}

extension TraceCondition: CustomStringConvertible {
  /// The condition as it is typed.
  package var description: String {
    switch self {
    case .words(let words):
      let text = words.words.joined(separator: " ") + (words.isPrefix ? "*" : "")
      return words.words.count == 1 ? text : Self.quote(text)
    case .field(let field, let pattern): return "\(field.rawValue):\(Self.value(pattern))"
    case .tag(let key, let pattern): return "\(Self.name(key)):\(Self.value(pattern))"
    case .tagNumber(let key, let comparison, let number):
      return "\(Self.name(key)):\(comparison.rawValue)\(TraceSpan.text(of: number))"
    case .tagRange(let key, let range):
      return "\(Self.name(key)):\(TraceSpan.text(of: range.lowerBound))..\(TraceSpan.text(of: range.upperBound))"
    case .number(let number, let comparison, let value):
      let text = number == .duration ? QueryDuration.text(value) : String(value)
      return "\(number.rawValue):\(comparison == .equal ? "" : comparison.rawValue)\(text)"
    case .hasError(let wanted): return wanted ? "status:error" : "status:ok"
    case .isKept(let wanted): return "kept:\(wanted)"
    case .traceID(let prefix): return "trace:\(TraceID.typed(hexPrefix: prefix))"
    }
  }

  /// A tag's name, with `@` and quotes where it would read as something else.
  private static func name(_ key: String) -> String {
    let needsNoQuotes =
      !key.isEmpty && key.unicodeScalars.allSatisfy { isPlain($0) && $0 != ":" && $0 != "*" }
      && BareText(key).problemAsWord == nil
    guard needsNoQuotes else { return "@" + quote(key) }
    let isSign = key.unicodeScalars.first == "-" || key.unicodeScalars.first == "@"
    return isSign || QueryField(name: key) != nil || QueryField.mistake(key) != nil ? "@" + key : key
  }

  /// A text, in quotes where it would read as something else without them.
  private static func value(_ pattern: TextPattern) -> String {
    let text = pattern.pieces.joined(separator: "*")
    let hasStar = pattern.pieces.contains { $0.unicodeScalars.contains("*") }
    let scalars = text.unicodeScalars
    // Behind a colon two slashes would make an address of it.
    let isBare =
      !hasStar && !text.isEmpty && !scalars.starts(with: "//".unicodeScalars) && scalars.allSatisfy(isPlain)
      && !text.contains("..")
      && !"<>=".unicodeScalars.contains(scalars[scalars.startIndex]) && BareText(text).problem(asValueOf: "") == nil
    return isBare ? text : "\"" + pattern.pieces.map { escape($0, "\"\\*") }.joined(separator: "*") + "\""
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    !TraceQueryParser.isSpace(scalar) && scalar != "\"" && scalar != "(" && scalar != ")"
  }

  private static func quote(_ text: String) -> String { "\"" + escape(text, "\"\\") + "\"" }

  /// Puts a backslash in front of some signs.
  private static func escape(_ text: String, _ signs: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if signs.unicodeScalars.contains(scalar) { escaped.append("\\") }
      escaped.append(scalar)
    }
    return String(escaped)
  }
}

extension TraceFilter {
  /// The names that stand before a colon for other things than tags.
  package static let fieldNames =
    TraceField.allCases.map(\.rawValue) + TraceNumber.allCases.map(\.rawValue) + ["status", "kept", "trace"]

  /// The words that are asked for each alone, in their order.
  package var words: [String] {
    switch self {
    case .and(let parts), .or(let parts): parts.flatMap(\.words)
    case .not(let part): part.words
    case .condition(.words(let words)): words.words.count == 1 ? words.words : []
    case .condition: []
    }
  }

  /// The tags that are asked for, in their order.
  package var tagKeys: [String] {
    switch self {
    case .and(let parts), .or(let parts): parts.flatMap(\.tagKeys)
    case .not(let part): part.tagKeys
    case .condition(.tag(let key, _)), .condition(.tagNumber(let key, _, _)), .condition(.tagRange(let key, _)): [key]
    case .condition: []
    }
  }
}
