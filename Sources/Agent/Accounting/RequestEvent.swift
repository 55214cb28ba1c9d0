import Compression
import Decoding
import Receiver

/// What happened to one whole request. Closed: whatever is added here has to be counted, explained and answered.
enum RequestEvent {
  case traces(TraceFormat, TraceOutcome)
  /// Asked what the agent offers.
  case info
  /// Asked, with a path that names nothing, who listens here: a person with a browser or curl.
  case about
  /// Answered and not looked at.
  case acknowledged
  /// A path that is not served, with the answer to that.
  case notFound(Answer)
  /// The same, where the path is one of another product that tracers ask for and do without.
  case notOffered(product: String, Answer)
  /// A web page of another site tried to use the agent.
  case crossSite(Answer)
}

extension RequestEvent {
  /// Whether the answer says what is known of the client's container.
  var namesContainer: Bool {
    if case .info = self { true } else { false }
  }
}

/// What became of a payload of traces, or of statistics that a client made of them.
enum TraceOutcome {
  case accepted(AcceptedTraces)
  /// A request of OTLP was taken, but for what it says.
  case exported(ExportedTraces)
  /// Statistics that a client computed were taken.
  case counted
  /// No body where one has to be.
  case brokenOff
  /// The agent uses more memory than it may.
  case overloaded
  /// It was to be on disk before it is answered, and that cannot be now.
  case notDurable(String)
  /// The body could not be decompressed.
  case unreadable(InflateError)
  case unsupportedMediaType
  case undecodable(DecodeError)
}

/// What became of a request of OTLP that was read.
struct ExportedTraces {
  /// In which the answer is to be.
  let encoding: TracesOTLP.Encoding
  /// Of the last part; the parts before it are recorded already.
  var last = AcceptedTraces(traces: 0, spans: 0, newRates: nil, losses: [])
  /// Spans of all parts that were taken.
  var takenSpans = 0
  /// Spans of traces whose ids make no sense.
  var malformedSpans = 0
}

/// A request that was refused or broke off before it was whole; the receiver has answered it.
struct RequestRejection {
  let reason: RejectionReason
  /// Bytes of the body that had come.
  let bytesReceived: Int
  /// As `Content-Length` said; `nil` for none.
  let declaredBytes: Int?
  /// Whether its path is one for traces, which are lost with it.
  let takesTraces: Bool

  /// As configured; a larger body would have been refused.
  let bodyBytesMax: Int
}

extension RequestRejection {
  /// The least bytes of a trace as tracers send it: one span in v0.5, with two ids and a start of 9 bytes each, nine
  /// fields of a byte, and the heads of two arrays.
  static let traceBytesMin = 38

  /// Traces that are counted at most: what a client only declares is believed where the agent has not read it.
  var tracesMax: Int {
    switch reason {
    case .payloadTooLarge, .memoryLimit: max(bytesReceived, traces(inDeclared: declaredBytes ?? 0))
    default: bytesReceived
    }
  }

  /// Traces that the whole body could have had; more is no mistake of the network.
  var announcedTracesMax: Int { max(bytesReceived, traces(inDeclared: declaredBytes ?? bodyBytesMax)) }

  /// Of what did not come, no more than a body may have.
  private func traces(inDeclared bytes: Int) -> Int { min(max(bytes, 0), bodyBytesMax) / Self.traceBytesMin }
}

/// Why the agent answered a whole request with an error: the names under which it is counted.
enum RefusalReason: String, CaseIterable, Sendable {
  case unexpectedEOF = "unexpected_eof"
  case memoryLimit = "memory_limit"
  case notDurable = "not_durable"
  case payloadTooLarge = "payload_too_large"
  case unsupportedContentEncoding = "unsupported_content_encoding"
  case corruptContentEncoding = "corrupt_content_encoding"
  case unsupportedMediaType = "unsupported_media_type"
  case shortBytes = "msgp_short_bytes"
  case decodingError = "decoding_error"
  case notFound = "not_found"
  case notOffered = "not_offered"
  case crossSite = "cross_site"
}

extension TraceOutcome {
  /// Whether it was taken and has something in it.
  var hasData: Bool {
    switch self {
    case .accepted(let accepted): accepted.traces > 0
    case .exported(let exported): exported.takenSpans > 0
    case .counted: true
    case .brokenOff, .overloaded, .notDurable, .unreadable, .unsupportedMediaType, .undecodable: false
    }
  }

