/// A trace as lines to read: its tree from the top down, with repeated siblings folded into one line, and of many lines
/// only the ones that matter.
package struct TraceOutline: Sendable {
  /// One line, and where it stands in the tree.
  package struct Row: Sendable, Equatable {
    package var content: Content
    /// Lines above it that lead to it.
    package var depth: Int
    /// Whether no other line of the same parent follows.
    package var isLast = true
  }

  /// What a line stands for.
  package enum Content: Sendable, Equatable {
    case span(Int)
    /// Siblings of one kind; lines below it are those below its slowest one.
    case repeated(RepeatedSpans)
    /// Spans for which there was no place.
    case more(count: Int, totalNs: Int64)
  }

  package let tree: TraceTree
  /// From the top down, each behind the line above it in the tree.
  package let rows: [Row]

  /// Lines of a tree.
  /// - Parameter rowsMax: lines at most, beside those that say how much was left out.
  package init(_ tree: TraceTree, rowsMax: Int = .max) {
    self.tree = tree
    var rows = OutlineBuilder(tree).rows
    if rows.count > rowsMax { rows = OutlineSelection(tree, rows).rows(max: rowsMax) }
    // From the end: a line is the last one unless its parent was seen to have a later one.
    var hasLater: [Bool] = []
    for place in rows.indices.reversed() {
      let depth = rows[place].depth
      if hasLater.count <= depth { hasLater += repeatElement(false, count: depth + 1 - hasLater.count) }
      rows[place].isLast = !hasLater[depth]
      hasLater[depth] = true
      hasLater.removeSubrange((depth + 1)...)
    }
    self.rows = rows
  }
}

/// Makes a line of each span or fold.
private struct OutlineBuilder {
  private(set) var rows: [TraceOutline.Row] = []

  init(_ tree: TraceTree) {
    let folding = SiblingFolding(tree)
    var waiting = folding.contents(of: tree.roots).reversed().map { TraceOutline.Row(content: $0, depth: 0) }
    while let row = waiting.popLast() {
      rows.append(row)
      guard let span = row.content.shownSpan else { continue }
      let below = folding.contents(of: tree.children[span])
      waiting += below.reversed().map { TraceOutline.Row(content: $0, depth: row.depth + 1) }
    }
  }
}

extension TraceTree {
  /// Stands in front of a span whose parent is not here.
  package static let orphanMark = "┄ "
}

extension TraceOutline.Content {
  /// The span whose children stand below the line.
  package var shownSpan: Int? {
    switch self {
    case .span(let span): span
    case .repeated(let repeated): repeated.slowest
    case .more: nil
    }
  }
}

extension TraceSpan {
  private static let callTypes: Set = [
    "sql", "db", "cassandra", "mongodb", "elasticsearch", "opensearch", "redis", "memcached", "cache", "http", "grpc",
  ]

  /// Whether it asks something of a database or another service, by its kind or its type.
  package var isCall: Bool { meta("span.kind").map { $0 == "client" } ?? Self.callTypes.contains(type) }

  /// Operation and resource on one line; one of them where they are the same.
  package var title: String { title(resource: resource) }

  /// The same with another text for the resource.
  package func title(resource: String) -> String {
    let what = resource.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return what == operation || what.isEmpty ? operation : operation + " " + what
  }
}
