/// Why a call did not come whole to its handler.
package enum CallFailure: Error, Sendable, CaseIterable {
  /// A request of HTTP/2 that is no call of gRPC.
  case notGRPC
  /// What came is not one message in gRPC's frame.
  case malformed
  /// More bytes of headers than are taken, of this call or of all that are open.
  case headersTooLarge
  /// The message is larger than is taken.
  case messageTooLarge
  /// There is no memory for the message now.
  case noRoom
  /// The client took it back, or the connection ended.
  case unfinished
  /// It did not come whole in the time that a request has.
  case timedOut

  /// What the client is told. `nil` where nobody listens any more, and for what is no call.
  package var status: CallStatus? {
    switch self {
    case .notGRPC, .unfinished: nil
    case .malformed: CallStatus(.internalError, "a call has one message, in the frame that gRPC asks for")
    case .headersTooLarge: CallStatus(.resourceExhausted, "the headers are too large")
    case .messageTooLarge: CallStatus(.resourceExhausted, "the message is larger than roost takes")
    case .noRoom: CallStatus(.unavailable, "roost has no memory left for this message")
    case .timedOut: CallStatus(.deadlineExceeded, "the message did not come whole in time")
    }
  }
}
