/// Spreads ids over the slots of a table. Tracers' ids begin alike or end alike, or follow each other; and with another seed
/// in each table nobody can choose ids that all come to the same slot.
struct IDHash {
  private let seed: (UInt64, UInt64)

  /// - Parameter seed: known only in tests.
  init(seed: (UInt64, UInt64) = (.random(in: 0 ... .max), .random(in: 0 ... .max))) {
    self.seed = (seed.0, seed.1 | 1)
  }

  /// A number of 32 bits.
  @inline(__always)
  func callAsFunction(_ id: UInt64) -> Int {
    // Both halves, and once more: the product of a row of ids is a row again, which can come to few slots.
    let product = (id ^ seed.0).multipliedFullWidth(by: seed.1)
    return Int(truncatingIfNeeded: ((product.high ^ product.low) &* 0x9E37_79B9_7F4A_7C15) >> 32)
  }
}
