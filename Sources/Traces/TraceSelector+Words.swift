extension TraceSelector {
  /// Reads what is typed behind `roost trace`: an id, `last`, `slowest SERVICE RESOURCE` or `error SERVICE`; `nil` for
  /// anything else.
  package init?(words: [String]) {
    switch (words.first, words.count) {
    case ("last", 1): self = .last
    case ("slowest", 3): self = .slowest(service: words[1], resource: words[2])
    case ("error", 2): self = .error(service: words[1])
    case (let id?, 1):
      // Hexadecimal ids of that many digits without a letter among them hardly occur.
      if id.utf8.count > 16, let decimal = TraceID(decimal: id), decimal.high == 0 {
        self = .low(decimal.low)
      } else {
        guard let prefix = TraceID.hexPrefix(of: id) else { return nil }
        self = .hexPrefix(prefix)
      }
    default: return nil
    }
  }

  /// What is typed for it.
  package var words: [String] {
    switch self {
    case .hexPrefix(let digits): [TraceID.typed(hexPrefix: digits)]
    case .low(let low): [String(low)]
    case .last: ["last"]
    case .slowest(let service, let resource): ["slowest", service, resource]
    case .error(let service): ["error", service]
    }
  }

  /// What else the same digits may mean: an id without a letter in it is hexadecimal or decimal.
  fileprivate var otherReading: TraceSelector? {
    switch self {
    case .hexPrefix(let digits):
      // The digits of a decimal id of more than 64 bits were hexadecimal all the same when there is no such id.
      if let number = UInt128(digits, radix: 16), number > UInt64.max, String(number).utf8.count <= 32 {
        .hexPrefix(String(number))
      } else {
        TraceID(decimal: digits).flatMap { $0.high == 0 ? .low($0.low) : nil }
      }
    case .low(let low): .hexPrefix(String(low))
    case .last, .slowest, .error: nil
    }
  }
}

extension TraceReading {
  /// The trace of a selector, also where its digits can be read in two ways and only the less likely one leads to a trace.
  package func find(_ selector: TraceSelector) throws(Failure) -> TraceLookup {
    let lookup = try trace(selector)
    guard case .none = lookup, let other = selector.otherReading else { return lookup }
    return try trace(other)
  }
}
