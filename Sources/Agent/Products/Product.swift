/// Another product than tracing whose requests come to the agent; the raw values are what documents call it.
enum Product: String, CaseIterable, Sendable {
  case profiling, telemetry
  case dataStreams = "data_streams"
  case lineage = "openlineage"
  case events = "event_platform"
  case debugger = "dynamic_instrumentation"
  case symbols = "symbol_database"
  case dogStatsD = "dogstatsd"
  case tracerFlare = "tracer_flare"
  case remoteConfiguration = "remote_configuration"

  /// What people call it, as part of a sentence.
  var title: String {
    switch self {
    case .profiling: "profiling"
    case .telemetry: "telemetry"
    case .dataStreams: "data streams"
    case .lineage: "OpenLineage"
    case .events: "the event platform"
    case .debugger: "dynamic instrumentation"
    case .symbols: "the symbol database"
    case .dogStatsD: "DogStatsD"
    case .tracerFlare: "tracer flares"
    case .remoteConfiguration: "remote configuration"
    }
  }
}

/// Why a request of a product went nowhere, where no intake refused it: the names under which it is counted.
enum ProductDropReason: String, CaseIterable, Sendable {
  /// The intake could not be reached, or the connection broke.
  case unreachable = "intake_unreachable"
  case timedOut = "intake_timeout"
  /// The answer is larger than what is passed back.
  case answerTooLarge = "answer_too_large"
  /// Too many requests of the product, or bytes of them, are under way.
  case tooManyUnderWay = "too_many_under_way"
  /// The agent uses more memory than it may.
  case memoryLimit = "memory_limit"
  case payloadTooLarge = "payload_too_large"
  /// It names no intake, or one with characters that no address has; or it is not what the product takes.
  case invalid = "invalid_request"
  /// It needs an application key, and there is none.
  case noApplicationKey = "no_application_key"
  /// The product is turned off.
  case turnedOff = "product_off"
  /// No DogStatsD took it, or there is none.
  case noDogStatsD = "no_dogstatsd"
  /// A line of metrics is longer than a DogStatsD reads at once.
  case lineTooLong = "line_too_long"
  /// Nothing can be passed on: libcurl is missing, or there is no thread.
  case impossible = "cannot_forward"
  /// The agent ended before it was answered.
  case stopping = "product_stopping"
}

/// Why a request of a product is answered with an error at once.
struct ProductRefusal: Error, Equatable {
  let status: UInt16
  let reason: ProductDropReason
  /// The answer's body; without anything that a client sent.
  let text: String
}
