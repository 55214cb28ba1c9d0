import Decoding
import MessagePack
import TestTraces
import Testing

/// roost's decoders against libmsgpack-c and the rules of coercion applied to its tree.
///
/// Alike means: both refuse, or both accept and read the same spans, values and order of attributes, of text attributes
/// with one key the last. Only the limits differ (libmsgpack-c stops at 32 levels, roost at 64), so a payload that the reference finds too deep
/// decides nothing. Why they refuse is not compared: roost stops at the first byte that does not fit its place, the
/// reference takes the whole document apart first.
@Suite struct `The decoders and libmsgpack-c` {
  static let seeds: [UInt64] = Array(1...3)

  @Test(arguments: TraceFormat.allCases, seeds)
  func `read the same in valid payloads`(format: TraceFormat, seed: UInt64) throws {
    var generator = PayloadGenerator(seed: seed)
    for number in 0..<100 {
      let bytes = generator.payload(format)
      let expected = try ReferenceReader.payload(of: bytes, as: format)
      let read = try format.payload(of: bytes)
      try #require(Verdict.isSame(read, expected), "payload \(number) of seed \(seed): \(bytes)")
    }
  }

  @Test(arguments: TraceFormat.allCases, seeds)
  func `agree on damaged payloads`(format: TraceFormat, seed: UInt64) throws {
    var generator = PayloadGenerator(seed: 1000 + seed)
    var mutator = Mutator(seed: seed, corpus: (0..<100).map { _ in generator.payload(format) })
    var accepted = 0
    var refused = 0
    for number in 0..<300 {
      let bytes = mutator.next()
      switch Verdict(on: bytes, as: format) {
      case .bothAccept: accepted += 1
      case .bothRefuse: refused += 1
      case .undecided: break
      case .differ(let how): Issue.record("input \(number) of seed \(seed): \(how): \(bytes)")
      }
    }
    // Both outcomes have to be common, or the test tests nothing.
    #expect(accepted > 15)
    #expect(refused > 75)
  }

  @Test(arguments: TraceFormat.allCases)
  func `agree on damaged requests of real clients`(format: TraceFormat) throws {
    let requests = try CapturedRequest.all().filter { $0.body.count < 2500 }
    let isCaptured = format == .v04 || format == .v05
    let corpus =
      isCaptured ? requests.filter { $0.format == format }.map(\.body) : requests.compactMap { $0.twin(as: format) }
    var mutator = Mutator(seed: 3, corpus: corpus)
    for number in 0..<400 {
      let bytes = mutator.next()
      if case .differ(let how) = Verdict(on: bytes, as: format) {
        Issue.record("input \(number): \(how): \(bytes)")
      }
    }
  }

  /// 6 is a list of keys and values in v1.0, and nothing in the formats that have these types as a field.
  @Test(arguments: [TraceFormat.v04, .v07], 5...7)
  func `agree on values of an unknown type`(format: TraceFormat, type: Int) {
    let value: MessagePackValue = ["type": .int(Int64(type)), "int_value": 7]
    let bytes = format.payload([[["span_events": [["attributes": ["k": value]]]]]]).pack()
    guard case .bothAccept = Verdict(on: bytes, as: format) else {
      Issue.record("\(Verdict(on: bytes, as: format))")
      return
    }
  }

  /// Another format's payloads are mostly refused, but never a trap.
  @Test func `agree on payloads of the other formats`() throws {
    for request in try CapturedRequest.all() {
      for other in TraceFormat.allCases where other != request.format {
        if case .differ(let how) = Verdict(on: request.body, as: other) { Issue.record("\(request): \(how)") }
      }
    }
  }
}
