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

/// Siblings that do the same: of one service, operation and resource.
package struct RepeatedSpans: Sendable, Equatable {
  /// Siblings from which on they are folded.
  package static let countMin = 5
  /// Siblings from which on numbers and texts in their resources do not keep them apart, as they never do in calls.
  static let patternMin = 50

  /// In the order of their starts.
  package let spans: [Int]
  /// The one that took longest; of equal ones the first.
  package let slowest: Int
  /// Of all of them, in ns.
  package let totalNs: Int64
  /// Their resource, with `?` for numbers and texts in which they differ.
  package let resource: String
  /// Whether they look like one query for each element of a list: calls of a database or another service from one span.
  package let looksLikeNPlusOne: Bool
}

/// Makes a line of each span or fold.
private struct OutlineBuilder {
  private let tree: TraceTree
  /// Whether a span or one below it failed: those are not hidden in a fold.
  private var hasFailure: [Bool]
  private(set) var rows: [TraceOutline.Row] = []

  init(_ tree: TraceTree) {
    self.tree = tree
    hasFailure = tree.trace.spans.map(\.isError)
    for (span, _) in tree.inOrder.reversed() {
      if hasFailure[span], let parent = tree.parents[span] { hasFailure[parent] = true }
    }
    var waiting = contents(of: tree.roots).reversed().map { TraceOutline.Row(content: $0, depth: 0) }
    while let row = waiting.popLast() {
      rows.append(row)
      guard let span = row.content.shownSpan else { continue }
      let below = contents(of: tree.children[span])
      waiting += below.reversed().map { TraceOutline.Row(content: $0, depth: row.depth + 1) }
    }
  }

  private func contents(of siblings: [Int]) -> [TraceOutline.Content] {
    guard siblings.count >= RepeatedSpans.countMin else { return siblings.map { .span($0) } }
    let isByPattern = siblings.count >= RepeatedSpans.patternMin
    var groups: [SiblingKind: [Int]] = [:]
    for span in siblings where !hasFailure[span] {
      groups[SiblingKind(tree.trace.spans[span], isByPattern: isByPattern), default: []].append(span)
    }
    return siblings.compactMap { span in
      guard !hasFailure[span], let group = groups[SiblingKind(tree.trace.spans[span], isByPattern: isByPattern)],
        group.count >= RepeatedSpans.countMin
      else { return .span(span) }
      return span == group.first ? .repeated(fold(group)) : nil
    }
  }

  private func fold(_ group: [Int]) -> RepeatedSpans {
    let spans = tree.trace.spans
    let first = spans[group[0]]
    let isOneResource = group.allSatisfy { spans[$0].resource == first.resource }
    let total = group.reduce(Int64(0)) { sum, span in
      let (next, overflow) = sum.addingReportingOverflow(tree.times[span].durationNs)
      return overflow ? .max : next
    }
    // Also where the one span that called them is not here.
    let haveOneParent = first.parentID != 0 && group.allSatisfy { spans[$0].parentID == first.parentID }
    return RepeatedSpans(
      spans: group, slowest: group.max { tree.times[$0].durationNs < tree.times[$1].durationNs } ?? group[0],
      totalNs: total, resource: isOneResource ? first.resource : SiblingKind.pattern(of: first.resource),
      looksLikeNPlusOne: haveOneParent && first.isCall)
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

/// What siblings have in common that do the same.
private struct SiblingKind: Hashable {
  let service: String
  let operation: String
  let resource: String

  init(_ span: TraceSpan, isByPattern: Bool) {
    service = span.service
    operation = span.operation
    resource = isByPattern || span.isCall ? SiblingKind.pattern(of: span.resource) : span.resource
  }

  /// The text with `?` for each number that is no part of a word, and for each text in single quotes: queries of a loop
  /// often differ in those only.
  static func pattern(of resource: String) -> String {
    var pattern: [UInt8] = []
    var rest = Array(resource.utf8)[...]
    while let byte = rest.first {
      if byte == UInt8(ascii: "'"), let end = rest.dropFirst().firstIndex(of: byte) {
        pattern.append(UInt8(ascii: "?"))
        rest = rest[(end + 1)...]
      } else if byte &- 0x30 < 10, !(pattern.last.map(SearchWords.isPart) ?? false) {
        pattern.append(UInt8(ascii: "?"))
        rest = rest.drop { $0 &- 0x30 < 10 || $0 == UInt8(ascii: ".") }
      } else {
        pattern.append(byte)
        rest = rest.dropFirst()
      }
    }
    return String(decoding: pattern, as: UTF8.self)
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
