/// Collapses lists: `?, ?, ?` becomes `?`, and `(?, ?), (?, ?)` becomes `( ? )`.
struct SQLGrouping {
  /// What becomes of a token.
  enum Decision {
    case write, drop
    /// A subquery begins where a further list was expected: the parenthesis that was dropped is due.
    case writeBehindParenthesis
  }

  /// Values of the list so far.
  private var values = 0
  /// Lists that have followed one another so far.
  private var lists = 0

  /// Decides on a token, and says by `kind` what the next one shall see in its place.
  /// - Parameter last: what the token before has become.
  @inline(__always) mutating func decide(_ kind: inout SQLTokenKind, after last: SQLTokenKind) -> Decision {
    let isGroupable = kind.isGroupable
    if (last == .openParenthesis && isGroupable) || (kind == .openParenthesis && lists > 0) { lists &+= 1 }
    if lists > 0, last == .groupableParenthesis, kind.startsSubquery {
      self = SQLGrouping()
      return .writeBehindParenthesis
    }
    if isGroupable {
      values &+= 1
      return values > 1 ? drop(&kind) : .write
    }
    if values > 0, kind == .comma || kind == .question { return drop(&kind) }
    if lists > 1 { return drop(&kind) }
    if kind != .comma, kind != .openParenthesis, kind != .closeParenthesis { self = SQLGrouping() }
    return .write
  }

  @inline(__always) private func drop(_ kind: inout SQLTokenKind) -> Decision {
    kind = kind == .openParenthesis ? .groupableParenthesis : .groupable
    return .drop
  }
}
