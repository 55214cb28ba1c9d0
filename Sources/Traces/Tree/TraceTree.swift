/// The spans of a trace as a tree, whatever clients sent: parents that are missing or come twice, cycles, clocks that
/// differ, times at the ends of their range.
///
/// Spans are named by their place in `trace.spans`. Making one takes O(n log n) for n spans and no recursion.
package struct TraceTree: Sendable {
  package let trace: Trace
  /// Those without a parent in the trace, in the order of their starts.
  package let roots: [Int]
  /// Children of each span, in the order of their starts.
  package let children: [[Int]]
  /// The span above each; `nil` for roots and for copies.
  package let parents: [Int?]
  /// What was wrong with each span's place, where anything was.
  package let oddities: [Int: TraceOddity]
  /// When each begins, in ns after the first, and how long it takes, by the clock of the trace's first span.
  package let times: [SpanTime]
  /// How much of each span's time no child covers, in ns.
  package let selfNs: [Int64]
  /// Whether each span is on the critical path: had it been shorter, the trace would have been.
  package let isCritical: [Bool]
  /// Services whose clock differs from that of their caller by a millisecond and more: how much it is behind, in ns, where it
  /// differs most; less than 0 for one that is ahead.
  package let clockSkews: [(service: String, behindNs: Int64)]

  /// Finds the place of each span, and what follows from it.
  package init(_ trace: Trace) {
    var links = ParentSearch(trace.spans)
    links.run()
    let (roots, placed) = links.generations
    var children = placed
    var clocks = ClockCorrection(trace.spans)
    clocks.run(roots: roots, children: &children)
    self.trace = trace
    self.roots = roots
    self.children = children
    parents = links.parents
    oddities = links.oddities
    times = clocks.times
    clockSkews = clocks.skews.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    selfNs = trace.spans.indices.map { clocks.times[$0].uncovered(by: children[$0].lazy.map { clocks.times[$0] }) }
    let main = Self.main(of: roots, trace)
    isCritical = CriticalPath.spans(from: main, children: children, times: clocks.times)
  }

  /// The root that stands for the trace: the first one without a parent at all, else the first.
  package var main: Int? { Self.main(of: roots, trace) }

  private static func main(of roots: [Int], _ trace: Trace) -> Int? {
    roots.first { trace.spans[$0].parentID == 0 } ?? roots.first
  }

  /// When the span that stands for the trace began, by its own clock, in ns since 1970; 0 for a trace without spans.
  package var startNs: Int64 { main.map { trace.spans[$0].startNs } ?? 0 }

  /// The services that it passed, from the top down.
  package var services: [String] {
    var services: [String] = []
    var seen: Set<String> = []
    for (span, _) in inOrder where seen.insert(trace.spans[span].service).inserted {
      services.append(trace.spans[span].service)
    }
    return services
  }

  /// Whether a span hangs on a parent that is not here.
  package func isOrphan(_ span: Int) -> Bool { if case .orphan = oddities[span] { true } else { false } }

  /// The trace's length by `times`, in ns.
  package var durationNs: Int64 { times.lazy.map(\.endNs).max() ?? 0 }

  /// The same of a trace of which nothing else is needed. With all spans of one service no clock differs.
  static func durationNs(of trace: Trace) -> Int64 {
    var links = ParentSearch(trace.spans)
    links.run()
    let (roots, placed) = links.generations
    var (children, clocks) = (placed, ClockCorrection(trace.spans))
    clocks.run(roots: roots, children: &children)
    return clocks.durationNs
  }

  /// The same spans from the top down, each behind its parent, with the number of spans above it.
  package var inOrder: [(span: Int, depth: Int)] {
    var order: [(span: Int, depth: Int)] = []
    order.reserveCapacity(trace.spans.count)
    var waiting = roots.reversed().map { (span: $0, depth: 0) }
    while let next = waiting.popLast() {
      order.append(next)
      for child in children[next.span].reversed() { waiting.append((child, next.depth + 1)) }
    }
    return order
  }
}

/// What is odd about a span's place in its trace.
package enum TraceOddity: Sendable, Equatable {
  /// Its parent was not stored: it was dropped, is not finished yet, or belongs to a service that sends elsewhere.
  case orphan(parentID: UInt64)
  /// Following the parents from it led back to it; it was made a root.
  case cycle
  /// Another span of the same trace has its id, and is another span.
  case sharedID
  /// The same span came before; it is left out.
  case copy
}
