import MessagePack
import TestFixtures
import TestSpans
import Testing
import TraceModel

@testable import Processing

@Suite struct TraceRuleTests {
  static let otherTrace = TestSpan(2).with { $0.traceID = 2 }

  @Test(
    arguments: [
      ([], ["empty_trace:1/0"]),
      ([TestSpan().with { $0.traceID = 0 }], ["trace_id_zero:1/1"]),
      ([TestSpan(), TestSpan(0, parent: 1)], ["span_id_zero:1/2"]),
      ([TestSpan(), otherTrace], ["foreign_span:1/2"]),
      ([TestSpan(), otherTrace, TestSpan(0)], ["foreign_span:1/3"]),
      ([TestSpan().with { $0.traceID = 0 }, otherTrace], ["trace_id_zero:1/2"]),
    ] as [([TestSpan], [String])])
  func `a trace whose ids make no sense is removed as a whole`(trace: [TestSpan], reasons: [String]) throws {
    let processed = try process([trace, [TestSpan()]])
    #expect(processed.removed == reasons)
    #expect(processed.batch.chunks.map(\.removal) == [.malformed, nil])
  }

  @Test func `a span id given twice is counted and kept`() throws {
    let processed = try process([[TestSpan(), TestSpan(2, parent: 1), TestSpan(2, parent: 1), TestSpan(2, parent: 1)]])
    #expect(processed.repaired == ["duplicate_span_id:2"])
    #expect(processed.batch.spans.count == 4 && processed.batch.chunks[0].removal == nil)
  }

  @Test func `the same span id in two traces is no duplicate`() throws {
    #expect(try process([[TestSpan()], [TestSpan().with { $0.traceID = 2 }]]).repaired == [])
  }

  @Test(
    arguments: [
      ("the last span without a parent", [(1, 0), (2, 1), (3, 0), (4, 3)], 3),
      ("also when spans without their parent come later", [(1, 0), (5, 99)], 1),
      ("else a span whose parent is elsewhere", [(2, 9), (3, 2), (4, 3)], 2),
      ("else, in a cycle, the last", [(2, 3), (3, 4), (4, 2)], 4),
      ("a lone span", [(7, 3)], 7),
      ("its own parent", [(7, 7), (8, 7)], 8),
    ] as [(String, [(UInt64, UInt64)], UInt64)])
  func `the root is found`(rule: String, spans: [(UInt64, UInt64)], root: UInt64) throws {
    let trace = spans.map { TestSpan($0.0, parent: $0.1) }
    #expect(try process([trace]).batch.chunks[0].root == root, "\(rule)")
  }

  @Test(
    arguments: [
      ("its own parent", [(7, 7)], 1), ("its own parent, with a child", [(7, 7), (8, 7)], 1),
      ("its own parent beside a root", [(1, 0), (2, 1), (7, 7)], 1), ("a ring", [(2, 3), (3, 4), (4, 2)], 3),
      ("a ring beside a root, with a tail", [(1, 0), (2, 4), (3, 2), (4, 3), (5, 4), (6, 5)], 3),
      ("two rings", [(2, 3), (3, 2), (1, 0), (4, 5), (5, 4)], 4),
      ("a ring through an id that came twice", [(1, 0), (2, 1), (1, 2)], 2),
      ("none: parents first", [(1, 0), (2, 1), (3, 2), (4, 1)], 0),
      ("none: parents last", [(3, 2), (2, 1), (1, 0)], 0),
      ("none: in no order", [(3, 2), (1, 0), (2, 1), (5, 99), (4, 5)], 0),
    ] as [(String, [(UInt64, UInt64)], Int)])
  func `spans whose parents lead back to them are counted and kept`(
    shape: String, spans: [(UInt64, UInt64)], inCycles: Int
  ) throws {
    let processed = try process([spans.map { TestSpan($0.0, parent: $0.1) }])
    let cycles = processed.repaired.filter { $0.hasPrefix("parent_cycle") }
    #expect(cycles == (inCycles > 0 ? ["parent_cycle:\(inCycles)"] : []), "\(shape)")
    #expect(processed.batch.chunks[0].spans.map(\.parentID) == spans.map(\.1), "\(shape)")
  }

  @Test func `a Zipkin root, whose trace has its id too, is no cycle`() throws {
    let root = TestSpan(5, parent: 5).with { $0.traceID = 5 }
    #expect(try process([[root]]).repaired == [])
  }

