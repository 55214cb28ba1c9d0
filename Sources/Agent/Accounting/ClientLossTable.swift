import Control
import Scrubbing

/// What each client lost on the way in, by service and reason.
///
/// Bounded as `ClientIssueTable` is, and holds no secrets: a text is cleaned once, when it gets a row.
struct ClientLossTable: Sendable {
  static let rowsMax = 200
  /// Characters of a client's or a service's name.
  static let textMax = 100
  /// Rows that are left to what clients without a row of their own lost: one for each reason, and reasons are fewer.
  private static let reserved = 40
  fileprivate static let othersName = "other clients"

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

  /// - Returns: its row in `rows`.
  @discardableResult
  mutating func add(_ loss: Loss) -> Int {
    var hasher = Hasher()
    for text in [loss.client, loss.service, loss.loss.rawValue, loss.reason] { hasher.combine(text) }
    let origin = hasher.finalize()
    let row = origins.firstIndex(of: origin) ?? newRow(loss, origin)
    rows[row].requests &+= loss.requests
    rows[row].traces &+= loss.traces
    rows[row].lastSeenNs = max(rows[row].lastSeenNs, loss.atNs)
    if let example = loss.example { rows[row].example = example }
    return row
  }

  /// Gives an example to a row that has none.
  mutating func describe(row: Int, as example: String) { rows[row].example = example }

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
    if loss.client == Self.othersName { return sharedRow(loss.loss, loss.reason, atNs: loss.atNs) }
    var row = ClientLossRow(
      client: Self.shown(loss.client), service: Self.shown(loss.service), loss: loss.loss, reason: loss.reason,
      lastSeenNs: loss.atNs)
    let known = rows.firstIndex {
      $0.client == row.client && $0.service == row.service && $0.loss == row.loss && $0.reason == row.reason
    }
    if let known { return known }
    guard let oldest = placeOfOldest else {
      rows.append(row)
      origins.append(origin)
      return rows.count - 1
    }
    // Of tables that are put together, the newest rows stay.
    guard row.lastSeenNs >= rows[oldest].lastSeenNs else {
      return sharedRow(row.loss, row.reason, atNs: row.lastSeenNs)
    }
    swap(&rows[oldest], &row)
    origins[oldest] = origin
    // What was counted stays in the sums.
    let shared = sharedRow(row.loss, row.reason, atNs: row.lastSeenNs)
    rows[shared].requests &+= row.requests
    rows[shared].traces &+= row.traces
    rows[shared].lastSeenNs = max(rows[shared].lastSeenNs, row.lastSeenNs)
    return oldest
  }

  /// The row of a client that was seen longest ago, whose place another has to take; `nil` while there is place.
  private var placeOfOldest: Int? {
    let own = rows.indices.filter { !rows[$0].isOfOthers }
    guard own.count >= Self.rowsMax - Self.reserved else { return nil }
    return own.min { rows[$0].lastSeenNs < rows[$1].lastSeenNs }
  }

  /// The row for all clients without one, by what was lost and why.
  private mutating func sharedRow(_ loss: ClientLossRow.Loss, _ reason: String, atNs: Int64) -> Int {
    let known = rows.firstIndex { $0.isOfOthers && $0.loss == loss && $0.reason == reason }
    if let known { return known }
    rows.append(ClientLossRow(client: Self.othersName, loss: loss, reason: reason, lastSeenNs: atNs))
    origins.append(0)
    return rows.count - 1
  }

  /// A name as rows have it, to compare others with.
  static func shown(_ text: String) -> String { Scrubber.scrub(text, shownMax: textMax) }
}

extension ClientLossRow {
  /// Whether it is the sum of clients and services without a row of their own.
  var isOfOthers: Bool { client == ClientLossTable.othersName && service.isEmpty }
}
