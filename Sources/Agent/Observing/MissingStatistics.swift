import Platform
import Scrubbing
import Statistics
import Text

/// Clients that say they compute the statistics of their spans themselves, and have sent none for a minute. Their hits are
/// in the tables of this machine all the same, and not in the statistics that are sent.
final class MissingStatistics: Sendable {
  /// Clients and services that are named in the log at a time.
  private static let linesMax = 5

  private let table = Lock(ClientIssueTable())

  /// Notes such clients, with the spans that count on this machine only.
  /// - Returns: lines for the log.
  func note(_ spans: [StatisticsSender: UInt64], nowNs: Int64) -> [String] {
    let sorted = spans.sorted { ($1.value, $0.key.service) < ($0.value, $1.key.service) }
    table.withLock { table in
      for (sender, count) in sorted {
        table.add(
          .missingStatistics, sender.service, client: sender.client, amount: Double(count), .sum, atNs: nowNs)
      }
    }
    return sorted.prefix(Self.linesMax).map { sender, count in
      let who = sender.client.isEmpty ? "a client" : Scrubber.scrub(safeText(sender.client))
      return
        "\(who) says that it computes the statistics of service \(Scrubber.scrub(safeText(sender.service))), and has "
        + "sent none for a minute: \(count == 1 ? "1 span counts" : "\(count) spans count") on this machine only; "
        + "see roost explain RST059"
    }
  }

  /// How often that was so, by service and client.
  var counted: ClientIssueTable { table.withLock { $0 } }
}
