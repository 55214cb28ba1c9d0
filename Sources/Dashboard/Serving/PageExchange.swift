import Platform

/// One request and what has become of it; belongs to the daemon's thread, but for what the doctor says.
final class PageExchange: @unchecked Sendable {
  enum Step {
    /// The head is being looked at.
    case head
    /// The guard has let it through.
    case ready
    /// The connection sleeps until the doctor has said something.
    case waiting
    case answered
  }

  /// The target of the request line, as it was sent.
  let target: String
  /// What the guard let through; empty before.
  var head: RequestHead?
  var step = Step.head
  /// Set before the connection is woken.
  let outcome = Lock<DoctorOutcome?>(nil)

  init(target: String) { self.target = target }
}
