/// Chooses the lines of a large trace that are worth their place: failures, the critical path, and then the longest.
struct OutlineSelection {
  private let tree: TraceTree
  private let rows: [TraceOutline.Row]
  /// The line above each, by its place; `nil` at the top.
  private let parents: [Int?]

  init(_ tree: TraceTree, _ rows: [TraceOutline.Row]) {
    self.tree = tree
    self.rows = rows
    var open: [Int] = []
    parents = rows.enumerated().map { place, row in
      open.removeSubrange(row.depth...)
      defer { open.append(place) }
      return open.last
    }
  }

  /// At most `limit` lines in their order, and behind the children of each what was left out below it.
  func rows(max limit: Int) -> [TraceOutline.Row] {
    let isKept = chosen(max: limit)
    var shown: [TraceOutline.Row] = []
    var open: [(depth: Int, left: Int, totalNs: Int64)] = [(-1, 0, 0)]
    func close(_ depth: Int) {
      while let last = open.last, last.depth >= depth {
        if last.left > 0 {
          shown.append(.init(content: .more(count: last.left, totalNs: last.totalNs), depth: last.depth + 1))
        }
        open.removeLast()
      }
    }
    for (place, row) in rows.enumerated() {
      if isKept[place] {
        close(row.depth)
        shown.append(row)
        open.append((row.depth, 0, 0))
      } else {
        // Lines below one that is left out are left out, too, and counted where the uppermost of them would stand.
        let isUppermost = parents[place].map { isKept[$0] } ?? true
        if isUppermost { close(row.depth) }
        open[open.count - 1].left += row.content.spanCount
        if isUppermost {
          let sum = open[open.count - 1].totalNs.addingReportingOverflow(totalNs(row.content))
          open[open.count - 1].totalNs = sum.overflow ? .max : sum.partialValue
        }
      }
    }
    close(-1)
    return shown
  }

  private func chosen(max limit: Int) -> [Bool] {
    var isKept = [Bool](repeating: false, count: rows.count)
    var count = 0
    let ranks = rows.map { rank($0.content) }
    for place in rows.indices.sorted(by: { (ranks[$0], $1) > (ranks[$1], $0) }) {
      var way: [Int] = []
      var next: Int? = place
      while let row = next, !isKept[row], way.count <= limit {
        way.append(row)
        next = parents[row]
      }
      guard count + way.count <= limit else { continue }
      for row in way { isKept[row] = true }
      count += way.count
      if count == limit { break }
    }
    return isKept
  }

  /// What comes first, by size.
  private func rank(_ content: TraceOutline.Content) -> Int64 {
    guard let span = content.shownSpan else { return 0 }
    let isFailure = tree.trace.spans[span].isError
    let base: Int64 = isFailure ? SpanTime.limitNs + 1 : 0
    return base + (tree.isCritical[span] ? SpanTime.limitNs / 2 : 0) + min(totalNs(content), SpanTime.limitNs / 2)
  }

  private func totalNs(_ content: TraceOutline.Content) -> Int64 {
    switch content {
    case .span(let span): tree.times[span].durationNs
    case .repeated(let repeated): repeated.totalNs
    case .more(_, let totalNs): totalNs
    }
  }
}

extension TraceOutline.Content {
  fileprivate var spanCount: Int {
    switch self {
    case .span: 1
    case .repeated(let repeated): repeated.spans.count
    case .more(let count, _): count
    }
  }
}
