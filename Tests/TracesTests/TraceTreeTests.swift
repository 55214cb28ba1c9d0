import Foundation
import TestFixtures
import Testing

@testable import Traces

@Suite("The tree of a trace")
struct TraceTreeTests {
  @Test("Spans stand below their parents, and own the time that no child covers")
  func selfTime() {
    let tree = tree([
      span(1, at: 0, for: 100), span(2, under: 1, at: 10, for: 30), span(3, under: 1, at: 30, for: 20),
      span(4, under: 2, at: 15, for: 5), span(5, under: 1, at: 90, for: 50),
    ])
    #expect(tree.roots == [0] && tree.children[0] == [1, 3, 4] && tree.children[1] == [2])
    #expect(tree.selfNs == [50, 25, 5, 20, 50])
    #expect(tree.oddities.isEmpty)
    #expect(tree.inOrder.map(\.span) == [0, 1, 2, 3, 4] && tree.inOrder.map(\.depth) == [0, 1, 2, 1, 1])
  }

  @Test("The critical path leads back from the end, into what ended last before")
  func criticalPath() {
    let tree = tree([
      span(1, at: 0, for: 100), span(2, under: 1, at: 0, for: 60), span(3, under: 1, at: 5, for: 40),
      span(4, under: 1, at: 60, for: 30), span(5, under: 3, at: 6, for: 3), span(6, under: 4, at: 80, for: 200),
    ])
    // 3 ran beside 2 and ended before it; 6 runs on after all.
    #expect(critical(tree) == [1, 2, 4, 6])
  }

  @Test("A span whose parent is not there is a root, and says so")
  func orphans() {
    let tree = tree([span(1, at: 0, for: 9), span(2, under: 77, at: 1, for: 1), span(3, under: 2, at: 1, for: 1)])
    #expect(tree.roots == [0, 1] && tree.oddities == [1: .orphan(parentID: 77)])
    #expect(tree.main == 0)
  }

  @Test("Rings of parents are cut at their first span")
  func cycles() {
    let ring = tree([
      span(1, under: 3, at: 0, for: 9), span(2, under: 1, at: 1, for: 1), span(3, under: 2, at: 2, for: 1),
      span(4, under: 3, at: 3, for: 1), span(5, under: 5, at: 4, for: 1),
    ])
    #expect(ring.roots == [0, 4] && ring.oddities == [0: .cycle, 4: .cycle])
    #expect(ring.inOrder.map(\.span) == [0, 1, 2, 3, 4])
  }

  @Test("The server's half of a call that shares its id stands below the client's, and the server's children below it")
  func sharedIDs() {
    let tree = tree([
      span(1, at: 0, for: 100), span(2, under: 1, at: 10, for: 50),
      span(2, under: 1, at: 20, for: 30, service: "orders"),
      span(3, under: 2, at: 25, for: 5, service: "orders"), span(4, under: 2, at: 11, for: 1),
    ])
    #expect(tree.trace.spans.map(\.spanID) == [1, 2, 4, 2, 3])
    #expect(tree.parents == [nil, 0, 1, 1, 3])
    #expect(tree.oddities == [3: .sharedID])
  }

  @Test("A span that came twice is there once")
  func copies() {
    let tree = tree([span(1, at: 0, for: 9), span(2, under: 1, at: 1, for: 4), span(2, under: 1, at: 1, for: 4)])
    #expect(tree.children[0] == [1] && tree.oddities == [2: .copy] && tree.selfNs[0] == 5)
  }

