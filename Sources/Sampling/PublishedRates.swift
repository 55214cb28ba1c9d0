/// The sampling rates that tracers get in the answer to a payload.
package struct PublishedRates: Sendable, Equatable {
  /// Rates (0…1) by `service:NAME,env:ENV`; `service:,env:` is the rate of all others. Empty before the first rating.
  package private(set) var rates: [String: Double] = [:]
  /// Changes whenever a rate or the set of keys does.
  package private(set) var version = ""
  /// How often the rates have changed.
  package private(set) var changes: UInt64 = 0

  package init() {}

  /// Takes over new rates; returns whether anything changed.
  mutating func update(_ newRates: [String: Double], nowSeconds: Int64) -> Bool {
    let clamped = newRates.mapValues { max(0, min(1, $0)) }
    guard clamped != rates else { return false }
    rates = clamped
    changes &+= 1
    version = String(nowSeconds, radix: 16) + "-" + String(changes, radix: 16)
    return true
  }
}
