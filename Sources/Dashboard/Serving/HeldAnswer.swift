import Synchronization

/// Bytes of answers that browsers have not taken yet, all of them together. One that asks for much and reads nothing
/// would else fill the memory.
final class AnswerBudget: Sendable {
  /// So many bytes wait at most.
  static let bytesMax = 64 << 20
  /// An answer of so few bytes is given in any case: it may say that another one is not.
  private static let smallBytes = 64 << 10

  private let held = Atomic<Int>(0)

  /// False when there is no capacity for so many bytes.
  func take(_ count: Int) -> Bool {
    let (_, sum) = held.add(count, ordering: .relaxed)
    if sum <= Self.bytesMax || count <= Self.smallBytes { return true }
    give(count)
    return false
  }

  func give(_ count: Int) { held.subtract(count, ordering: .relaxed) }
}

/// The bytes of one answer, until its browser has taken them or has gone.
final class HeldAnswer: Sendable {
  private let budget: AnswerBudget
  private let count: Int
  /// Stays where it is, unlike an array's memory.
  nonisolated(unsafe) let start: UnsafeMutableRawPointer

  /// `nil` when too much is held already.
  init?(_ bytes: [UInt8], _ budget: AnswerBudget) {
    guard budget.take(bytes.count) else { return nil }
    self.budget = budget
    count = bytes.count
    start = .allocate(byteCount: max(bytes.count, 1), alignment: 1)
    bytes.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { start.copyMemory(from: base, byteCount: bytes.count) }
    }
  }

  deinit {
    start.deallocate()
    budget.give(count)
  }
}