  /// As in Datadog's agent: what has its parent in its own service enters none.
  @Test func `spans of a cycle enter a service only where their parent is in another`() throws {
    let trace = [
      TestSpan(2, parent: 3).with { $0.service = "a" }, TestSpan(3, parent: 2).with { $0.service = "b" },
      TestSpan(7, parent: 7),
    ]
    #expect(try process([trace]).batch.spans.map { $0.flags.contains(.topLevel) } == [true, true, false])
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `cycles are found in any order of the spans, as following each span's parents finds them`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let count = Int.random(in: 1...12, using: &random)
      let parents = (1...count).map { _ in UInt64.random(in: 0...UInt64(count + 1), using: &random) }
      let order = (1...count).shuffled(using: &random)
      let expected = order.filter { start in
        var place = start
        for _ in 0..<count {
          place = parents.indices.contains(place - 1) ? Int(parents[place - 1]) : 0
          if place == start { return true }
        }
        return false
      }.count
      let trace = order.map { id in TestSpan(UInt64(id), parent: parents[id - 1]).with { $0.traceID = 99 } }
      let processed = try process([trace])
      let found = processed.counts.repairs.first { $0.name == "parent_cycle" }?.spans
      #expect(found == UInt64(expected), "seed \(seed), \(order), parents \(parents)")
    }
  }

  @Test func `of several spans without their parent the first is the root`() throws {
    let root = try process([[TestSpan(2, parent: 9), TestSpan(3, parent: 2), TestSpan(4, parent: 8)]]).batch.chunks[0]
      .root
    #expect(root == 2)
  }

  @Test func `a chunk finds its spans also after a much larger one`() throws {
    let large = (1...5_000).map { TestSpan(UInt64($0), parent: UInt64($0 - 1)) }
    let processed = try process([large, [TestSpan(9, parent: 4_000), TestSpan(10, parent: 9)]])
    #expect(processed.batch.chunks[1].root == 9)
    #expect(processed.batch.chunks[1].spans.map { $0.flags.contains(.topLevel) } == [true, false])
    #expect(processed.batch.chunks[0].spans.filter { $0.flags.contains(.topLevel) }.map(\.spanID) == [1])
  }

  @Test(
    arguments: [
      (nil, nil, ChunkRecord.noPriority), (1, nil, 1), (nil, 2, 2), (-1, 2, -1), (0, 1, 0), (1.9, nil, 1),
      (-1.9, nil, -1), (258, nil, 2), (-129, nil, 127), (.nan, nil, 0), (.infinity, nil, 0),
    ] as [(Double?, Double?, Int32)])
  func `the priority is the root's, else the first span's that has one`(
    ofRoot: Double?, ofChild: Double?, expected: Int32
  ) throws {
    var root = TestSpan()
    var child = TestSpan(2, parent: 1)
    if let ofRoot { root = root.metric("_sampling_priority_v1", ofRoot) }
    if let ofChild { child = child.metric("_sampling_priority_v1", ofChild) }
    let last = TestSpan(3, parent: 1).metric("_sampling_priority_v1", 1)
    #expect(try process([[child, root]]).batch.chunks[0].priority == expected)
    if ofRoot == nil, ofChild != nil {
      #expect(try process([[child, last, root]]).batch.chunks[0].priority == expected)
    }
  }

  @Test func `the origin is the root's alone`() throws {
    let child = TestSpan(2, parent: 1).meta("_dd.origin", "lambda")
    #expect(try process([[TestSpan(), child]]).batch.chunks[0].origin == "")
    #expect(try process([[TestSpan().meta("_dd.origin", "rum"), child]]).batch.chunks[0].origin == "rum")
  }

  @Test func `the decision maker is the first span's that has one, and stays there`() throws {
    let chunk = try process([
      [TestSpan(), TestSpan(2, parent: 1).meta("_dd.p.dm", "-3"), TestSpan(3, parent: 1).meta("_dd.p.dm", "-4")]
    ]).batch.chunks[0]
    #expect(chunk.decisionMaker == "-3")
    #expect(chunk.spans[1].meta["_dd.p.dm"] == "-3")
  }

  @Test func `a nil span is skipped`() throws {
    let body = MessagePackValue.array([.array([.null])]).pack()
    #expect(body == [0x91, 0x91, 0xC0])
    // A trace of nothing but nil spans has none.
    #expect(try processBody(body) == ["empty_trace:1/0"])
  }
}
