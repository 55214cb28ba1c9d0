/// Memory that an answer may take until it is written: claimed as long as this is held.
package final class AnswerClaim: Sendable {
  private let end: @Sendable () -> Void

  /// - Parameter end: called once, when the answer is done with.
  package init(_ end: @escaping @Sendable () -> Void) { self.end = end }

  deinit { end() }
}
