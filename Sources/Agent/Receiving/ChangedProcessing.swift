import Platform
import Processing
import Synchronization

/// Steps of processing that take the place of those that the agent has started with: each receiving thread looks at the
/// beginning of a payload whether there are others.
final class ChangedProcessing: Sendable {
  private let current = Lock<[any ProcessingStep]>([])
  private let changes = Atomic<Int>(0)

  /// Counts how often they have changed; 0 while those of the start hold.
  var version: Int { changes.load(ordering: .acquiring) }

  /// The steps in force, once they have changed.
  var steps: [any ProcessingStep] { current.withLock { $0 } }

  func replace(by steps: [any ProcessingStep]) {
    current.withLock { $0 = steps }
    changes.add(1, ordering: .releasing)
  }
}
