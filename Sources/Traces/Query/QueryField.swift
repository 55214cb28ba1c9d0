/// What can be named before a colon, beside tags.
enum QueryField {
  case text(TraceField)
  case number(TraceNumber)
  case status
  case kept
  case trace

  /// The names that Datadog's own search has for the same are taken too.
  init?(name: String) {
    switch name {
    case "resource_name": self = .text(.resource)
    case "operation_name": self = .text(.operation)
    case "trace_id": self = .trace
    case "status": self = .status
    case "kept": self = .kept
    case "trace": self = .trace
    default:
      if let field = TraceField(rawValue: name) {
        self = .text(field)
      } else if let number = TraceNumber(rawValue: name) {
        self = .number(number)
      } else {
        return nil
      }
    }
  }

  /// The condition that a value makes of it.
  func filter(_ value: QueryValue) throws(TraceQueryError) -> TraceFilter {
    switch self {
    case .text(let field): return .condition(.field(field, TextPattern(value.text)))
    case .number(let number): return try value.numberFilter(number)
    case .status:
      switch value.text.lowercased() {
      case "error": return .condition(.hasError(true))
      case "ok": return .condition(.hasError(false))
      default: throw value.error("status is error or ok")
      }
    case .kept:
      switch value.text.lowercased() {
      case "true": return .condition(.isKept(true))
      case "false": return .condition(.isKept(false))
      default: throw value.error("kept is true or false")
      }
    case .trace:
      guard let prefix = TraceID.hexPrefix(of: value.text) else {
        throw value.error("a trace's id has up to 32 hexadecimal digits, or is a decimal number of 64 bits")
      }
      return .condition(.traceID(prefix: prefix))
    }
  }
}

extension TraceID {
  /// The hexadecimal digits that an id begins with, from how people type it: hexadecimal, or decimal as older tracers
  /// write it. A number of 17 digits and more that fits 64 bits is decimal.
  package static func hexPrefix(of text: String) -> String? {
    if text.utf8.count > 16, let low = decimal(text) { return hex(low) }
    let digits = text.hasPrefix("0x") ? text.dropFirst(2).lowercased() : text.lowercased()
    guard (1...32).contains(digits.utf8.count), digits.utf8.allSatisfy(isHexDigit) else { return nil }
    return digits
  }

  /// A number of decimal digits alone that fits 64 bits.
  static func decimal(_ text: String) -> UInt64? {
    text.utf8.allSatisfy { $0 &- 0x30 < 10 } ? UInt64(text) : nil
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || byte &- 0x61 < 6 }
}