  @Test("A called service whose clock is behind is moved to the middle of its caller, with all below it")
  func clockSkew() {
    let ms: Int64 = 1_000_000
    let tree = tree([
      span(1, at: 100 * ms, for: 100 * ms), span(2, under: 1, at: 110 * ms, for: 60 * ms),
      span(3, under: 2, at: 20 * ms, for: 40 * ms, service: "orders"),
      span(4, under: 3, at: 30 * ms, for: 10 * ms, service: "orders"),
    ])
    let times = Dictionary(uniqueKeysWithValues: zip(tree.trace.spans.map(\.spanID), tree.times))
    #expect(times[1]?.startNs == 0 && times[2]?.startNs == 10 * ms)
    #expect(times[3]?.startNs == 20 * ms && times[4]?.startNs == 30 * ms)
    #expect(tree.clockSkews.map(\.service) == ["orders"] && tree.clockSkews.map(\.behindNs) == [100 * ms])
    #expect(tree.durationNs == 100 * ms && TraceSummary(tree.trace).durationNs == 100 * ms)
  }

  @Test(
    "A called service whose clock is ahead is moved to the middle of its caller, but not what a failed call or a message led to"
  )
  func clockAhead() {
    let ms: Int64 = 1_000_000
    func tree(_ change: (inout TraceSpan) -> Void) -> TraceTree {
      var call = span(2, under: 1, at: 10 * ms, for: 60 * ms)
      call.type = "http"
      change(&call)
      return self.tree([
        span(1, at: 0, for: 100 * ms), call, span(3, under: 2, at: 520 * ms, for: 40 * ms, service: "orders"),
        span(4, under: 3, at: 530 * ms, for: 10 * ms, service: "orders"),
      ])
    }
    let moved = tree { _ in }
    #expect(moved.times.map(\.startNs) == [0, 10 * ms, 20 * ms, 30 * ms] && moved.durationNs == 100 * ms)
    #expect(moved.clockSkews.map(\.behindNs) == [-500 * ms])
    #expect(TraceSummary(moved.trace).durationNs == 100 * ms)
    #expect(moved.notes == ["the clock of orders is some 500ms ahead of its caller's; its spans are shown earlier"])
    for change in [{ $0.isError = true }, { $0.type = "queue" }, { $0.durationNs = 30 * ms }]
      as [(inout TraceSpan) -> Void]
    {
      #expect(tree(change).clockSkews.isEmpty && tree(change).durationNs == 560 * ms)
      #expect(TraceSummary(tree(change).trace).durationNs == 560 * ms)
    }
  }

  @Test("Several spans without a parent are pointed out")
  func severalRoots() {
    let tree = tree([span(1, at: 0, for: 9), span(2, at: 1, for: 1), span(3, under: 9, at: 1, for: 1)])
    #expect(tree.notes.contains("2 spans have no parent, where a trace usually has one"))
    #expect(self.tree([span(1, at: 0, for: 9), span(3, under: 9, at: 1, for: 1)]).notes.count == 1)
  }

  @Test("Times at the ends of their range do not overflow")
  func extremes() {
    let numbers: [Int64] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
    for start in numbers {
      for duration in numbers {
        let tree = tree([
          span(1, at: 0, for: 10), span(2, under: 1, at: start, for: duration, service: "b"),
          span(3, under: 2, at: .max, for: .max, service: "c"), span(4, under: 2, at: .min, for: .min),
        ])
        #expect(tree.selfNs.allSatisfy { $0 >= 0 } && tree.times.allSatisfy { $0.startNs >= 0 && $0.endNs >= 0 })
      }
    }
    #expect(tree([]).main == nil && tree([]).durationNs == 0)
  }

  enum Shape: CaseIterable { case chain, fan, oneID, ring, oneMissingParent, roots, services, failures }

