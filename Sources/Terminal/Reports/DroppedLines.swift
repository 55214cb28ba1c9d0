import Control
import Text

/// What is said where services are looked at and traces of some never come that far.
enum DroppedLines {
  /// A line for each service whose traces were dropped.
  static func services(_ dropped: [DroppedServiceRow], nowNs: Int64) -> [String] {
    dropped.prefix(servicesMax).map { row in
      let name = row.service.isEmpty ? "a service without a name" : safeText(row.service)
      let reasons = row.reasons.map(safeText).joined(separator: ", ")
      let count = row.traces == 1 ? "1 trace" : "\(HumanNumber.count(row.traces)) traces"
      let last = HumanDuration.age(of: row.lastSeenNs, now: nowNs)
      let ago = last == "now" ? "just now" : last + " ago"
      return row.isAll
        ? "every trace of \(name) was dropped: \(reasons) (\(count), the last \(ago))"
        : "\(count) of \(name) \(row.traces == 1 ? "was" : "were") dropped: \(reasons) (the last \(ago))"
    } + (dropped.count > servicesMax ? ["traces of \(dropped.count - servicesMax) more services were dropped"] : [])
  }

  /// A line for each client that was refused payloads and of which no trace was ever taken.
  static func refusedClients(_ info: InfoAnswer) -> [String] {
    let taken = Set(info.clients.map { "\($0.language) \($0.tracerVersion)" })
    let refused = info.clientLosses.filter {
      $0.loss == .refused && $0.traces > 0 && !$0.client.isEmpty && !taken.contains($0.client)
    }
    return refused.prefix(servicesMax).map { row in
      let count = row.requests == 1 ? "1 payload" : "\(HumanNumber.count(row.requests)) payloads"
      return "every payload of \(safeText(row.client)) was refused: \(safeText(row.reason)) (\(count))"
    }
  }

  /// Services, and clients, that have a line of their own.
  private static let servicesMax = 5
}
