import TestFixtures
import TestSpans
import Testing

@testable import Statistics

@Suite struct WeightTests {
  @Test(
    arguments: [
      (0.5, 2), (1, 1), (0.25, 4), (0, 1), (-0.5, 1), (2, 1), (.nan, 1), (.infinity, 1),
      (.leastNonzeroMagnitude, 1), (1e-300, 1), (9.9e-7, 1), (1e-6, 1_000_000),
    ]
      as [(Double, UInt64)])
  func `a trace counts as many times as its client's rate says`(rate: Double, hits: UInt64) throws {
    let root = TestSpan().metric("_sample_rate", rate).with { $0.error = 1 }
    let group = try #require(try groups([[root]]).first)
    #expect(group.hits == hits && group.topLevelHits == hits && group.errors == hits)
    #expect(group.duration == hits * 1_000_000)
    // Sketches hold the spans that came.
    #expect(try SketchReader(group.errorSummary).bins.values.reduce(0, +) == 1)
  }

  @Test func `the root's rate holds for all spans, a child's for none`() throws {
    let child = TestSpan(2, parent: 1).metric("_dd.measured", 1).metric("_sample_rate", 0.1)
    #expect(try groups([[TestSpan().metric("_sample_rate", 0.5), child]]).map(\.hits) == [2, 2])
  }

  @Test func `locally spans count as they came`() throws {
    var counting = Counting()
    try counting.add([[TestSpan().metric("_sample_rate", 0.5)]])
    var aggregate = LocalAggregate()
    for bucket in counting.concentrator.buckets { aggregate.add(bucket) }
    #expect(aggregate.services(env: nil).map(\.cell.hits) == [1])
    #expect(aggregate.services(env: nil).map(\.cell.durationNs) == [1_000_000])
  }

  @Test func `rounding is by chance and true on average`() {
    var random = SeededGenerator(seed: 3)
    let rounded = (0..<20_000).map { _ in StochasticRounding.round(2.3, random: &random) }
    #expect(Set(rounded) == [2, 3])
    let mean = Double(rounded.reduce(0, +)) / 20_000
    #expect(abs(mean - 2.3) < 0.02, "seed 3: \(mean)")
  }