  /// `nil` for a payload that was taken.
  var refusal: RefusalReason? {
    switch self {
    case .accepted, .exported, .counted: nil
    case .brokenOff: .unexpectedEOF
    case .overloaded: .memoryLimit
    case .notDurable: .notDurable
    case .unreadable(let error):
      switch error {
      case .unknownEncoding: .unsupportedContentEncoding
      case .corrupt, .truncated: .corruptContentEncoding
      case .tooLarge, .windowTooLarge: .payloadTooLarge
      case .outOfMemory: .memoryLimit
      }
    case .unsupportedMediaType: .unsupportedMediaType
    case .undecodable(let error):
      switch error.kind {
      case .shortBytes: .shortBytes
      case .unexpectedEnd: .unexpectedEOF
      default: .decodingError
      }
    }
  }
}

/// What a request shows besides its traces. Lives no longer than the request.
struct RequestContext {
  let headers: RequestHeaders
  let peer: PeerIdentity
  /// As in `Request`: percent-decoded, without the query.
  let path: UnsafeRawBufferPointer
  /// Empty for a request that never was whole.
  let body: UnsafeRawBufferPointer
  /// The request line named a whole URL, as clients write it to a proxy.
  let isAbsoluteForm: Bool
  /// When it was handled, in ns since 1970.
  let nowNs: Int64
  /// A call of gRPC, and no request of HTTP/1.1.
  var isCall = false
  /// Where it comes from, as far as that is known.
  var container: KnownContainer?
  /// Its body has been decompressed by the inflater of the shard that takes it.
  var isInflated = false
}

/// When a request came and from where: to be found out at once, for its sender may be gone soon.
struct RequestArrival: Sendable {
  /// When it was whole, in ns since 1970.
  let nowNs: Int64
  let container: KnownContainer?
  /// Its body has been decompressed by the inflater of the shard that takes it.
  var isInflated = false
}

extension RequestContext {
  init(_ request: borrowing Request, _ arrival: RequestArrival) {
    self.init(
      headers: request.headers, peer: request.peer, path: request.path, body: request.body,
      isAbsoluteForm: request.isAbsoluteForm, nowNs: arrival.nowNs, isCall: request.isCall,
      container: arrival.container, isInflated: arrival.isInflated)
  }

  init(_ request: borrowing Request, nowNs: Int64, _ containers: ContainerResolver? = nil) {
    self.init(
      headers: request.headers, peer: request.peer, path: request.path, body: request.body,
      isAbsoluteForm: request.isAbsoluteForm, nowNs: nowNs, isCall: request.isCall,
      container: containers?.container(of: request.headers, request.peer, nowNs: nowNs))
  }

  init(_ request: borrowing RejectedRequest, nowNs: Int64) {
    self.init(
      headers: request.headers, peer: request.peer, path: request.path,
      body: UnsafeRawBufferPointer(start: nil, count: 0), isAbsoluteForm: false, nowNs: nowNs)
  }

  /// Traces in the body, as the client says, and not more than it could hold; `nil` when the client does not say.
  /// - Parameter limit: as many as the body could hold; each takes a byte of it at least.
  func announcedTraces(atMost limit: Int) -> Int? {
    headers.integer(.traceCount).map { Int(clamping: min(max($0, 0), Int64(max(limit, 0)))) }
  }

  /// What the headers say that cannot be, by what it is about; nothing for nearly every request.
  /// - Parameter tracesMax: as many as the whole body could hold.
  func senselessNumbers(tracesMax: Int) -> [String] {
    var found: [String] = []
    if isSenseless(.traceCount, in: 0...Int64(max(tracesMax, 0))) { found.append("invalid_trace_count") }
    if isSenseless(.clientDroppedP0Traces, in: ClientMetadata.droppedTracesRange)
      || isSenseless(.clientDroppedP0Spans, in: ClientMetadata.droppedSpansRange)
    {
      found.append("invalid_dropped_traces")
    }
    return found
  }

  /// Whether a header is there and is no number of a range; an empty one says nothing.
  private func isSenseless(_ header: KnownHeader, in range: ClosedRange<Int64>) -> Bool {
    guard let value = headers[header], !value.isEmpty else { return false }
    return HeaderValue.integer(value).map { !range.contains($0) } ?? true
  }

  var clientName: String { ClientName.of(ClientIdentity(headers), headers) }
}
