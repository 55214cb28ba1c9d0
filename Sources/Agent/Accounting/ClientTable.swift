import Control
import Receiver
import Scrubbing

/// Who sent: traffic by client language, versions and endpoint. A client is found without a copy of its headers.
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
    let endpoint: TraceEndpoint
    var received = TrafficCounts()
    var lastSeenNs: Int64 = 0
  }

  private static let headers: [KnownHeader] = [
    .metaLang, .metaLangVersion, .metaLangInterpreter, .metaTracerVersion,
  ]
  private var rows: [Row] = []
  private var last = 0

  /// Adds to the row of the client that sent a request, and returns its number.
  @discardableResult
  mutating func add(_ received: TrafficCounts, from headers: RequestHeaders, endpoint: TraceEndpoint, nowNs: Int64)
    -> Int
  {
    let row = find(headers, endpoint)
    rows[row].received.add(received)
    rows[row].lastSeenNs = nowNs
    last = row
    return row
  }

  func clientRows() -> [ClientRow] {
    rows.map { row in
      ClientRow(
        language: row.shown[0], languageVersion: row.shown[1], interpreter: row.shown[2], tracerVersion: row.shown[3],
        endpoint: row.endpoint.name, received: row.received, lastSeenNs: row.lastSeenNs)
    }
  }

  private mutating func find(_ headers: RequestHeaders, _ endpoint: TraceEndpoint) -> Int {
    if last < rows.count, isRow(last, headers, endpoint) { return last }
    for index in rows.indices where isRow(index, headers, endpoint) { return index }
    if rows.count == Self.clientsMax { return rows.count - 1 }
    if rows.count == Self.clientsMax - 1 {
      let texts = [Array(Self.othersName.utf8), [], [], []]
      rows.append(Row(texts: texts, shown: [Self.othersName, "", "", ""], endpoint: endpoint))
      return rows.count - 1
    }
    let texts = Self.headers.map { Array((headers[$0] ?? .init(start: nil, count: 0)).prefix(Self.textBytesMax)) }
    let shown = Self.headers.map { headers[$0].map { Scrubber.scrub($0, shownMax: Self.textBytesMax) } ?? "" }
    rows.append(Row(texts: texts, shown: shown, endpoint: endpoint))
    return rows.count - 1
  }

  private func isRow(_ index: Int, _ headers: RequestHeaders, _ endpoint: TraceEndpoint) -> Bool {
    guard rows[index].endpoint == endpoint else { return false }
    for (text, header) in zip(rows[index].texts, Self.headers) {
      let value = (headers[header] ?? .init(start: nil, count: 0)).prefix(Self.textBytesMax)
      guard text.count == value.count, text.elementsEqual(value) else { return false }
    }
    return true
  }
}
