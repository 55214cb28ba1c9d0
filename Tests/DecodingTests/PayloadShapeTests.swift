import Decoding
import MessagePack
import TestTraces
import Testing

@Suite struct `A payload` {
  @Test(arguments: TraceFormat.allCases)
  func `may hold nil traces, empty traces and nil spans, which are left out`(format: TraceFormat) throws {
    let span: MessagePackValue = format == .v05 ? [0, 0, 0, 0, 0, 0, 0, 0, 0, nil, nil, 0] : [:]
    let traces: MessagePackValue = [nil, [], [nil, span, nil], [nil]]
    #expect(try format.traces(of: format.payload(traces).pack()) == [[], [], [PlainSpan()], []])
  }

  @Test(arguments: TraceFormat.allCases)
  func `may have anything behind it`(format: TraceFormat) throws {
    let payload = format.payload([[]]).pack()
    let traces = try format.traces(of: payload)
    for rest in [[0xC1], [0xDD, 0xFF, 0xFF, 0xFF, 0xFF], [UInt8](repeating: 0xC0, count: 20)] as [[UInt8]] {
      #expect(try format.traces(of: payload + rest) == traces)
    }
  }

  @Test(arguments: TraceFormat.allCases)
  func `may not be empty`(format: TraceFormat) {
    let error = #expect(throws: DecodeError.self) { try format.traces(of: []) }
    #expect(error?.kind == .shortBytes)
  }

  static let spanV05: [MessagePackValue] = [1, 2, 3, 4, 5, 6, 7, 8, 9, [10: 11], [12: 13], 14]
  static let tableV05 = MessagePackValue.array((0..<15).map { MessagePackValue.text("s\($0)") })

  @Test func `of v0.5 has its fields in one order`() throws {
    let traces = try TraceFormat.v05.traces(of: ([Self.tableV05, [[.array(Self.spanV05)]]] as MessagePackValue).pack())
    var expected = PlainSpan()
    (expected.service, expected.name, expected.resource, expected.type) = ("s1", "s2", "s3", "s14")
    (expected.traceID, expected.spanID, expected.parentID) = (4, 5, 6)
    (expected.startNs, expected.durationNs, expected.error) = (7, 8, 9)
    (expected.meta, expected.metrics) = ([Pair("s10", "s11")], [Pair("s12", 13)])
    #expect(traces == [[expected]])
  }

  @Test(arguments: [0, 1, 11, 13, 24])
  func `of v0.5 has spans of 12 elements and no other number`(count: Int) {
    let span = (0..<count).map { Self.spanV05[$0 % 12] }
    let payload: MessagePackValue = [Self.tableV05, [[.array(span)]]]
    let error = #expect(throws: DecodeError.self) { try TraceFormat.v05.traces(of: payload.pack()) }
    #expect(error?.kind == .wrongLength)
    #expect(error?.expected == "an array of 12")
  }

  @Test(arguments: [0, 1, 3])
  func `of v0.5 is an array of two`(count: Int) {
    let payload = MessagePackValue.array([MessagePackValue](repeating: [], count: count))
    let error = #expect(throws: DecodeError.self) { try TraceFormat.v05.traces(of: payload.pack()) }
    #expect(error?.kind == .wrongLength)
    #expect(error?.expected == "an array of 2")
  }

  static let references: [(index: Int, bad: MessagePackValue)] =
    [0, 1, 2, 11].flatMap { index in
      ([15, .uint(.max), -1, .uint(1 << 32)] as [MessagePackValue]).map { (index, $0) }
    } + [(9, [15: 1]), (9, [1: 15]), (10, [15: 1.0]), (10, [-1: 1.0])]

  @Test(arguments: references)
  func `of v0.5 refers to no string outside its table`(index: Int, bad: MessagePackValue) {
    var span = Self.spanV05
    span[index] = bad
    let payload: MessagePackValue = [Self.tableV05, [[.array(span)]]]
    let error = #expect(throws: DecodeError.self) { try TraceFormat.v05.traces(of: payload.pack()) }
    #expect(error?.kind == .outOfRange)
    #expect(error?.expected == "an index into the string table")
  }

  @Test func `of v0.5 shares one repaired copy of a broken string`() throws {
    let span: MessagePackValue = [0, 0, 0, 1, 1, 0, 0, 0, 0, [0: 0], [:], 0]
    let payload: MessagePackValue = [[.string([0xFF])], [[span]]]
    let read = try #require(try TraceFormat.v05.traces(of: payload.pack()).first?.first)
    #expect(read.service == "\u{FFFD}")
    #expect(read.meta == [Pair("\u{FFFD}", "\u{FFFD}")])
  }
}
