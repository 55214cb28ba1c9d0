import Control
import Text

/// The section of `roost info` about other products than tracing.
extension InfoReport {
  /// A line for each product of which something came.
  func productLines(_ drawing: Drawing) -> [String] {
    var table = Table([
      .init("OTHER PRODUCTS", .left), .init("REQUESTS"), .init("BYTES", dropOrder: 1),
      .init("LAST", dropOrder: 2), .init("WHAT BECAME OF THEM", .left, isShrinkable: true),
    ])
    for row in answer.products where row.received.requests > 0 {
      let losses = Self.losses(row)
      let all = (Self.uses(row) + losses).joined(separator: ", ")
      table.add([
        .init(safeText(row.title)), .init(HumanNumber.count(row.received.requests)),
        .init(HumanNumber.bytes(row.received.bytes)),
        .init(HumanDuration.age(of: row.lastSeenNs, now: answer.nowNs), .faint),
        losses.isEmpty ? .init(all) : .init(all, .bad),
      ])
    }
    return table.rows.isEmpty ? [] : table.lines(drawing)
  }

  private static func uses(_ row: ProductRow) -> [String] {
    [
      (row.forwarded.requests, "forwarded"), (row.answered.requests, "answered"),
      (row.discarded.requests, "thrown away (no API key)"), (row.underWay, "under way"),
      (row.copies, row.copies == 1 ? "copy to a further intake" : "copies to further intakes"),
    ].filter { $0.0 > 0 }.map { "\(HumanNumber.count($0.0)) \($0.1)" }
  }

  private static func losses(_ row: ProductRow) -> [String] {
    let refused = row.refused.sorted { $0.key < $1.key }.map {
      "\(HumanNumber.count($0.value.requests)) refused (\(safeText($0.key)))"
    }
    let dropped = row.dropped.sorted { $0.key < $1.key }.map {
      "\(HumanNumber.count($0.value.requests)) dropped (\(safeText($0.key)))"
    }
    let copies =
      row.lostCopies > 0 ? ["\(HumanNumber.count(row.lostCopies)) \(row.lostCopies == 1 ? "copy" : "copies") lost"] : []
    return refused + dropped + copies
  }
}

extension ProductRow {
  /// As a line has it: `event platform`.
  fileprivate var title: String { product.replacing("_", with: " ") }
}
