import Platform

/// Where a store keeps what it has.
package enum StoreLocation: Sendable, Equatable {
  /// A file, made where it is missing.
  case file(String)
  /// The memory of this process, for as long as the store is open. Stores with different numbers have nothing in common.
  case memory(Int)

  /// Another place in memory at each call.
  package static func newMemory() -> StoreLocation {
    .memory(
      numbers.withLock {
        $0 += 1; return $0
      })
  }

  /// Whether it is gone with the process.
  var isMemory: Bool { if case .memory = self { true } else { false } }

  private static let numbers = Lock(0)
}

extension StoreLocation: CustomStringConvertible {
  /// As it is written in the configuration.
  package var description: String {
    switch self {
    case .file(let path): path
    case .memory: ":memory:"
    }
  }
}
