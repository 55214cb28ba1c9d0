extension Duration {
  /// Whole milliseconds, rounded up, never negative; `Int64.max` when there are more.
  package var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    guard !overflow else { return .max }
    let (sum, overflowed) = product.addingReportingOverflow((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    return overflowed ? .max : sum
  }
}
