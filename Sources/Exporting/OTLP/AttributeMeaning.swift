import TraceModel

/// What a text attribute of a span is in OpenTelemetry, where it is no attribute of the same name.
enum AttributeMeaning {
  /// It stays an attribute of this name.
  case attribute
  /// Says something of Datadog's protocol alone, or what stands elsewhere too.
  case none
  case kind, statusCode, statusDescription, traceState, events, links
  /// Of a span that came as OTLP: what its resource says, as a rule.
  case env, version
  case errorType, errorMessage, errorStack
  /// Of a tracer of Datadog: a language, as a rule its own, which the resource has.
  case language
  /// Of a tracer of Datadog: what a field of the span says too.
  case operation, resource, type
  /// A status of HTTP, which is a number in OpenTelemetry.
  case httpStatus
  /// An attribute of HTTP that decoding gave the name that Datadog has for it.
  case renamed(StaticString)
  /// The same of a header of a request.
  case requestHeader

  /// - Parameter isOTLP: the span came as OTLP. Then all that the client said has its key in the body, as a rule, and what
  ///   decoding and later stages made of it has not.
  @inline(__always) init(_ entry: MetaEntry, _ batch: borrowing SpanBatch, isOTLP: Bool) {
    if isOTLP {
      self = entry.key.isInSideArena ? Self.added(entry, batch) : entry.known == .removed ? .none : .attribute
      return
    }
    switch entry.known {
    case .removed, .env, .version: self = .none
    case .spanKind: self = .kind
    case .taggedEvents: self = .events
    case .errorType: self = .errorType
    case .errorStack: self = .errorStack
    case .httpStatusCode: self = .httpStatus
    default: self = Self.named(batch.bytes(entry.key))
    }
  }

  /// Of what Datadog's tracers send.
  @inline(__always) private static func named(_ key: UnsafeRawBufferPointer) -> AttributeMeaning {
    switch key.first {
    case UInt8(ascii: "_"): ByteString.equal(key, "_dd.span_links") ? .links : .none
    case UInt8(ascii: "e"):
      ByteString.equal(key, "error.message") || ByteString.equal(key, "error.msg") ? .errorMessage : .attribute
    case UInt8(ascii: "l"): ByteString.equal(key, "language") ? .language : .attribute
    case UInt8(ascii: "o"): ByteString.equal(key, "operation.name") ? .operation : .attribute
    case UInt8(ascii: "r"): ByteString.equal(key, "resource.name") ? .resource : .attribute
    case UInt8(ascii: "s"): ByteString.equal(key, "span.type") ? .type : .attribute
    case UInt8(ascii: "w"): ByteString.equal(key, "w3c.tracestate") ? .traceState : .attribute
    default: .attribute
    }
  }

  /// Of what a span that came as OTLP has besides its own attributes.
  private static func added(_ entry: MetaEntry, _ batch: borrowing SpanBatch) -> AttributeMeaning {
    switch entry.known {
    case .removed, .otelTraceID, .traceIDHigh, .decisionMaker, .hasException, .sqlQuery: return .none
    case .env: return .env
    case .version: return .version
    case .spanKind: return .kind
    case .taggedEvents: return .events
    case .errorType: return .errorType
    case .errorStack: return .errorStack
    default: break
    }
    let key = batch.bytes(entry.key)
    for (name, meaning) in addedNames where ByteString.equal(key, name) { return meaning }
    // What roost adds for Datadog's intake, such as how tracing was installed.
    if key.first == UInt8(ascii: "_") { return .none }
    if let name = newerName(of: entry.key, batch) { return .renamed(name) }
    let isHeader =
      key.count > headerPrefix.utf8CodeUnitCount
      && batch.equal(
        entry.key.prefix(headerPrefix.utf8CodeUnitCount), headerPrefix)
    return isHeader ? .requestHeader : .attribute
  }

  /// What decoding calls headers of requests, and how OpenTelemetry does.
  static let headerPrefix: StaticString = "http.request.headers."
  static let newerHeaderPrefix: StaticString = "http.request.header."

  private static let addedNames: [(StaticString, AttributeMeaning)] = [
    ("otel.status_code", .statusCode), ("otel.status_description", .statusDescription), ("otel.library.name", .none),
    ("otel.library.version", .none), ("w3c.tracestate", .traceState), ("_dd.span_links", .links),
    ("error.msg", .errorMessage), ("db.name", .none),
  ]

  /// What decoding calls attributes of HTTP, and how OpenTelemetry does.
  private static let newerNames: [(older: StaticString, newer: StaticString)] = [
    ("http.method", "http.request.method"), ("http.status_code", "http.response.status_code"),
    ("http.url", "url.full"), ("http.client_ip", "client.address"), ("http.useragent", "user_agent.original"),
    ("http.server_name", "server.address"), ("http.version", "network.protocol.version"),
    ("http.request.content_length", "http.request.body.size"),
    ("http.response.content_length", "http.response.body.size"),
  ]

  /// `nil` for a name that decoding has not changed.
  static func newerName(of key: ByteSlice, _ batch: borrowing SpanBatch) -> StaticString? {
    for name in newerNames where batch.equal(key, name.older) { return name.newer }
    return nil
  }
}