  @Test(
    arguments: [
      (0, 0), (-1, 0), (5, 5), (1e300, .max), (.infinity, .max), (.nan, 0), (1.8e19, 18_000_000_000_000_000_000),
    ] as [(Double, UInt64)])
  func `whole and impossible values round without chance`(value: Double, expected: UInt64) {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<20 { #expect(StochasticRounding.round(value, random: &random) == expected) }
  }

  @Test(
    arguments: [
      ([("http.status_code", "404")], [], 404), ([], [("http.status_code", 503)], 503),
      ([("http.response.status_code", "201")], [], 201), ([], [("http.response.status_code", 202)], 202),
      ([("http.status_code", "500"), ("http.response.status_code", "200")], [], 500), ([], [], 0),
      ([("http.status_code", "teapot")], [], 0),
      ([("http.status_code", "teapot"), ("http.response.status_code", "418")], [], 418),
      ([], [("http.status_code", -1)], 0), ([], [("http.status_code", .nan)], 0), ([], [("http.status_code", 1e12)], 0),
    ] as [([(String, String)], [(String, Double)], UInt32)])
  func `the HTTP status is read from texts and numbers`(
    meta: [(String, String)], metrics: [(String, Double)], expected: UInt32
  ) throws {
    let span = TestSpan().with {
      $0.meta = meta
      $0.metrics = metrics
    }
    #expect(try groups([[span]]).map(\.httpStatusCode) == [expected])
  }

  @Test(arguments: [
    ("0", "0"), ("13", "13"), ("99", "99"), ("OK", "0"), ("ok", "0"), ("CANCELLED", "1"), ("Canceled", "1"),
    ("UNKNOWN", "2"), ("INVALID_ARGUMENT", "3"), ("InvalidArgument", "3"), ("DEADLINE_EXCEEDED", "4"),
    ("DeadlineExceeded", "4"), ("NOT_FOUND", "5"), ("NotFound", "5"), ("ALREADY_EXISTS", "6"), ("AlreadyExists", "6"),
    ("PERMISSION_DENIED", "7"), ("PermissionDenied", "7"), ("RESOURCE_EXHAUSTED", "8"), ("ResourceExhausted", "8"),
    ("FAILED_PRECONDITION", "9"), ("FailedPrecondition", "9"), ("ABORTED", "10"), ("OUT_OF_RANGE", "11"),
    ("OutOfRange", "11"), ("UNIMPLEMENTED", "12"), ("INTERNAL", "13"), ("UNAVAILABLE", "14"), ("DATA_LOSS", "15"),
    ("DataLoss", "15"), ("UNAUTHENTICATED", "16"), ("StatusCode.NotFound", "5"), ("StatusCode.OK", "0"),
    ("nonsense", ""),
    ("-1", ""), ("", ""), ("1.5", ""),
  ])
  func `a gRPC status is known by name and number`(text: String, expected: String) throws {
    #expect(try groups([[TestSpan().meta("grpc.code", text)]]).map(\.grpcStatusCode) == [expected])
  }

  @Test(
    arguments: [
      ([("rpc.response.status_code", "NOT_FOUND"), ("rpc.system.name", "grpc")], [], "5"),
      ([("rpc.response.status_code", "14"), ("rpc.system", "grpc")], [], "14"),
      ([("rpc.system", "grpc")], [("rpc.response.status_code", 5)], "5"),
      ([("rpc.system.name", "grpc")], [("rpc.response.status_code", 16)], "16"),
      ([("rpc.system.name", "grpc"), ("rpc.system", "connect_rpc")], [("rpc.response.status_code", 7)], "7"),
      ([("rpc.system.name", ""), ("rpc.system", "grpc")], [("rpc.response.status_code", 7)], "7"),
      ([("rpc.system.name", "jsonrpc"), ("rpc.system", "grpc")], [("rpc.response.status_code", 7)], ""),
      ([("rpc.response.status_code", "NOT_FOUND"), ("rpc.system.name", "dubbo")], [], ""),
      ([("rpc.response.status_code", "NOT_FOUND")], [], ""),
      ([("rpc.system.name", "grpc")], [], ""),
      ([("rpc.response.status_code", "NOT_FOUND"), ("rpc.system", "grpc"), ("grpc.code", "OK")], [], "0"),
      ([("rpc.response.status_code", ""), ("rpc.system", "grpc")], [("grpc.code", 3)], "3"),
      ([("rpc.system", "grpc")], [("rpc.response.status_code", .nan)], ""),
      ([("rpc.response.status_code", "teapot"), ("rpc.system", "grpc")], [], ""),
    ] as [([(String, String)], [(String, Double)], String)])
  func `a gRPC status is also read under the name for any system, of spans that say they are gRPC's`(
    meta: [(String, String)], metrics: [(String, Double)], expected: String
  ) throws {
    let span = TestSpan().with {
      $0.meta = meta
      $0.metrics = metrics
    }
    #expect(try groups([[span]]).map(\.grpcStatusCode) == [expected])
  }

  @Test func `a gRPC status is read from four keys in order, from texts and numbers`() throws {
    let keys = ["rpc.grpc.status_code", "grpc.code", "rpc.grpc.status.code", "grpc.status.code"]
    for (index, key) in keys.enumerated() {
      #expect(try groups([[TestSpan().metric(key, 7)]]).map(\.grpcStatusCode) == ["7"], "\(key)")
      var span = TestSpan()
      for (number, later) in keys[index...].enumerated() { span = span.meta(later, String(number + 1)) }
      #expect(try groups([[span]]).map(\.grpcStatusCode) == ["1"], "\(key)")
    }
    let empty = TestSpan().meta(keys[0], "").meta(keys[1], "NotFound")
    #expect(try groups([[empty]]).map(\.grpcStatusCode) == ["5"])
  }
}
