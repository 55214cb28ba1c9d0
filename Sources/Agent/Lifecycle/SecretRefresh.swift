import Configuration

/// When secrets are asked for again: decides, asks nobody.
struct SecretRefresh: Sendable {
  private let interval: Duration
  private let keyFailureInterval: Duration
  private var next: ContinuousClock.Instant?
  private var askedAt: ContinuousClock.Instant?

  /// - Parameters:
  ///   - hasSecrets: there is something to ask for.
  ///   - share: the first time is after this part of the interval, so that agents that were started together do not ask
  ///     together; 0…1.
  init(_ backend: SecretBackend, hasSecrets: Bool, now: ContinuousClock.Instant, share: Double) {
    interval = hasSecrets ? backend.refreshInterval : .zero
    keyFailureInterval = hasSecrets ? backend.keyFailureInterval : .zero
    next = interval > .zero ? now + interval * min(max(share, 0), 1) : nil
  }

  /// Whether they are to be asked for now.
  /// - Parameter isKeyRefused: an intake says that it does not know the key; looked at only when it matters.
  mutating func isDue(_ now: ContinuousClock.Instant, isKeyRefused: () -> Bool) -> Bool {
    if let next, now >= next {
      self.next = now + interval
      askedAt = now
      return true
    }
    guard keyFailureInterval > .zero, askedAt.map({ now - $0 >= keyFailureInterval }) ?? true, isKeyRefused() else {
      return false
    }
    askedAt = now
    return true
  }
}
