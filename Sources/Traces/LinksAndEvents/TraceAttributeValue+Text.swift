extension TraceAttributeValue {
  /// The value for people; a list in brackets.
  package var text: String {
    switch self {
    case .text(let text): text
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .double(let value): TraceSpan.text(of: value)
    case .array(let elements): "[" + elements.prefix(20).map(\.text).joined(separator: ", ") + "]"
    }
  }
}
