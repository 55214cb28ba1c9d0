import Control
import Scrubbing

/// Who sent: traffic by client language, versions and endpoint. A client is found without a copy of its texts.
struct ClientTable: Sendable {
  /// Rows at most. Clients beyond that share the last one, which is called `othersName`.
  static let clientsMax = 200
  private static let othersName = "other clients"
  /// Bytes of one header value that are kept.
  private static let textBytesMax = 100

  private struct Row: Sendable {
    let texts: [[UInt8]]
    /// `texts` without what may be a secret.
    let shown: [String]
    /// The label of the format that it sends: `v0.4`.
    let endpoint: String
    var received = TrafficCounts()
    var lastSeenNs: Int64 = 0
  }

  private var rows: [Row] = []
  private var last = 0

  /// Adds to the row of the client that sent a payload, and returns its number.
  @discardableResult
  mutating func add(_ received: TrafficCounts, from client: ClientIdentity, endpoint: String, nowNs: Int64) -> Int {
    let row = find(client, endpoint)
    rows[row].received.add(received)
    rows[row].lastSeenNs = nowNs
    last = row
    return row
  }

  func clientRows() -> [ClientRow] {
    rows.map { row in
      ClientRow(
        language: row.shown[0], languageVersion: row.shown[1], interpreter: row.shown[2], tracerVersion: row.shown[3],
        endpoint: row.endpoint, received: row.received, lastSeenNs: row.lastSeenNs)
    }
  }

  private mutating func find(_ client: ClientIdentity, _ endpoint: String) -> Int {
    if last < rows.count, isRow(last, client, endpoint) { return last }
    for index in rows.indices where isRow(index, client, endpoint) { return index }
    if rows.count == Self.clientsMax { return rows.count - 1 }
    if rows.count == Self.clientsMax - 1 {
      let texts = [Array(Self.othersName.utf8), [], [], []]
      rows.append(Row(texts: texts, shown: [Self.othersName, "", "", ""], endpoint: endpoint))
      return rows.count - 1
    }
    let texts = (0..<ClientIdentity.textCount).map { Array(client[$0].prefix(Self.textBytesMax)) }
    let shown = (0..<ClientIdentity.textCount).map { Scrubber.scrub(client[$0], shownMax: Self.textBytesMax) }
    rows.append(Row(texts: texts, shown: shown, endpoint: endpoint))
    return rows.count - 1
  }

  private func isRow(_ index: Int, _ client: ClientIdentity, _ endpoint: String) -> Bool {
    guard rows[index].endpoint == endpoint else { return false }
    for number in 0..<ClientIdentity.textCount {
      let value = client[number].prefix(Self.textBytesMax)
      let text = rows[index].texts[number]
      guard text.count == value.count, text.elementsEqual(value) else { return false }
    }
    return true
  }
}
