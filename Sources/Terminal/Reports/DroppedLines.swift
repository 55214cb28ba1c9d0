import Control
import Text

/// What is said where services are looked at and traces of some never come that far.
enum DroppedLines {
  /// A line for each service whose traces were dropped.
  static func services(_ dropped: [DroppedServiceRow], nowNs: Int64) -> [String] {
    dropped.prefix(servicesMax).map { row in
      let name = safeText(row.service)
      let reasons = row.reasons.map(safeText).joined(separator: ", ")
      let traces = row.traces == 1 ? "1 trace" : "\(HumanNumber.count(row.traces)) traces"
      let count = (row.isAtLeast == true ? "at least " : "") + traces
      let last = last(row.lastSeenNs, nowNs: nowNs)
      return row.isAll
        ? "every trace of \(name) was dropped: \(reasons) (\(count) since the agent started, \(last))"
        : "\(count) of \(name) \(row.traces == 1 ? "was" : "were") dropped since the agent started: \(reasons) (\(last))"
    } + (dropped.count > servicesMax ? ["traces of \(dropped.count - servicesMax) more services were dropped"] : [])
  }

  /// A line for each client that was refused payloads within the last hour and of which no trace was ever taken.
  static func refusedClients(_ info: InfoAnswer) -> [String] {
    let taken = Set(info.clients.map(\.name))
    let refused = info.clientLosses.filter {
      $0.loss == .refused && $0.traces > 0 && !$0.client.isEmpty && info.nowNs &- $0.lastSeenNs < recentNs
        // What is known by its User-Agent may be among the clients that do not say what they are.
        && !taken.contains($0.client) && !(taken.contains("") && $0.client.contains("/"))
    }
    let clients = Dictionary(grouping: refused, by: \.client).sorted { $0.key < $1.key }
    let atLeast = info.clientLosses.contains(where: \.isOfOthers) ? "at least " : ""
    return clients.prefix(servicesMax).map { client, rows in
      let requests = rows.reduce(0) { $0 &+ $1.requests }
      let count = atLeast + (requests == 1 ? "1 payload" : "\(HumanNumber.count(requests)) payloads")
      let reasons = Set(rows.map(\.reason)).sorted().map(safeText).joined(separator: ", ")
      let last = last(rows.map(\.lastSeenNs).max() ?? 0, nowNs: info.nowNs)
      return "every payload of \(safeText(client)) was refused: \(reasons) (\(count), \(last))"
    }
  }

  private static func last(_ timeNs: Int64, nowNs: Int64) -> String {
    let age = HumanDuration.age(of: timeNs, now: nowNs)
    return "the last " + (age == "now" ? "just now" : age + " ago")
  }

  /// How long a client is told of that was refused and no longer sends.
  private static let recentNs = ControlProtocol.historyNs
  /// Services, and clients, that have a line of their own.
  private static let servicesMax = 5
}
