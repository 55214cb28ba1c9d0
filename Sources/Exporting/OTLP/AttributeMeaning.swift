import TraceModel

/// What a text attribute of a span is in OpenTelemetry, where it is no attribute of the same name.
enum AttributeMeaning: BitwiseCopyable {
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
  /// An attribute of HTTP that decoding gave the name that Datadog has for it: which of `newerNames` it has.
  case renamed(Int8)
  /// The same of a header of a request.
  case requestHeader

  /// - Parameter isOTLP: the span came as OTLP. Then all that the client said has its key in the body, as a rule, and what
  ///   decoding and later stages made of it has not.
  @inline(__always) init(
    _ entry: MetaEntry, _ batch: borrowing SpanBatch, isOTLP: Bool, _ added: inout AddedMeanings
  ) {
    if isOTLP {
      self =
        entry.known == .removed ? .none : entry.key.isInSideArena ? added.meaning(of: entry, batch) : .attribute
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
  fileprivate static func added(_ entry: MetaEntry, _ batch: borrowing SpanBatch) -> AttributeMeaning {
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
    if let name = newerName(of: entry.key, batch) { return .renamed(Int8(truncatingIfNeeded: name)) }
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
  static let newerNames: [(older: StaticString, newer: StaticString)] = [
    ("http.method", "http.request.method"), ("http.status_code", "http.response.status_code"),
    ("http.url", "url.full"), ("http.client_ip", "client.address"), ("http.useragent", "user_agent.original"),
    ("http.server_name", "server.address"), ("http.version", "network.protocol.version"),
    ("http.request.content_length", "http.request.body.size"),
    ("http.response.content_length", "http.response.body.size"),
  ]

  /// Which of `newerNames`; `nil` for a name that decoding has not changed.
  private static func newerName(of key: ByteSlice, _ batch: borrowing SpanBatch) -> Int? {
    for index in newerNames.indices where batch.equal(key, newerNames[index].older) { return index }
    return nil
  }
}

/// What keys that do not stand in the body mean, found out once for each place in the side arena: decoding writes the texts
/// that it gives to all spans there once.
struct AddedMeanings: ~Copyable, Sendable {
  private struct Entry: BitwiseCopyable {
    /// The key's `ByteSlice.identity`; 0, which no key of the side arena has, for none.
    var key: UInt64 = 0
    var known = KnownKey.unknown
    var meaning = AttributeMeaning.none
  }

  /// A power of two, of which the lowest bits of a key's offset choose one.
  private static let count = 256
  private var entries = GrowableBuffer<Entry>()

  /// For a batch whose keys lie elsewhere.
  mutating func removeAll() {
    entries.truncate(to: 0)
    entries.append(repeating: Entry(), count: Self.count)
  }

  /// - Parameter entry: of a span that came as OTLP, not removed, and with a key in the side arena.
  @inline(__always) mutating func meaning(of entry: MetaEntry, _ batch: borrowing SpanBatch) -> AttributeMeaning {
    let place = entry.key.offset & (Self.count &- 1)
    let found = entries[place]
    if found.key == entry.key.identity, found.known == entry.known { return found.meaning }
    return note(entry, at: place, batch)
  }

  @inline(never) private mutating func note(
    _ entry: MetaEntry, at place: Int, _ batch: borrowing SpanBatch
  ) -> AttributeMeaning {
    let meaning = AttributeMeaning.added(entry, batch)
    entries[place] = Entry(key: entry.key.identity, known: entry.known, meaning: meaning)
    return meaning
  }
}
