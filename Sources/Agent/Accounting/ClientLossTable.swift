import Control
import Scrubbing

/// What each client lost on the way in, by service and reason.
///
/// Bounded as `ClientIssueTable` is, and holds no secrets: a text is cleaned once, when it gets a row.
struct ClientLossTable: Sendable {
  static let rowsMax = 200
  /// Characters of a client's or a service's name.
  static let textMax = 100
  /// Rows that are left for reasons not seen yet; clients beyond the others share a row for each reason.
  private static let reserved = 40
  private static let othersName = "other clients"

  private(set) var rows: [ClientLossRow] = []
  /// What made each of `rows`, as a hash of it: texts as they came.
  private var origins: [Int] = []

  /// What was lost at one time.
  struct Loss {
    let loss: ClientLossRow.Loss
    let reason: String
    var client = ""
    var service = ""
    var requests: UInt64 = 0
    var traces: UInt64 = 0
    var example: String?
    let atNs: Int64
  }

  mutating func add(_ loss: Loss) {
    var hasher = Hasher()
    for text in [loss.client, loss.service, loss.loss.rawValue, loss.reason] { hasher.combine(text) }
    let origin = hasher.finalize()
    let row = origins.firstIndex(of: origin) ?? newRow(loss, origin)
    rows[row].requests &+= loss.requests
    rows[row].traces &+= loss.traces
    rows[row].lastSeenNs = max(rows[row].lastSeenNs, loss.atNs)
    if let example = loss.example { rows[row].example = example }
  }

  /// Adds what another thread has counted.
  mutating func add(_ other: ClientLossTable) {
    for row in other.rows {
      add(
        Loss(
          loss: row.loss, reason: row.reason, client: row.client, service: row.service, requests: row.requests,
          traces: row.traces, example: row.example, atNs: row.lastSeenNs))
    }
  }

  private mutating func newRow(_ loss: Loss, _ origin: Int) -> Int {
    let isFull = rows.count >= Self.rowsMax - Self.reserved
    let client = isFull ? Self.othersName : Self.shown(loss.client)
    let service = isFull ? "" : Self.shown(loss.service)
    let known = rows.firstIndex {
      $0.client == client && $0.service == service && $0.loss == loss.loss && $0.reason == loss.reason
    }
    if let known { return known }
    // Reasons are few, so that this is never reached; a row more would be no harm.
    if rows.count >= Self.rowsMax { return rows.count - 1 }
    rows.append(
      ClientLossRow(
        client: client, service: service, loss: loss.loss, reason: loss.reason, lastSeenNs: loss.atNs))
    origins.append(isFull ? 0 : origin)
    return rows.count - 1
  }

  private static func shown(_ text: String) -> String { Scrubber.scrub(text, shownMax: textMax) }
}
