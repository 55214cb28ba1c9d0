import TestSpans
import Testing
import TraceModel

@testable import Processing

/// A rule that removes traces by their root's resource, and counts the spans that it lets through as repaired.
private struct HealthCheckFilter: ProcessingStep {
  static let reason = RemovalReason("health_check", .filtered)
  let name = "health_checks"
  private(set) var begun = 0
  private var passed: UInt64 = 0

  var removalReasons: [RemovalReason] { [Self.reason] }
  var repairs: [ProcessingCounts.Repair] { [.init(step: name, name: "health_passed", spans: passed)] }

  mutating func begin(_ batch: inout SpanBatch, _ context: inout ProcessingContext) { begun += 1 }

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    let root = batch.spans[Int(batch.chunks[chunk].root)]
    if batch.equal(root.resource, "GET /health") { return Self.reason }
    passed += UInt64(batch.chunks[chunk].spans.count)
    return nil
  }
}

@Suite struct ProcessingStepTests {
  private static var steps: [any ProcessingStep] {
    var steps = ProcessingConfiguration().steps
    steps.insert(HealthCheckFilter(), at: 2)
    return steps
  }

  private static let healthCheck = TestSpan(5).with { $0.resource = "GET /health" }

  @Test func `the steps run in the order of Datadog's agent`() {
    #expect(
      ProcessingConfiguration().steps.map(\.name) == [
        "normalize", "root", "obfuscate", "truncate", "client_rate", "top_level", "payload",
      ])
  }

  @Test func `the configuration reaches its steps`() {
    var configuration = ProcessingConfiguration()
    configuration.resourceBytesMax = 15_000
    configuration.usesComponentAsName = true
    let steps = configuration.steps
    #expect(steps.contains { ($0 as? NormalizingStep)?.usesComponentAsName == true })
    #expect(steps.contains { ($0 as? TruncatingStep)?.resourceBytesMax == 15_000 })
  }

  @Test func `a trace that a rule removed is counted apart from malformed ones`() throws {
    let spans = [Self.healthCheck, TestSpan(6, parent: 5)]
    let processed = try process([spans, [TestSpan(0)], [TestSpan()], []], steps: Self.steps)
    #expect(processed.batch.chunks.map(\.removal) == [.filtered, .malformed, nil, .malformed])
    #expect(processed.removed == ["empty_trace:1/0", "health_check:1/2", "span_id_zero:1/1"])
    #expect(processed.repaired == ["health_passed:1"])
    let kinds = processed.counts.removals.filter { $0.reason.removal == .filtered }.map(\.reason.name)
    #expect(kinds == ["health_check"])
  }

  @Test func `what a rule removed decides nothing and is not worked on further`() throws {
    let removed = Self.healthCheck.meta("env", "removed").meta(String(repeating: "k", count: 201), "v")
    let processed = try process([[removed], [TestSpan().meta("env", "good")]], steps: Self.steps)
    #expect(processed.batch.env == "good")
    #expect(processed.batch.chunks[0].spans[0].flags == [])
    #expect(processed.batch.chunks[0].spans[0].meta.keys.contains(String(repeating: "k", count: 201)))
    #expect(processed.batch.chunks[1].spans[0].flags == .topLevel)
  }

  @Test func `a step sees what the steps before it have made of a trace`() throws {
    let nameless = TestSpan().with {
      $0.resource = ""
      $0.name = "GET /health"
    }
    // Without a resource the name takes its place, and the name is no longer what the rule looks for.
    #expect(try process([[nameless]], steps: Self.steps).removed == [])
    #expect(try process([[nameless]], steps: Self.steps).batch.chunks[0].spans[0].resource == "GET_health")
  }

  @Test func `every trace that came in went on or was removed for one reason`() throws {
    var traces: [[TestSpan]] = []
    for index in 0..<60 {
      switch index % 4 {
      case 0: traces.append([Self.healthCheck])
      case 1: traces.append([])
      case 2: traces.append([TestSpan(), TestSpan(0)])
      default: traces.append([TestSpan()])
      }
    }
    let processed = try process(traces, steps: Self.steps)
    let removed = processed.counts.removals.reduce(0) { $0 + $1.traces }
    #expect(processed.batch.chunks.filter { $0.removal == nil }.count + Int(removed) == traces.count)
  }

  @Test func `a request begins once for each step, whatever is in it`() throws {
    try withBatch([[TestSpan()], [TestSpan()]]) { batch in
      var context = ProcessingContext(RequestFacts(nowNs: now, language: .empty, clientComputedTopLevel: false))
      var step = HealthCheckFilter()
      step.begin(&batch, &context)
      for chunk in 0..<2 { _ = step.process(&batch, chunk: chunk, &context) }
      #expect(step.begun == 1)
    }
  }

  @Test func `counts of processors with other steps add up by step and reason`() throws {
    var sum = try process([[Self.healthCheck], []], steps: Self.steps).counts
    sum.add(try process([[]]).counts)
    sum.add(try process([[Self.healthCheck]], steps: Self.steps).counts)
    #expect(Processed(batch: SeenBatch(SpanBatch()), counts: sum).removed == ["empty_trace:2/0", "health_check:2/2"])
    var other = ProcessingCounts()
    other.add(sum)
    #expect(other == sum)
  }

  @Test func `a malformation is counted at its own place`() {
    #expect(SpanMalformation.allCases.map(\.index) == Array(SpanMalformation.allCases.indices))
    for malformation in SpanMalformation.allCases {
      var counts = RepairCounts()
      counts.add(malformation)
      #expect(counts.repairs(step: "s").filter { $0.spans > 0 }.map(\.name) == [malformation.rawValue])
    }
  }
}
