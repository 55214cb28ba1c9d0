import Platform

/// One request and what has become of it; belongs to the daemon's thread, but for the answer that another one makes.
final class PageExchange: @unchecked Sendable {
  enum Step {
    /// The head is being looked at.
    case head
    /// The guard has let it through.
    case ready
    /// The connection sleeps until another thread has made the answer.
    case waiting
    case answered
  }

  /// The target of the request line, as it was sent.
  let target: String
  /// What the guard let through; empty before.
  var head: RequestHead?
  var step = Step.head
  /// Set before the connection is woken.
  let made = Lock<MadeAnswer?>(nil)

  init(target: String) { self.target = target }
}
