import TraceModel

/// What an attribute of OTLP means, for those of which a span's name, resource, type or Datadog attributes are made.
///
/// At most 64 cases, a bit each in `OTLPKeySet`.
enum OTLPKey: UInt8, CaseIterable, Sendable {
  case other
  case serviceName, serviceVersion, environment, environmentName
  case operationName, resourceName, spanType, analyticsEvent, samplingPriority, measured
  case datadogService, datadogName, datadogResource, datadogType, datadogKind, datadogEnv, datadogVersion
  case datadogStatus, datadogError, datadogErrorMessage, datadogErrorType, datadogErrorStack
  case requestMethod, method, route, responseStatus, status, statusText
  case dbSystem, dbSystemName, dbStatement, dbQueryText, dbNamespace, dbName
  case messagingSystem, messagingOperation, messagingDestination, messagingDestinationName
  case rpcSystem, rpcMethod, rpcService
  case faasProvider, faasName, faasTrigger
  case graphQLType, graphQLName
  case protocolName
  case clientAddress, requestSize, responseSize, protocolVersion, serverAddress, fullURL, userAgent
  case clientIP, requestLength, responseLength, httpVersion, serverName, httpURL, httpUserAgent
  /// `datadog.…` and `http.request.header.…`, where the key is none of the others.
  case datadogOther, requestHeader

  /// What keys of request headers begin with.
  static var requestHeaderPrefix: StaticString { "http.request.header." }

  /// The key as it is sent; empty for cases that stand for many.
  var name: StaticString {
    switch self {
    case .other, .datadogOther, .requestHeader: ""
    case .serviceName: "service.name"
    case .serviceVersion: "service.version"
    case .environment: "deployment.environment"
    case .environmentName: "deployment.environment.name"
    case .operationName: "operation.name"
    case .resourceName: "resource.name"
    case .spanType: "span.type"
    case .analyticsEvent: "analytics.event"
    case .samplingPriority: "sampling.priority"
    case .measured: "_dd.measured"
    case .datadogService: "datadog.service"
    case .datadogName: "datadog.name"
    case .datadogResource: "datadog.resource"
    case .datadogType: "datadog.type"
    case .datadogKind: "datadog.span.kind"
    case .datadogEnv: "datadog.env"
    case .datadogVersion: "datadog.version"
    case .datadogStatus: "datadog.http_status_code"
    case .datadogError: "datadog.error"
    case .datadogErrorMessage: "datadog.error.msg"
    case .datadogErrorType: "datadog.error.type"
    case .datadogErrorStack: "datadog.error.stack"
    case .requestMethod: "http.request.method"
    case .method: "http.method"
    case .route: "http.route"
    case .responseStatus: "http.response.status_code"
    case .status: "http.status_code"
    case .statusText: "http.status_text"
    case .dbSystem: "db.system"
    case .dbSystemName: "db.system.name"
    case .dbStatement: "db.statement"
    case .dbQueryText: "db.query.text"
    case .dbNamespace: "db.namespace"
    case .dbName: "db.name"
    case .messagingSystem: "messaging.system"
    case .messagingOperation: "messaging.operation"
    case .messagingDestination: "messaging.destination"
    case .messagingDestinationName: "messaging.destination.name"
    case .rpcSystem: "rpc.system"
    case .rpcMethod: "rpc.method"
    case .rpcService: "rpc.service"
    case .faasProvider: "faas.invoked_provider"
    case .faasName: "faas.invoked_name"
    case .faasTrigger: "faas.trigger"
    case .graphQLType: "graphql.operation.type"
    case .graphQLName: "graphql.operation.name"
    case .protocolName: "network.protocol.name"
    case .clientAddress: "client.address"
    case .requestSize: "http.request.body.size"
    case .responseSize: "http.response.body.size"
    case .protocolVersion: "network.protocol.version"
    case .serverAddress: "server.address"
    case .fullURL: "url.full"
    case .userAgent: "user_agent.original"
    case .clientIP: "http.client_ip"
    case .requestLength: "http.request.content_length"
    case .responseLength: "http.response.content_length"
    case .httpVersion: "http.version"
    case .serverName: "http.server_name"
    case .httpURL: "http.url"
    case .httpUserAgent: "http.useragent"
    }
  }

  /// The key that Datadog's convention for HTTP has for the same; `nil` where the key stays as it is.
  var renamed: OTLPKey? {
    switch self {
    case .requestMethod: .method
    case .responseStatus: .status
    case .clientAddress: .clientIP
    case .requestSize: .requestLength
    case .responseSize: .responseLength
    case .protocolVersion: .httpVersion
    case .serverAddress: .serverName
    case .fullURL: .httpURL
    case .userAgent: .httpUserAgent
    default: nil
    }
  }
}

/// Which keys some attributes have, a bit each.
struct OTLPKeySet: BitwiseCopyable, Sendable {
  private var bits: UInt64 = 0

  init() {}

  @inline(__always) init(_ first: OTLPKey, _ second: OTLPKey, _ third: OTLPKey = .other) {
    bits = Self.bit(first) | Self.bit(second) | Self.bit(third)
  }

  @inline(__always) private static func bit(_ key: OTLPKey) -> UInt64 { 1 << UInt64(key.rawValue) }

  @inline(__always) mutating func insert(_ key: OTLPKey) { bits |= Self.bit(key) }
  @inline(__always) func contains(_ key: OTLPKey) -> Bool { bits & Self.bit(key) != 0 }
  /// Whether one of the keys is in the other set too; `other` is none.
  @inline(__always) func meets(_ set: OTLPKeySet) -> Bool { bits & set.bits & ~Self.bit(.other) != 0 }
}

