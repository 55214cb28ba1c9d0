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
    case .text(let field): return .condition(.field(field, try value.pattern(of: field.rawValue)))
    case .number(let number): return try value.numberFilter(number)
    case .status:
      switch value.text.lowercased() {
      case "error": return .condition(.hasError(true))
      case "ok": return .condition(.hasError(false))
      default: throw value.error("status is error or ok; that of HTTP is http.status_code:500")
      }
    case .kept:
      switch value.text.lowercased() {
      case "true": return .condition(.isKept(true))
      case "false": return .condition(.isKept(false))
      default: throw value.error("kept is true or false")
      }
    case .trace:
      guard let prefix = TraceID.hexPrefix(of: value.text) else {
        throw value.error("a trace's id has up to 32 hexadecimal digits, or is a decimal number of 128 bits at most")
      }
      return .condition(.traceID(prefix: prefix))
    }
  }
}
