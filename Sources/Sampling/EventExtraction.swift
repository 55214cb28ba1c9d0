import TraceModel

/// Which spans are analytics events, a deprecated product: they are sent on although their traces are dropped.
package struct EventConfiguration: Sendable {
  /// Rates by service and operation.
  package var spanRates: [SpanRate] = []
  /// Rates of the spans that enter a service; used where `spanRates` is empty.
  package var serviceRates: [SpanRate] = []
  /// Events a second at most; those of traces that a person keeps are beyond it.
  package var eventsPerSecond = 200.0

  package init() {}
}

/// The rate at which spans of a service become events.
package struct SpanRate: Sendable, Equatable {
  package var service: String
  /// Compared without regard to case; nil for all operations.
  package var operation: String?
  /// The part of such spans that is meant, 0 to 1.
  package var rate: Double

  package init(service: String, operation: String? = nil, rate: Double) {
    self.service = service
    self.operation = operation
    self.rate = rate
  }
}

/// Finds events among the spans of a chunk, and marks them.
struct EventExtraction: Sendable {
  private let configuration: EventConfiguration
  private var limit: EventLimit

  init(_ configuration: EventConfiguration) {
    self.configuration = configuration
    limit = EventLimit(perSecond: configuration.eventsPerSecond)
  }

  /// Marks the spans of a chunk that are events with `SpanFlags.sentAlone` and the tags of an event. Returns how many.
  mutating func mark(_ batch: inout SpanBatch, _ chunk: ChunkRecord, nowSeconds: Int64) -> UInt32 {
    guard mayHaveEvents(batch, chunk) else { return 0 }
    var count: UInt32 = 0
    let isKeptByPerson = chunk.priority >= 2
    for index in chunk.spans.range {
      guard var rate = rate(batch, batch.spans[index]) else { continue }
      if rate > 0, isKeptByPerson { rate = 1 }
      let traceID = batch.spans[index].traceID
      guard TraceIDSampler.isKept(traceID: traceID, rate: rate) else { continue }
      let limitRate = isKeptByPerson ? 1 : limit.add(nowSeconds: nowSeconds)
      guard TraceIDSampler.isKept(traceID: traceID, rate: limitRate) else { continue }
      note(&batch, index, root: Int(chunk.root), rate: rate, limitRate: limitRate)
      count &+= 1
    }
    return count
  }

  /// Hardly any trace has some: a look at one word of each span tells it.
  private func mayHaveEvents(_ batch: borrowing SpanBatch, _ chunk: ChunkRecord) -> Bool {
    guard configuration.spanRates.isEmpty, configuration.serviceRates.isEmpty else { return true }
    var index = chunk.spans.range.lowerBound
    let end = chunk.spans.range.upperBound
    while index < end {
      if batch.spans[index].metricKeys.contains(.eventRate) { return true }
      index &+= 1
    }
    return false
  }

  private func note(_ batch: inout SpanBatch, _ index: Int, root: Int, rate: Double, limitRate: Double) {
    let clientRate = batch.metric(.clientRate, of: batch.spans[root])
    let preSamplerRate = batch.metric(.preSamplerRate, of: batch.spans[root])
    batch.setMetric(.eventRate, "_dd1.sr.eausr", rate, ofSpanAt: index)
    if let clientRate { batch.setMetric(.clientRate, "_dd1.sr.rcusr", clientRate, ofSpanAt: index) }
    if let preSamplerRate { batch.setMetric(.preSamplerRate, "_dd1.sr.rapre", preSamplerRate, ofSpanAt: index) }
    if limitRate < 1 { batch.setMetric(.eventLimitRate, "_dd1.sr.eamax", limitRate, ofSpanAt: index) }
    batch.setMetric(.analyzed, "_dd.analyzed", 1, ofSpanAt: index)
    batch.spans[index].flags.insert(.sentAlone)
  }

  private func rate(_ batch: borrowing SpanBatch, _ span: SpanRecord) -> Double? {
    if let rate = batch.metric(.eventRate, of: span) { return rate }
    if !configuration.spanRates.isEmpty {
      return configuration.spanRates.first { Self.applies($0, to: span, batch) }?.rate
    }
    guard !configuration.serviceRates.isEmpty, span.flags.contains(.topLevel) else { return nil }
    return configuration.serviceRates.first { Self.applies($0, to: span, batch) }?.rate
  }

  private static func applies(_ rule: SpanRate, to span: SpanRecord, _ batch: borrowing SpanBatch) -> Bool {
    guard equal(rule.service, batch.bytes(span.service)) else { return false }
    return rule.operation.map { equal($0, batch.bytes(span.name)) } ?? true
  }

  /// Keys of the configuration have no case, as in the Datadog agent.
  private static func equal(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
    text.utf8.elementsEqual(bytes) { lowercased($0) == lowercased($1) }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }
}

/// The rate at which events pass so that about as many a second do as may.
struct EventLimit: Sendable {
  private let perSecond: Double
  private var second: Int64 = .min
  private var count = 0.0
  private var countBefore = 0.0

  init(perSecond: Double) { self.perSecond = perSecond }

  /// Counts an event. Its rate goes by the busier of this second and the one before.
  mutating func add(nowSeconds: Int64) -> Double {
    if nowSeconds != second {
      countBefore = nowSeconds == second &+ 1 ? count : 0
      (second, count) = (nowSeconds, 0)
    }
    count += 1
    let current = max(count, countBefore)
    return current > perSecond ? perSecond / current : 1
  }
}
