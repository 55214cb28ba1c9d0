import Control
import Text

/// A captured payload of statistics that its tracer computed itself: a table of the groups of each bucket.
extension InspectReport {
  /// The groups, bucket by bucket; of a bad payload the last, of others the first.
  func groupLines(_ groups: [InspectedGroup], max groupsMax: Int, isCut: Bool, _ drawing: Drawing) -> [String] {
    let left = max(0, groups.count - groupsMax)
    let shown = isCut ? groups.suffix(groupsMax) : groups.prefix(groupsMax)
    let text = "… \(count(left, "group")) \(isCut ? "before these" : "more"); --limit N draws more"
    let note = left == 0 ? [] : ["", text.fittingLine(drawing.width)]
    var lines = isCut ? note : []
    var rest = shown
    while let first = rest.first {
      let bucket = rest.prefix { $0.isOfBucket(of: first) }
      lines += ["", heading(of: first, drawing)] + table(Array(bucket)).lines(drawing)
      rest = rest.dropFirst(bucket.count)
    }
    return lines + (isCut ? [] : note)
  }

  private func heading(of group: InspectedGroup, _ drawing: Drawing) -> String {
    let text =
      group.bucketStartNs == 0
      ? "a bucket whose time was not read"
      : "bucket of \(time.full(Int64(clamping: group.bucketStartNs))), "
        + HumanDuration.uptime(group.bucketWidthNs)
    return Style.faint.applied(to: text.fittingLine(drawing.width), colors: drawing.colors)
  }

  private func table(_ groups: [InspectedGroup]) -> Table {
    var table = Table([
      .init("SERVICE", .left, isShrinkable: true), .init("OPERATION", .left, dropOrder: 3, isShrinkable: true),
      .init("RESOURCE", .left, isShrinkable: true), .init("HITS"), .init("ENTRY", dropOrder: 4), .init("ERR"),
      .init("P50"), .init("P95", dropOrder: 1), .init("P99", dropOrder: 2), .init("MAX", dropOrder: 5),
    ])
    for group in groups {
      let latencies = [group.latency.p50Ns, group.latency.p95Ns, group.latency.p99Ns, group.latency.maxNs]
      table.add(
        [
          .init(safeText(group.service)), .init(safeText(group.operation)), .init(safeText(group.resource)),
          .init(HumanNumber.count(group.hits)), .init(HumanNumber.count(group.topLevelHits)),
          .init(HumanNumber.count(group.errors), group.errors > 0 ? .bad : .plain),
        ] + latencies.map { .init(HumanDuration.latency($0)) })
    }
    return table
  }
}

extension InspectedGroup {
  fileprivate func isOfBucket(of other: InspectedGroup) -> Bool {
    bucketStartNs == other.bucketStartNs && bucketWidthNs == other.bucketWidthNs
  }
}
