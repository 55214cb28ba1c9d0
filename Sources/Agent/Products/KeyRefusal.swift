import Synchronization

/// Remembers that an intake of a product has said that it does not know its key, until somebody asks.
final class KeyRefusal: Sendable {
  private let isNew = Atomic<Bool>(false)

  func note() { isNew.store(true, ordering: .relaxed) }

  /// Whether that was so since the last time.
  func take() -> Bool { isNew.exchange(false, ordering: .relaxed) }
}
