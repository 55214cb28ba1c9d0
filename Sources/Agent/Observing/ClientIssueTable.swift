import Control
import Scrubbing

/// What an agent can see going wrong at its clients; the raw values are what the doctor and `roost info` call it.
enum ClientIssueKind: String, CaseIterable, Sendable {
  case tlsHello = "tls_hello"
  case http2Preface = "http2_preface"
  case statsDText = "statsd_text"
  case proxyRequest = "proxy_request"
  case emptyProbe = "empty_probe"
  case notFound = "not_found"
  case notOffered = "not_offered"
  case clientVanished = "client_vanished"
  case clockSkew = "clock_skew"
  case traceCountMismatch = "trace_count_mismatch"
  case undecodable
  case tooLarge = "too_large"
  case memoryLimit = "memory_limit"
  case rootlessTrace = "rootless_trace"
  case refusedPayload = "refused_payload"
  case malformedTrace = "malformed_trace"
  case crossSite = "cross_site"
  case missingStatistics = "missing_statistics"
}

/// How often each kind of client issues was seen, distinguished by what it was about and by the client.
///
/// Bounded: what clients send never makes more than `rowsMax` rows; beyond that a kind goes on in a row without detail.
/// Details and clients of `rows` hold no secrets: they are removed when a row is made, and not at each hit.
/// Hits without a row of their own are not even read for that.
struct ClientIssueTable: Sendable {
  static let rowsMax = 200
  /// No kind may take the rows of the others.
  static let rowsOfAKindMax = 60
  /// Bytes of a detail and of a client's name that are kept.
  static let detailBytesMax = 200
  static let clientBytesMax = 60
  /// Rows that have to be left for kinds not seen yet.
  private static let reserved = ClientIssueKind.allCases.count

  /// What several amounts of one row come to.
  enum Amounts: Sendable { case newest, largest, sum }

  private(set) var rows: [ClientIssueRow] = []
  /// What made each of `rows`, as it came: only ever compared, never shown. `nil` for rows that came from another table.
  private var origins: [Origin?] = []

  private struct Origin: Equatable, Sendable {
    let kind: ClientIssueKind
    let detail: String
    let client: String
  }

  /// Counts one case. `amount` is the number that goes with the kind: bytes, seconds or traces.
  mutating func add(
    _ kind: ClientIssueKind, _ detail: String = "", client: String = "", amount: Double = 0,
    _ amounts: Amounts = .largest,
    atNs: Int64
  ) {
    var row = ClientIssueRow(
      kind: kind.rawValue, detail: "", client: "", count: 1, amount: amount, lastSeenNs: atNs)
    let origin = Origin(kind: kind, detail: detail, client: client)
    if let known = origins.firstIndex(of: origin) {
      merge(row, into: known, amounts)
    } else if isFull(for: row.kind) {
      add(row, amounts, origin: nil)
    } else {
      row.detail = Self.shortened(Scrubber.scrub(detail), Self.detailBytesMax)
      row.client = Self.shownClient(client)
      add(row, amounts, origin: origin)
    }
  }

  /// A client's name as rows have it: short, and without secrets.
  static func shownClient(_ client: String) -> String { shortened(Scrubber.scrub(client), clientBytesMax) }

  /// Adds what another table has counted.
  mutating func add(_ other: ClientIssueTable) {
    for row in other.rows { add(row, Self.amounts(of: row.kind), origin: nil) }
  }

  /// By kind in the order in which kinds are named, the most frequent first within each. Made to be shown.
  func sorted() -> ClientIssueTable {
    let order = ClientIssueKind.allCases.map(\.rawValue)
    var sorted = self
    sorted.rows.sort { one, other in
      let (a, b) = (order.firstIndex(of: one.kind) ?? order.count, order.firstIndex(of: other.kind) ?? order.count)
      if a != b { return a < b }
      return one.count != other.count ? one.count > other.count : one.detail < other.detail
    }
    sorted.origins = rows.map { _ in nil }
    return sorted
  }

  private mutating func add(_ row: ClientIssueRow, _ amounts: Amounts, origin: Origin?) {
    if let known = find(row) {
      merge(row, into: known, amounts)
      return
    }
    var row = row
    var origin = origin
    if isFull(for: row.kind) {
      row.detail = ""
      row.client = ""
      origin = nil
      if let known = find(row) {
        merge(row, into: known, amounts)
        return
      }
    }
    rows.append(row)
    origins.append(origin)
  }

  /// Whether a further row of this kind would have neither detail nor client.
  private func isFull(for kind: String) -> Bool {
    if rows.count >= Self.rowsMax - Self.reserved { return true }
    return rows.reduce(0) { $0 + ($1.kind == kind ? 1 : 0) } >= Self.rowsOfAKindMax
  }

  private func find(_ row: ClientIssueRow) -> Int? {
    rows.firstIndex { $0.kind == row.kind && $0.detail == row.detail && $0.client == row.client }
  }

  private mutating func merge(_ row: ClientIssueRow, into known: Int, _ amounts: Amounts) {
    rows[known].count &+= row.count
    switch amounts {
    case .newest: if row.lastSeenNs >= rows[known].lastSeenNs { rows[known].amount = row.amount }
    case .largest: rows[known].amount = max(rows[known].amount, row.amount)
    case .sum: rows[known].amount += row.amount
    }
    rows[known].lastSeenNs = max(rows[known].lastSeenNs, row.lastSeenNs)
  }

  private static func amounts(of kind: String) -> Amounts {
    switch ClientIssueKind(rawValue: kind) {
    case .clockSkew: .newest
    case .traceCountMismatch, .malformedTrace, .missingStatistics: .sum
    default: .largest
    }
  }

  private static func shortened(_ text: String, _ bytesMax: Int) -> String {
    guard text.utf8.count > bytesMax else { return text }
    return String(decoding: text.utf8.prefix(bytesMax), as: UTF8.self) + "…"
  }
}
