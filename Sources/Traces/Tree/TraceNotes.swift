import Text

extension TraceTree {
  /// What is odd about the trace, a sentence without a final stop for each kind.
  package var notes: [String] {
    var missing: Set<UInt64> = []
    var (orphans, cycles, shared, copies) = (0, 0, 0, 0)
    for oddity in oddities.values {
      switch oddity {
      case .orphan(let parentID):
        orphans += 1
        missing.insert(parentID)
      case .cycle: cycles += 1
      case .sharedID: shared += 1
      case .copy: copies += 1
      }
    }
    var notes: [String] = []
    if orphans > 0 {
      let parents = missing.sorted().prefix(3).map(TraceID.hex).joined(separator: ", ")
      notes.append(
        "\(Self.spans(orphans)) \(orphans == 1 ? "has a parent that is" : "have parents that are") not here "
          + "(dropped, not finished, or sent elsewhere): \(parents)" + (missing.count > 3 ? ", …" : ""))
    }
    if cycles > 0 {
      notes.append("\(Self.spans(cycles)) would be above \(cycles == 1 ? "itself" : "themselves"); shown at the top")
    }
    if shared > 0 { notes.append("\(Self.spans(shared)) \(shared == 1 ? "has" : "have") the id of another span") }
    if copies > 0 { notes.append("\(Self.spans(copies)) came twice, and \(copies == 1 ? "is" : "are") shown once") }
    let beginnings = roots.count { trace.spans[$0].parentID == 0 }
    if beginnings > 1 { notes.append("\(Self.spans(beginnings)) have no parent, where a trace usually has one") }
    for skew in clockSkews.prefix(3) {
      let difference = HumanDuration.latency(skew.behindNs.magnitude)
      let (side, when) = skew.behindNs > 0 ? ("behind", "later") : ("ahead of", "earlier")
      notes.append(
        "the clock of \(safeText(skew.service)) is some \(difference) \(side) its caller's; its spans are shown \(when)"
      )
    }
    if clockSkews.count > 3 { notes.append("the clocks of more services differ: \(clockSkews.count - 3)") }
    return notes
  }

  private static func spans(_ count: Int) -> String {
    count == 1 ? "1 span" : "\(HumanNumber.count(UInt64(count))) spans"
  }
}