extension OTLPKey {
  /// Whether a key says something of the span that is no attribute in Datadog.
  @inline(__always) var isReserved: Bool {
    switch self {
    case .serviceName, .operationName, .resourceName, .spanType, .datadogOther: true
    case .datadogService, .datadogName, .datadogResource, .datadogType, .datadogKind, .datadogEnv, .datadogVersion,
      .datadogStatus, .datadogError, .datadogErrorMessage, .datadogErrorType, .datadogErrorStack:
      true
    default: false
    }
  }

  /// Whether an attribute of a span with this key is one in Datadog, just as it is.
  @inline(__always) var isPlain: Bool {
    switch self {
    case .samplingPriority, .analyticsEvent, .measured, .responseStatus, .status, .requestHeader: false
    case .requestMethod, .clientAddress, .requestSize, .responseSize, .protocolVersion, .serverAddress, .fullURL,
      .userAgent:
      false
    default: !isReserved
    }
  }
}

/// What is known of an attribute's key.
struct OTLPKeyFacts: BitwiseCopyable, Sendable {
  var known = KnownKey.unknown
  var meaning = OTLPKey.other
  /// Number of its bit in `OTLPSharedAttributes`.
  var filterBit: UInt8 = 0

  init() {}

  init(_ known: KnownKey, _ meaning: OTLPKey, filterBit: UInt8) {
    (self.known, self.meaning, self.filterBit) = (known, meaning, filterBit)
  }

  /// All of it as one number, for a `KeyOrder`.
  var number: UInt32 {
    UInt32(known.rawValue) | UInt32(meaning.rawValue) << 16 | UInt32(filterBit) << 24
  }

  /// Takes apart what a `KeyOrder` has given back.
  @inline(__always) init(number: UInt32) {
    known = KnownKey(rawValue: UInt16(truncatingIfNeeded: number))
    meaning = OTLPKey(rawValue: UInt8(truncatingIfNeeded: number >> 16)) ?? .other
    filterBit = UInt8(truncatingIfNeeded: number >> 24)
  }
}

/// Recognizes the keys of `OTLPKey` by four words that hold all of their bytes, and then by how they begin. Filled with the
/// first payload.
struct OTLPKeyTable: ~Copyable, Sendable {
  // Not private, both: the optimizer names them from other modules.
  struct Slot: BitwiseCopyable, Sendable {
    var words = Words()
    var key = OTLPKey.other
  }

  /// The bytes of a key of 7 to 32 of them, some twice.
  struct Words: BitwiseCopyable, Sendable, Equatable {
    var length = 0
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var last: UInt64 = 0

    init() {}

    @inline(__always) init?(_ bytes: UnsafeRawBufferPointer) {
      length = bytes.count
      guard length >= 7, length <= 32 else { return nil }
      if length >= 8 {
        unsafe first = bytes.loadUnaligned(as: UInt64.self)
        unsafe last = bytes.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
      } else {
        unsafe first = UInt64(bytes.loadUnaligned(as: UInt32.self))
        unsafe last = UInt64(bytes.loadUnaligned(fromByteOffset: 3, as: UInt32.self))
      }
      if length > 16 {
        unsafe second = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        unsafe third = bytes.loadUnaligned(fromByteOffset: length &- 16, as: UInt64.self)
      }
    }

    @inline(__always) var slot: Int {
      let mixed = (first ^ UInt64(truncatingIfNeeded: length) &* 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
      return Int(truncatingIfNeeded: ((mixed ^ last ^ mixed >> 29) &* 0x94D0_49BB_1331_11EB) >> 56)
    }
  }

  /// 256 of them, as many as eight bits number: at most a quarter is used.
  private var slots = GrowableBuffer<Slot>()

  mutating func prepare() {
    guard slots.isEmpty else { return }
    slots.append(repeating: Slot(), count: 256)
    for key in OTLPKey.allCases {
      let name = unsafe UnsafeRawBufferPointer(start: key.name.utf8Start, count: key.name.utf8CodeUnitCount)
      guard let words = unsafe Words(name) else { continue }
      var slot = words.slot
      while slots[slot].words.length != 0 { slot = (slot + 1) & 255 }
      slots[slot] = Slot(words: words, key: key)
    }
  }

  /// What a key means; `other` for one that says nothing of its own.
  func find(_ bytes: UnsafeRawBufferPointer) -> OTLPKey {
    guard let words = unsafe Words(bytes) else { return unsafe Self.findPrefix(bytes) }
    var slot = words.slot
    while slots[slot].words.length != 0 {
      if slots[slot].words == words { return slots[slot].key }
      slot = (slot &+ 1) & 255
    }
    return unsafe Self.findPrefix(bytes)
  }

  private static func findPrefix(_ bytes: UnsafeRawBufferPointer) -> OTLPKey {
    if unsafe begins(bytes, with: "datadog.") { return .datadogOther }
    return unsafe begins(bytes, with: OTLPKey.requestHeaderPrefix) ? .requestHeader : .other
  }

  /// Whether there is something behind a prefix.
  private static func begins(_ bytes: UnsafeRawBufferPointer, with prefix: StaticString) -> Bool {
    let length = prefix.utf8CodeUnitCount
    guard bytes.count > length else { return false }
    return unsafe ByteString.equal(UnsafeRawBufferPointer(rebasing: bytes[..<length]), prefix)
  }
}
