/// When the agent gives back memory that only work needs: decides, touches nothing.
///
/// That is once when it has started, and again each time it has done nothing for a while after it did something; never
/// while requests come in, for then the pages would be read again at once.
struct QuietWatch: Sendable {
  /// Looks in a row, one a second, without activity. Reading the pages again takes a millisecond at most, so a client that
  /// comes every few seconds may cause it each time.
  private static let quietLooks = 2

  private var activity: Int
  /// Looks since the last activity, as far as they matter; `nil` when what there is was given back.
  private var looks: Int?

  /// - Parameter activity: what had been done when the agent started.
  init(activity: Int) {
    self.activity = activity
    looks = Self.quietLooks - 1
  }

  /// Whether it is time. To be asked once a second.
  /// - Parameter activity: any number that changes when something is done.
  mutating func isReleaseDue(activity: Int) -> Bool {
    if activity != self.activity {
      self.activity = activity
      looks = 0
      return false
    }
    guard let before = looks else { return false }
    let isDue = before + 1 >= Self.quietLooks
    looks = isDue ? nil : before + 1
    return isDue
  }
}
