/// What of the traces that were answered a sudden end of the agent may cost.
package enum DurabilityKind: String, Sendable, Equatable, CaseIterable {
  /// What came in the last second.
  case normal
  /// Nothing: they are on disk before they are answered.
  case strict

  init(reading text: String) throws(BadValue) {
    guard let kind = DurabilityKind(rawValue: text.lowercased()) else {
      throw BadValue("\(QuotedText.quoted(text)) is neither normal nor strict")
    }
    self = kind
  }
}
