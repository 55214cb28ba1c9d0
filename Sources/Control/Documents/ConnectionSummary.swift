import JSON

/// The agent's connections since it started, and what went wrong with them.
package struct ConnectionSummary: Sendable, Equatable, Codable {
  /// How many are open now.
  package var open: UInt64 = 0
  /// How many clients connected in all.
  package var accepted: UInt64 = 0
  /// Closed because nothing came, or no answer was taken, for the idle time.
  package var idleClosed: UInt64 = 0
  /// Requests that broke HTTP's rules.
  package var malformed: UInt64 = 0
  /// Closed in favour of new ones because as many were open as are allowed: silent or unfinished ones.
  package var gaveWay: UInt64 = 0
  /// How often new clients had to wait because as many connections were open as are allowed, and all of them busy.
  package var acceptPauses: UInt64 = 0
  /// How often a connection could not be accepted for want of descriptors or memory.
  package var descriptorsExhausted: UInt64 = 0
  /// How often a connection could not be accepted for another reason.
  package var acceptErrors: UInt64 = 0
  /// Bytes of memory that bodies take up that are still arriving.
  package var bodyBytesInFlight: UInt64 = 0

  /// All zero, to be filled in.
  package init() {}
}

extension ConnectionSummary: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["acceptPauses": "waits_for_room"]
}
