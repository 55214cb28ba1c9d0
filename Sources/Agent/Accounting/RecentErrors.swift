import Control
import Platform

/// The last few things that went wrong, for `roost info`.
final class RecentErrors: Sendable {
  private static let kept = 16
  private let errors = Lock<[RecentError]>([])

  func add(_ message: String, atNs: Int64) {
    errors.withLock { errors in
      errors.insert(RecentError(atNs: atNs, message: message), at: 0)
      if errors.count > Self.kept { errors.removeLast() }
    }
  }

  /// The newest first, 16 at most.
  var all: [RecentError] { errors.withLock { $0 } }
}
