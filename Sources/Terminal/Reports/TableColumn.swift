import Control

/// A column of the tables of services and resources; its text is the heading in small letters, as it is typed.
package enum TableColumn: String, Sendable {
  case service, resource, env, type, hits, rate
  case errors = "err"
  case errorShare = "err%"
  case p50, p75, p95, p99, max, share, last

  /// Those of the table of services, from left to right.
  package static let ofServices: [TableColumn] = [
    .service, .env, .type, .hits, .rate, .errors, .errorShare, .p50, .p75, .p95, .p99, .max, .last,
  ]
  /// Those of the table of resources, from left to right.
  package static let ofResources: [TableColumn] = [
    .service, .resource, .env, .hits, .rate, .errors, .errorShare, .p50, .p75, .p95, .p99, .max, .share, .last,
  ]
}

/// What a row is sorted by.
package enum SortKey: Sendable, Equatable {
  case text(String)
  case number(Double)

  /// Whether its row comes before the other's: names from A, numbers from the largest.
  func precedes(_ other: SortKey) -> Bool {
    switch (self, other) {
    case (.text(let one), .text(let two)): one < two
    case (.number(let one), .number(let two)): one > two
    case (.text, .number): true
    case (.number, .text): false
    }
  }
}

/// A row of a table that can be sorted by its columns.
package protocol SortableRow {
  /// The row's value in a column; an empty text for a column that its table lacks.
  func sortKey(_ column: TableColumn) -> SortKey
}

/// The numbers that rows of services and of resources have in common.
private protocol StatisticsRow {
  var hits: UInt64 { get }
  var errors: UInt64 { get }
  var ratePerSecond: Double { get }
  var latency: LatencyQuantiles { get }
  var lastSeenNs: Int64 { get }
}

extension StatisticsRow {
  /// `nil` for a column with names in it.
  fileprivate func number(_ column: TableColumn) -> Double? {
    switch column {
    case .service, .resource, .env, .type, .share: nil
    case .hits: Double(hits)
    case .rate: ratePerSecond
    case .errors: Double(errors)
    case .errorShare: hits == 0 ? 0 : Double(errors) / Double(hits)
    case .p50: Double(latency.p50Ns)
    case .p75: Double(latency.p75Ns)
    case .p95: Double(latency.p95Ns)
    case .p99: Double(latency.p99Ns)
    case .max: Double(latency.maxNs)
    case .last: Double(lastSeenNs)
    }
  }
}

extension ServiceRow: SortableRow, StatisticsRow {
  package func sortKey(_ column: TableColumn) -> SortKey {
    switch column {
    case .service: .text(service)
    case .env: .text(env)
    case .type: .text(type)
    default: number(column).map { .number($0) } ?? .text("")
    }
  }
}

extension ResourceRow: SortableRow, StatisticsRow {
  package func sortKey(_ column: TableColumn) -> SortKey {
    switch column {
    case .service: .text(service)
    case .resource: .text(resource)
    case .env: .text(env)
    case .type: .text(type)
    case .share: .number(timeShare)
    default: number(column).map { .number($0) } ?? .text("")
    }
  }
}
