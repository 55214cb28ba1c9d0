import Exporting
import Platform

/// Who wants to hear that a payload would survive the agent's sudden end: it has left, is on disk, or was given up.
final class PayloadReceipts: Sendable {
  private struct State: Sendable {
    var next: OutgoingPayload.Receipt = 1
    var waiting: [OutgoingPayload.Receipt: @Sendable () -> Void] = [:]
  }

  private let state = Lock(State())

  /// The receipt for a payload.
  /// - Parameter onSafe: called once, on the forwarder's thread.
  func make(_ onSafe: @escaping @Sendable () -> Void) -> OutgoingPayload.Receipt {
    state.withLock { state in
      defer { state.next += 1 }
      state.waiting[state.next] = onSafe
      return state.next
    }
  }

  /// Tells whoever waits for it that a payload is safe.
  func settle(_ receipt: OutgoingPayload.Receipt) {
    let waiting = state.withLock { $0.waiting.removeValue(forKey: receipt) }
    waiting?()
  }
}
