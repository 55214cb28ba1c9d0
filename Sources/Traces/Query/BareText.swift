import Text

/// Texts without quotes. In some of them stand signs that mean something in other query languages: who types them means
/// more than a text, and is told how that is written here.
struct BareText {
  /// What is wrong, and at which scalar of the text.
  struct Problem: Equatable {
    let offset: Int
    let message: String
  }

  private let text: String
  private let scalars: [Unicode.Scalar]

  init(_ text: String) {
    self.text = text
    scalars = Array(text.unicodeScalars)
  }

  /// Of a word to search for, and of a name before a colon; `nil` for one that says what it means.
  var problemAsWord: Problem? {
    if scalars.first == "!" { return Problem(offset: 0, message: "what is not wanted has - or NOT in front of it: -a") }
    for (offset, scalar) in scalars.enumerated() {
      switch scalar {
      case "=", "<", ">":
        return Problem(offset: offset, message: Self.comparison(scalars[..<offset], scalars[offset...]))
      case "*" where offset < scalars.count - 1:
        return Problem(
          offset: offset, message: "a word may end with *; anywhere else, * stands in values: resource:*out")
      default: if let problem = joining(at: offset, instead: "a OR b") { return problem }
      }
    }
    return nil
  }

  /// Of the text behind a colon; `nil` for one that says what it means.
  func problem(asValueOf name: String) -> Problem? {
    let shown = Self.shown(name)
    if scalars.first == "!" {
      return Problem(
        offset: 0, message: "what is not wanted is -\(shown):x; a value that begins with ! stands in quotes")
    }
    for offset in scalars.indices {
      if let problem = joining(at: offset, instead: "\(shown):(a OR b)") { return problem }
    }
    return nil
  }

  /// What is said of `|`, `||` and `&&` at a place; `nil` where none stands.
  private func joining(at offset: Int, instead: String) -> Problem? {
    let isOr = scalars[offset] == "|"
    guard isOr || scalars[offset...].starts(with: "&&".unicodeScalars) else { return nil }
    return Problem(
      offset: offset,
      message: isOr
        ? "either of two is \(instead); a text with | in it stands in quotes"
        : "both of two stand side by side: a b; a text with && in it stands in quotes")
  }

  /// What is said of a comparison without a colon, such as `duration>100ms`, `service=x` or `env!=prod`.
  private static func comparison(_ name: ArraySlice<Unicode.Scalar>, _ rest: ArraySlice<Unicode.Scalar>) -> String {
    let sign = String(rest[rest.startIndex])
    let isNegated = name.last == "!"
    let name = shown(String(String.UnicodeScalarView(isNegated ? name.dropLast() : name)))
    let signs = rest.prefix { "=<>~".unicodeScalars.contains($0) }
    let value = shown(String(String.UnicodeScalarView(rest.dropFirst(signs.count))))
    let isEqual = signs.allSatisfy { $0 == "=" || $0 == "~" }
    let comparison = isEqual ? "" : String(String.UnicodeScalarView(signs.filter { $0 != "~" }))
    let condition =
      name.isEmpty
      ? "duration:>100ms" : (isNegated ? "-" : "") + name + ":" + comparison + (value.isEmpty ? "…" : value)
    return "a condition has a colon: \(condition); a text with \(sign) in it stands in quotes"
  }

  private static func shown(_ text: String) -> String { safeText(String(text.prefix(40))) }
}