  @Test("Twenty thousand spans of whatever shape are quick, in every form", arguments: Shape.allCases)
  func manySpans(_ shape: Shape) {
    let count = 20_000
    let spans = (0..<count).map { place -> TraceSpan in
      let number = UInt64(place)
      let (id, parent): (UInt64, UInt64) =
        switch shape {
        case .chain: (number + 1, number)
        case .fan, .services, .failures: (number + 1, place == 0 ? 0 : 1)
        case .oneID: (7, 7)
        case .ring: (number + 1, (number + UInt64(count) - 1) % UInt64(count) + 1)
        case .oneMissingParent: (number + 1, 0xffff_ffff)
        case .roots: (number + 1, 0)
        }
      var span = span(
        id, under: parent, at: Int64(place), for: Int64(2 * count - place),
        service: "s\(shape == .services ? place : place % 3)")
      span.isError = shape == .failures
      return span
    }
    let started = Self.threadSeconds
    let tree = tree(spans)
    #expect(tree.inOrder.count == count)
    #expect(TraceOutline(tree, rowsMax: 200).rows.count <= 402)
    #expect(TraceSummary(tree.trace).spanCount == count)
    #expect(tree.failures.count <= 1 && tree.markdown(startText: "").utf8.count < 50_000)
    #expect(Array(tree.foldedStacks).count <= count)
    // Some 0.6 s without optimizing; anything quadratic takes many times as long.
    #expect(Self.threadSeconds - started < 10)
  }

  /// CPU time of this thread, as other tests run beside it.
  private static var threadSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  @Test("Whatever spans there are, each that is no copy is in the tree once, and owns what its children do not cover")
  func randomTraces() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let spans = (0..<Int.random(in: 0...30, using: &random)).map { _ in
        span(
          .random(in: 0...12, using: &random), under: .random(in: 0...14, using: &random),
          at: .random(in: -5...50, using: &random), for: .random(in: -2...60, using: &random),
          service: ["a", "b", "c"].randomElement(using: &random) ?? "")
      }
      let tree = tree(spans)
      let expected = Set(spans.indices).subtracting(tree.oddities.filter { $0.value == .copy }.keys)
      #expect(Set(tree.inOrder.map(\.span)) == expected && tree.inOrder.count == expected.count, "seed \(seed)")
      for place in expected {
        let covered = Set(tree.children[place].flatMap { tree.times[$0].startNs..<tree.times[$0].endNs })
        let own = (tree.times[place].startNs..<tree.times[place].endNs).count { !covered.contains($0) }
        #expect(tree.selfNs[place] == Int64(own), "seed \(seed)")
      }
      let shown = TraceOutline(tree).rows.reduce(0) { sum, row in
        if case .repeated(let fold) = row.content { sum + fold.spans.count } else { sum + 1 }
      }
      #expect(shown <= expected.count && (shown == expected.count || spans.count > 5), "seed \(seed)")
    }
  }

  @Test("Of calls within each other that do not overlap, all own times together are the trace's")
  func ownTimesAddUp() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      var spans = [span(1, at: 0, for: 1_000_000)]
      var waiting = [spans[0]]
      while let parent = waiting.popLast(), spans.count < 200 {
        var free = parent.startNs
        while parent.endNs - free > 3, Bool.random(using: &random) || free == 0 {
          let start = Int64.random(in: free..<parent.endNs - 1, using: &random)
          let child = span(
            UInt64(spans.count + 1), under: parent.spanID, at: start,
            for: .random(in: 1..<parent.endNs - start, using: &random))
          spans.append(child)
          waiting.append(child)
          free = child.endNs
        }
      }
      let tree = tree(spans.shuffled(using: &random))
      #expect(tree.selfNs.reduce(0, +) == 1_000_000 && tree.roots.count == 1, "seed \(seed)")
    }
  }

  private func tree(_ spans: [TraceSpan]) -> TraceTree {
    TraceTree(Trace(id: TraceID(high: 0, low: 1), spans: spans, isKept: true, keptBy: ""))
  }

  private func critical(_ tree: TraceTree) -> Set<UInt64> {
    Set(tree.trace.spans.indices.filter { tree.isCritical[$0] }.map { tree.trace.spans[$0].spanID })
  }

  private func span(
    _ id: UInt64, under parent: UInt64 = 0, at startNs: Int64, for durationNs: Int64, service: String = "shop"
  ) -> TraceSpan {
    TraceSpan(
      spanID: id, parentID: parent, service: service, operation: "op", resource: "r", startNs: startNs,
      durationNs: durationNs)
  }
}
