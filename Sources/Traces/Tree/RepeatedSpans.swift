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

/// Folds siblings of one kind into one line.
struct SiblingFolding {
  private let tree: TraceTree
  /// Whether a span or one below it failed: those are not hidden in a fold.
  private let hasFailure: [Bool]

  init(_ tree: TraceTree) {
    self.tree = tree
    var hasFailure = tree.trace.spans.map(\.isError)
    for (span, _) in tree.inOrder.reversed() {
      if hasFailure[span], let parent = tree.parents[span] { hasFailure[parent] = true }
    }
    self.hasFailure = hasFailure
  }

  /// The siblings one by one, and where the first of several of one kind stands, all of those.
  func contents(of siblings: [Int]) -> [TraceOutline.Content] {
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
  /// All siblings of one kind that share a line, from the top down, also those below spans that a line stands for.
  package var repeated: [RepeatedSpans] {
    let folding = SiblingFolding(self)
    func folds(of siblings: [Int]) -> [RepeatedSpans] {
      guard siblings.count >= RepeatedSpans.countMin else { return [] }
      return folding.contents(of: siblings).compactMap { if case .repeated(let fold) = $0 { fold } else { nil } }
    }
    return folds(of: roots) + inOrder.flatMap { folds(of: children[$0.span]) }
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
