import Control
import Receiver
import Scrubbing

/// What each client lost on the way in, by service and reason.
///
/// Bounded as `ClientIssueTable` is, and holds no secrets: a text is cleaned once, when it gets a row. When it is full, the
/// sender with the most rows gives up the one that counted least, so that nobody who makes up names takes others' rows.
struct ClientLossTable: Sendable {
  static let rowsMax = 200
  /// Characters of a client's or a service's name.
  static let textMax = 100
  /// Rows that are left to what clients without a row of their own lost: one for each reason, and reasons are fewer.
  private static let reserved = 40

  private(set) var rows: [ClientLossRow] = []
  /// What made each of `rows`, as a hash of it: texts as they came.
  private var origins: [Int] = []
  /// From where each of `rows` came.
  private var senders: [PeerIdentity] = []

  /// What was lost at one time.
  struct Loss {
    let loss: ClientLossRow.Loss
    let reason: String
    var client = ""
    /// From where it came, without what differs between a sender's connections.
    var sender = PeerIdentity.unknown
    var service = ""
    var requests: UInt64 = 0
    var traces: UInt64 = 0
    var example: String?
    let atNs: Int64
  }

  /// - Returns: its row in `rows`.
  @discardableResult
  mutating func add(_ loss: Loss) -> Int { add(loss, isNews: true) }

  private mutating func add(_ loss: Loss, isNews: Bool) -> Int {
    var hasher = Hasher()
    for text in [loss.client, loss.service, loss.loss.rawValue, loss.reason] { hasher.combine(text) }
    let origin = hasher.finalize()
    let row = origins.firstIndex(of: origin) ?? newRow(loss, origin, isNews: isNews)
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
    for (row, sender) in zip(other.rows, other.senders) {
      let loss = Loss(
        loss: row.loss, reason: row.reason, client: row.client, sender: sender, service: row.service,
        requests: row.requests, traces: row.traces, example: row.example, atNs: row.lastSeenNs)
      _ = add(loss, isNews: false)
    }
  }

  private mutating func newRow(_ loss: Loss, _ origin: Int, isNews: Bool) -> Int {
    if loss.client == ClientLossRow.othersName { return sharedRow(loss.loss, loss.reason, atNs: loss.atNs) }
    var row = ClientLossRow(
      client: Self.shown(loss.client), service: Self.shown(loss.service), loss: loss.loss, reason: loss.reason,
      lastSeenNs: loss.atNs)
    let known = rows.firstIndex {
      $0.client == row.client && $0.service == row.service && $0.loss == row.loss && $0.reason == row.reason
    }
    if let known { return known }
    guard let least = placeOfLeast(newFrom: loss.sender) else {
      rows.append(row)
      origins.append(origin)
      senders.append(loss.sender)
      return rows.count - 1
    }
    // Of tables that are put together, the rows that counted most stay.
    guard isNews || rows[least].weight <= (loss.requests &+ loss.traces, loss.atNs) else {
      return sharedRow(row.loss, row.reason, atNs: row.lastSeenNs)
    }
    swap(&rows[least], &row)
    origins[least] = origin
    senders[least] = loss.sender
    // What was counted stays in the sums.
    let shared = sharedRow(row.loss, row.reason, atNs: row.lastSeenNs)
    rows[shared].requests &+= row.requests
    rows[shared].traces &+= row.traces
    rows[shared].lastSeenNs = max(rows[shared].lastSeenNs, row.lastSeenNs)
    return least
  }

  /// The row whose place another has to take: of the sender with the most, the one that counted least; `nil` while there
  /// is place.
  private func placeOfLeast(newFrom sender: PeerIdentity) -> Int? {
    let own = rows.indices.filter { !rows[$0].isOfOthers }
    guard own.count >= Self.rowsMax - Self.reserved else { return nil }
    var counts: [PeerIdentity: Int] = [:]
    for row in own { counts[senders[row], default: 0] += 1 }
    let most = counts.values.max() ?? 0
    let isOwn = counts[sender].map { $0 + 1 >= most } ?? false
    let candidates = own.filter { isOwn ? senders[$0] == sender : counts[senders[$0]] == most }
    return candidates.min { rows[$0].weight < rows[$1].weight }
  }

  /// The row for all clients without one, by what was lost and why.
  private mutating func sharedRow(_ loss: ClientLossRow.Loss, _ reason: String, atNs: Int64) -> Int {
    let known = rows.firstIndex { $0.isOfOthers && $0.loss == loss && $0.reason == reason }
    if let known { return known }
    rows.append(ClientLossRow(client: ClientLossRow.othersName, loss: loss, reason: reason, lastSeenNs: atNs))
    origins.append(0)
    senders.append(.unknown)
    return rows.count - 1
  }

  /// A name as rows have it, to compare others with.
  static func shown(_ text: String) -> String { Scrubber.scrub(text, shownMax: textMax) }
}

extension ClientLossRow {
  /// What it counted, and for how long nothing more.
  fileprivate var weight: (UInt64, Int64) { (requests &+ traces, lastSeenNs) }
}
