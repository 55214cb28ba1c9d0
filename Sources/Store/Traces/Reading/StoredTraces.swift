import Traces

/// The traces that a store keeps, for queries. Each query looks over a connection of its own, so that other readers go on,
/// and in a file the writer too.
package struct StoredTraces: TraceReading {
  /// A search that takes longer says how far it came.
  static let timeLimit = Duration.seconds(2)
  /// The same in memory, where the writer waits meanwhile.
  static let timeLimitInMemory = Duration.milliseconds(500)

  private let location: StoreLocation
  private let timeLimit: Duration

  /// Reads what a store writes meanwhile.
  package init(_ location: StoreLocation) {
    switch location {
    case .file: self.init(location, timeLimit: Self.timeLimit)
    case .memory: self.init(location, timeLimit: Self.timeLimitInMemory)
    }
  }

  /// Reads a file, which an agent may write meanwhile.
  package init(path: String) throws(StoreError) {
    self.init(.file(path))
    _ = try StoreFile.openForReading(location)
  }

  init(_ location: StoreLocation, timeLimit: Duration) {
    self.location = location
    self.timeLimit = timeLimit
  }

  /// The traces of a query, whole as far as they are stored. The search stops at the limit, or when its time is over.
  package func traces(_ query: TracesQuery) throws(StoreError) -> TracesFound {
    guard query.limit > 0, let traces = try TraceDatabase(location) else { return TracesFound() }
    if let arrivedAfter = query.arrivedAfter {
      var search = ArrivalSearch(traces, query, after: arrivedAfter, deadline: .now + timeLimit)
      return try search.run()
    }
    var search = try TraceSearch(traces, query, deadline: .now + timeLimit)
    return try search.run()
  }

  /// One trace, with all chunks that are stored of it.
  package func trace(_ selector: TraceSelector) throws(StoreError) -> TraceLookup {
    if let low = selector.wholeLow, let traces = try TraceDatabase(location, holding: low) {
      let lookup = try traces.find(low: low, beginningWith: selector.digits)
      if case .none = lookup {} else { return lookup }
    }
    guard let traces = try TraceDatabase(location) else { return .none }
    switch selector {
    case .hexPrefix(let prefix): return try traces.find(hexPrefix: prefix)
    case .low: return .none
    case .last: return try newest(.all, traces)
    case .error(let service):
      return try newest(.condition(.hasError(true)), traces, exactly: .failed(service: service))
    case .slowest(let service, let resource):
      return try traces.findSlowest(service: service, resource: resource, deadline: .now + timeLimit)
    }
  }

  private func newest(
    _ filter: TraceFilter, _ traces: TraceDatabase, exactly check: SpanCheck? = nil
  ) throws(StoreError) -> TraceLookup {
    var search = try TraceSearch(
      traces, TracesQuery(filter: filter, limit: 1), deadline: .now + timeLimit, exactly: check)
    let found = try search.run()
    guard let id = (found.summaries.first ?? search.newestBeyondCut)?.id else {
      return found.searchedBackToNs == nil ? .none : .noneSoFar
    }
    let lookup = try traces.find(
      TraceRows.traces(of: traces.chunks(ofTraces: [id.low])[id.low] ?? []).filter { $0.id == id })
    return found.summaries.isEmpty ? lookup.soFar : lookup
  }
}

extension TraceSelector {
  /// The lower half of the id, where all of it was typed.
  fileprivate var wholeLow: UInt64? {
    switch self {
    case .low(let low): low
    case .hexPrefix(let digits):
      digits.utf8.count == 16 || digits.utf8.count == 32 ? UInt64(digits.suffix(16), radix: 16) : nil
    case .last, .slowest, .error: nil
    }
  }

  /// What the id begins with.
  fileprivate var digits: String { if case .hexPrefix(let digits) = self { digits.lowercased() } else { "" } }
}

extension TraceLookup {
  /// The same of a search that ended early.
  var soFar: TraceLookup {
    switch self {
    case .found(let trace): .foundSoFar(trace)
    case .none: .noneSoFar
    case .foundSoFar, .ambiguous, .noneSoFar: self
    }
  }
}

/// What one span of a trace has to be, by texts that are compared as they are.
enum SpanCheck {
  /// A failed span of a service.
  case failed(service: String)
  /// A span of a service and resource.
  case entry(service: String, resource: String)

  func holds(_ span: TraceSpan) -> Bool {
    switch self {
    case .failed(let service): span.isError && span.service == service
    case .entry(let service, let resource): span.service == service && span.resource == resource
    }
  }

  /// The words of those texts, which a block with such a span has.
  var words: WordCondition {
    let texts =
      switch self {
      case .failed(let service): [service]
      case .entry(let service, let resource): [service, resource]
      }
    return .all(texts.flatMap(SearchWords.words(of:)).map { .word($0) })
  }
}
