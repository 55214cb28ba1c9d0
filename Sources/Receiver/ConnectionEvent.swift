/// What the handler wants to hear of again when the connection closes; each server gives the bits its own meaning.
package struct AnswerMarks: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }
}

/// Something about a connection that no request shows.
package enum ConnectionEvent: Sendable, Equatable {
  /// It began with something other than HTTP. What it sent is refused like any malformed request.
  case foreign(ForeignProtocol, peer: PeerIdentity)
  /// The client closed it before it had sent a byte.
  case silent(peer: PeerIdentity)
  /// It was closed in favour of a new one, because no place was left: it had been silent or unfinished for `sinceMs`.
  case gaveWay(owner: PlaceOwner, sinceMs: UInt64)
  /// It ended, `ageMs` after its first byte; `marks` are those of all answers that it was given.
  case closed(marks: AnswerMarks, peer: PeerIdentity, ageMs: UInt64)
}
