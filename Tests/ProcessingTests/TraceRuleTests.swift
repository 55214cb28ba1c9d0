import MessagePack
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
