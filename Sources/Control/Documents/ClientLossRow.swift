import JSON

/// What one client lost on the way in, for one reason: traces that made no sense, and requests that were not taken.
package struct ClientLossRow: Sendable, Equatable, Codable {
  /// Language and tracer version, such as `python 4.16.0`, or its `User-Agent`; empty when it did not say.
  package var client: String
  /// Service of the traces, as tables show it; empty for requests, and where it is not told apart.
  package var service: String
  /// What became of it: `dropped`, `refused` or `faulty`.
  package var loss: Loss
  /// As under `dropped` and `refused` in `InfoAnswer`; docs/accounting.md explains each.
  package var reason: String
  /// Requests that were refused or dropped whole.
  package var requests: UInt64 = 0
  /// Traces that are concerned; of refused requests as many as the client announced.
  package var traces: UInt64 = 0
  /// One of the traces: its id, a span, and what was wrong; `nil` for requests.
  package var example: String?
  /// When it last happened, nanoseconds since 1970.
  @Timestamp package var lastSeenNs: Int64

  /// The client of the rows that are sums of what clients without a row of their own lost.
  package static let othersName = "other clients"

  /// Whether it is the sum of clients and services without a row of their own.
  package var isOfOthers: Bool { client == Self.othersName && service.isEmpty }

  /// What can become of something that a client sent and the agent does not use.
  package enum Loss: String, Sendable, Codable {
    /// Answered as if it had been taken.
    case dropped
    /// Answered with an error, so that the client knows.
    case refused
    /// Taken, with spans that make no sense, so that statistics may lack them.
    case faulty
  }

  /// Nothing lost yet, to be added to.
  package init(client: String, service: String = "", loss: Loss, reason: String, lastSeenNs: Int64) {
    self.client = client
    self.service = service
    self.loss = loss
    self.reason = reason
    self.lastSeenNs = lastSeenNs
  }
}

extension ClientLossRow: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["loss": "what", "lastSeenNs": "last_seen"]
}

/// A service whose traces were dropped because they make no sense.
package struct DroppedServiceRow: Sendable, Equatable, Codable {
  /// As the traces' first spans name it.
  package var service: String
  /// Why they were dropped, each reason once.
  package var reasons: [String]
  /// Traces that were dropped since the agent started.
  package var traces: UInt64
  /// True when it may be more, because rows of some clients were given up and count as `ClientLossRow.othersName` now.
  package var isAtLeast: Bool?
  /// Whether none of the service was counted in the time of the table: all that it sent was dropped.
  package var isAll: Bool
  /// When one was last dropped, nanoseconds since 1970.
  @Timestamp package var lastSeenNs: Int64

  /// What was dropped of one service.
  package init(service: String, reasons: [String], traces: UInt64, isAll: Bool, lastSeenNs: Int64) {
    self.service = service
    self.reasons = reasons
    self.traces = traces
    self.isAll = isAll
    self.lastSeenNs = lastSeenNs
  }
}

extension DroppedServiceRow: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["lastSeenNs": "last_seen"]
}
