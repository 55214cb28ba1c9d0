import TraceModel

/// Texts that spans get and that do not stand in the payload: keys of Datadog's attributes, and values of fixed meaning.
enum OTLPText: UInt8, CaseIterable, Sendable {
  // The encoders copy the first 16 bytes of the side arena byte by byte (`ReverseProtobufBuffer.prepend(bytes:readable:)`):
  // two texts that few spans have stand there.
  case links, hasException
  case spanKind, traceID, traceIDHigh, statusCode, statusDescription, scopeName, scopeVersion
  case env, version, events, traceState, errorMessage, errorType, errorStack
  case dbName, httpStatus, priority, eventRate, measured, topLevel
  case unspecified, `internal`, server, client, producer, consumer
  case unset, ok, error, yes, no
  case noService, http, web, database, cache, custom, sql, redis, memcached, mongoDB, elasticsearch, openSearch,
    cassandra
  case httpServer, httpClient, awsClient, graphQLServer, serverRequest, clientRequest
  case internalName, producerName, consumerName
  // The keys to which `OTLPKey.renamed` leads.
  case method, clientIP, requestLength, responseLength, httpVersion, serverName, httpURL, httpUserAgent

  var text: StaticString {
    switch self {
    case .spanKind: "span.kind"
    case .traceID: "otel.trace_id"
    case .traceIDHigh: "_dd.p.tid"
    case .statusCode: "otel.status_code"
    case .statusDescription: "otel.status_description"
    case .scopeName: "otel.library.name"
    case .scopeVersion: "otel.library.version"
    case .env: "env"
    case .version: "version"
    case .events: "events"
    case .links: "_dd.span_links"
    case .traceState: "w3c.tracestate"
    case .hasException: "_dd.span_events.has_exception"
    case .errorMessage: "error.msg"
    case .errorType: "error.type"
    case .errorStack: "error.stack"
    case .dbName: "db.name"
    case .httpStatus: "http.status_code"
    case .priority: "_sampling_priority_v1"
    case .eventRate: "_dd1.sr.eausr"
    case .measured: "_dd.measured"
    case .topLevel: "_top_level"
    case .unspecified: "unspecified"
    case .internal: "internal"
    case .server: "server"
    case .client: "client"
    case .producer: "producer"
    case .consumer: "consumer"
    case .unset: "Unset"
    case .ok: "Ok"
    case .error: "Error"
    case .yes: "true"
    case .no: "false"
    case .noService: "otlpresourcenoservicename"
    case .http: "http"
    case .web: "web"
    case .database: "db"
    case .cache: "cache"
    case .custom: "custom"
    case .sql: "sql"
    case .redis: "redis"
    case .memcached: "memcached"
    case .mongoDB: "mongodb"
    case .elasticsearch: "elasticsearch"
    case .openSearch: "opensearch"
    case .cassandra: "cassandra"
    case .httpServer: "http.server.request"
    case .httpClient: "http.client.request"
    case .awsClient: "aws.client.request"
    case .graphQLServer: "graphql.server.request"
    case .serverRequest: "server.request"
    case .clientRequest: "client.request"
    case .internalName: "Internal"
    case .producerName: "Producer"
    case .consumerName: "Consumer"
    case .method: "http.method"
    case .clientIP: "http.client_ip"
    case .requestLength: "http.request.content_length"
    case .responseLength: "http.response.content_length"
    case .httpVersion: "http.version"
    case .serverName: "http.server_name"
    case .httpURL: "http.url"
    case .httpUserAgent: "http.useragent"
    }
  }

  /// The text of a key that another one is renamed to.
  init?(renamed key: OTLPKey) {
    switch key {
    case .method: self = .method
    case .status: self = .httpStatus
    case .clientIP: self = .clientIP
    case .requestLength: self = .requestLength
    case .responseLength: self = .responseLength
    case .httpVersion: self = .httpVersion
    case .serverName: self = .serverName
    case .httpURL: self = .httpURL
    case .httpUserAgent: self = .httpUserAgent
    default: return nil
    }
  }
}

/// Where those texts lie in a batch's side arena: all of them in one piece, which is copied there for each batch.
struct OTLPTexts: ~Copyable, Sendable {
  // Not private: the optimizer names it from other modules.
  struct Place: BitwiseCopyable, Sendable {
    var offset = 0
    var length = 0
    var known = KnownKey.unknown
    /// Number of its bit in `OTLPSharedAttributes`, as a key.
    var filterBit: UInt8 = 0
  }

  private var places = GrowableBuffer<Place>()
  private var bytes = GrowableBuffer<UInt8>()
  /// The table that says which known keys they spell; 0 before the first.
  private var keyTable: UInt64 = 0
  /// Where they begin in the side arena.
  private var start = 0

  /// For a batch that has begun.
  mutating func begin(_ keys: KeyTable, _ batch: inout SpanBatch) {
    if keyTable != keys.identity { prepare(keys) }
    start = batch.sideArena.count
    _ = unsafe batch.addBytes(UnsafeRawBufferPointer(bytes.pointer))
  }

  private mutating func prepare(_ keys: KeyTable) {
    keyTable = keys.identity
    places.removeAll()
    bytes.removeAll()
    for text in OTLPText.allCases {
      let literal = unsafe UnsafeRawBufferPointer(start: text.text.utf8Start, count: text.text.utf8CodeUnitCount)
      places.append(
        Place(
          offset: bytes.count, length: literal.count, known: unsafe keys.lookup(literal),
          filterBit: unsafe OTLPSharedAttributes.filterBit(of: literal)))
      unsafe bytes.append(contentsOf: literal.bindMemory(to: UInt8.self))
    }
  }

  @inline(__always) func slice(_ text: OTLPText) -> ByteSlice { key(text).text }

  /// A text as an attribute's key, and the known key that it spells.
  @inline(__always) func key(_ text: OTLPText) -> (text: ByteSlice, known: KnownKey) {
    let place = places[Int(text.rawValue)]
    return (ByteSlice(sideOffset: start + place.offset, length: place.length), place.known)
  }

  /// What `OTLPKeyFacts` say of it as a key.
  @inline(__always) func filterBit(_ text: OTLPText) -> UInt8 { places[Int(text.rawValue)].filterBit }
}
