/// The key that a Datadog intake knows the account by. Printing it in any way shows at most its last four characters.
package struct APIKey: Sendable, Equatable {
  /// The key itself, for the `DD-Api-Key` header and nothing else.
  package let secret: String

  /// White space and quotes around the key are stripped, as the Datadog trace-agent does: keys are pasted. Nil when
  /// nothing is left.
  package init?(_ text: String) {
    var rest = text[...]
    while let last = rest.last, last.isWhitespace || last == "\"" || last == "'" { rest.removeLast() }
    rest = rest.drop { $0.isWhitespace || $0 == "\"" || $0 == "'" }
    guard !rest.isEmpty else { return nil }
    secret = String(rest)
  }

  /// 32 hexadecimal digits, as every key of Datadog's.
  package var isWellFormed: Bool {
    secret.utf8.count == 32
      && secret.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x66) }
  }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// `…cdef`. A text too short to be a key is not shown at all, four characters would be most of it.
  package var description: String { secret.count < 16 ? "…" : "…\(secret.suffix(4))" }
  /// The same: a dump must not show more than a print.
  package var debugDescription: String { description }
  /// Without children, so that `dump` finds nothing.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
