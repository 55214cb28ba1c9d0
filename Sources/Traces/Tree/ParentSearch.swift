/// Finds the span above each.
///
/// Usually an id names one span. Where clients of several services reuse one (as with Zipkin's shared ids, where the server
/// takes the client's id), a span belongs below the one of its own service, and the later of two that share an id belongs
/// below the earlier.
struct ParentSearch {
  private struct Owner: Hashable {
    let id: UInt64
    let service: String
  }

  let spans: [TraceSpan]
  private(set) var parents: [Int?]
  private(set) var oddities: [Int: TraceOddity] = [:]
  private var firstOfID: [UInt64: Int] = [:]
  private var firstOfService: [Owner: Int] = [:]

  init(_ spans: [TraceSpan]) {
    self.spans = spans
    parents = [Int?](repeating: nil, count: spans.count)
  }

  mutating func run() {
    index()
    for span in spans.indices where oddities[span] != .copy { parents[span] = parent(of: span) }
    cutCycles()
  }

  /// Spans without a parent, and those below each, in the order of `spans`; copies are left out.
  var generations: (roots: [Int], children: [[Int]]) {
    var children = [[Int]](repeating: [], count: spans.count)
    var roots: [Int] = []
    for span in spans.indices where oddities[span] != .copy {
      if let parent = parents[span] { children[parent].append(span) } else { roots.append(span) }
    }
    return (roots, children)
  }

  private mutating func index() {
    firstOfID.reserveCapacity(spans.count)
    for (place, span) in spans.enumerated() {
      guard let first = firstOfID[span.spanID] else {
        firstOfID[span.spanID] = place
        continue
      }
      let owner = Owner(id: span.spanID, service: span.service)
      // The index of services is filled only from the second span of an id on: nearly all ids have one.
      if firstOfService[Owner(id: span.spanID, service: spans[first].service)] == nil {
        firstOfService[Owner(id: span.spanID, service: spans[first].service)] = first
      }
      if let sameService = firstOfService[owner] {
        oddities[place] = spans[sameService].isCopy(of: span) ? .copy : .sharedID
      } else {
        firstOfService[owner] = place
        oddities[place] = .sharedID
      }
    }
  }

  private mutating func parent(of place: Int) -> Int? {
    let span = spans[place]
    // The server's half of a call whose client's half has the same id.
    if let first = firstOfID[span.spanID], first != place, spans[first].service != span.service,
      spans[first].parentID == span.parentID || span.parentID == span.spanID
    {
      return first
    }
    guard span.parentID != 0 else { return nil }
    guard let first = firstOfID[span.parentID] else {
      oddities[place] = .orphan(parentID: span.parentID)
      return nil
    }
    let parent = firstOfService[Owner(id: span.parentID, service: span.service)] ?? first
    guard parent != place else {
      if first != place { return first }
      oddities[place] = .cycle
      return nil
    }
    return parent
  }

  /// Makes the first span of each ring a root.
  private mutating func cutCycles() {
    /// The walk that came by each span; 0 for none.
    var visits = [Int](repeating: 0, count: spans.count)
    for start in spans.indices where visits[start] == 0 {
      var place = start
      while visits[place] == 0, let parent = parents[place] {
        visits[place] = start + 1
        place = parent
      }
      guard visits[place] == start + 1 else {
        if visits[place] == 0 { visits[place] = start + 1 }
        continue
      }
      var first = place
      var next = parents[place]
      while let other = next, other != place {
        first = min(first, other)
        next = parents[other]
      }
      parents[first] = nil
      oddities[first] = .cycle
    }
  }
}

extension TraceSpan {
  /// Whether it is the same span, sent twice. Attributes may differ, as a chunk's ones are on its first span only.
  fileprivate func isCopy(of other: TraceSpan) -> Bool {
    startNs == other.startNs && durationNs == other.durationNs && operation == other.operation
      && parentID == other.parentID && resource == other.resource
  }
}
