/// What a look at the agent, one a second, should do: decides, touches nothing.
///
/// An agent that does nothing should cost nothing, memory included. So some time after the last request there are no more
/// looks at what may be due, which would bring pages of code back, and memory that only work needs is given back: when
/// requests have just ended, and again when all that they left behind is done.
struct QuietWatch: Sendable {
  /// What is to be done now, in this order.
  struct Step: Sendable, Equatable {
    /// Whether payloads or statistics may be due.
    var works = false
    /// Whether to give back memory that only work needs.
    var releases = false
  }

  /// Looks without activity before memory is given back. Reading the pages again takes a millisecond at most, so a client
  /// that comes every few seconds may cause it each time.
  private static let quietLooks = 2
  /// While all is quiet, each so many looks work as usual: the history forgets, and a clock may have been set.
  private static let restingLooks = 60

  private let settlingLooks: Int
  private var activity: Int
  /// Looks since the last activity.
  private var looks: Int

  /// - Parameters:
  ///   - activity: what had been done when the agent started.
  ///   - settlingLooks: seconds until all is sent and counted that a request leaves behind; nothing is due after that.
  init(activity: Int, settlingLooks: Int) {
    self.activity = activity
    self.settlingLooks = max(Self.quietLooks + 1, settlingLooks)
    looks = self.settlingLooks - 1
  }

  /// The step that is due. To be called once a second.
  /// - Parameter activity: any number that changes when something is done.
  mutating func next(activity: Int) -> Step {
    if activity != self.activity {
      self.activity = activity
      looks = 0
      return Step(works: true)
    }
    looks += 1
    if looks < settlingLooks { return Step(works: true, releases: looks == Self.quietLooks) }
    let rested = looks - settlingLooks
    if rested >= Self.restingLooks { looks = settlingLooks }
    let isDue = rested == 0 || rested >= Self.restingLooks
    return Step(works: isDue, releases: isDue)
  }
}
