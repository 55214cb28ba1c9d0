import Control

/// What is shown at the end of a run: the services, and of their resources those that are worth a look.
package struct RunTables: Sendable, Equatable {
  /// Of each kind at most: the busiest, and beside them those with errors.
  static let resourcesMax = 5

  /// Every service that was sent.
  package var services: ServicesAnswer
  /// The busiest by hits, then others with errors by these. Their shares of the time are not to be shown.
  package var resources: ResourcesAnswer
  /// What is left out of the resources, a line; `nil` when it is nothing.
  package var resourcesNote: String?
  /// Those of the services that are known to be of other programs than the command.
  package var servicesOfOthers: Set<String> = []
  /// The slowest traces, then others that failed; empty where none are kept.
  package var traces = TracesAnswer(nowNs: 0, rows: [])

  /// Chooses which of all resources are shown.
  init(services: ServicesAnswer, resources all: ResourcesAnswer) {
    self.services = services
    resources = all
    let ranked = Self.sorted(all.rows) { $0.hits }
    let busiest = ranked.prefix(Self.resourcesMax)
    let others = ranked.dropFirst(Self.resourcesMax)
    let failed = Self.sorted(others.filter { $0.errors > 0 }) { $0.errors }
    resources.rows = Array(busiest) + failed.prefix(Self.resourcesMax)
    let left = all.rows.count - resources.rows.count
    guard left > 0 else { return }
    let failedLeft = failed.count - failed.prefix(Self.resourcesMax).count
    resourcesNote =
      "\(left) more resource\(left == 1 ? "" : "s")" + (failedLeft > 0 ? ", \(failedLeft) of them with errors" : "")
  }

  /// From the largest number; equal ones stay in their order.
  private static func sorted(_ rows: [ResourceRow], by number: (ResourceRow) -> UInt64) -> [ResourceRow] {
    rows.enumerated().sorted { one, other in
      let (a, b) = (number(one.element), number(other.element))
      return a == b ? one.offset < other.offset : a > b
    }.map(\.element)
  }
}
