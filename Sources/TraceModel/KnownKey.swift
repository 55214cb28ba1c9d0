/// An attribute key that some stage looks for, recognized once while decoding.
///
/// The constants are computed, here and in the other types of this module that stages compare with for each span: what is
/// stored in another module costs a call to find it.
public struct KnownKey: BitwiseCopyable, Equatable, Sendable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Whether a `KnownKeySet` knows for certain that it holds the key: true of the constants below.
  @inlinable public var hasBit: Bool { rawValue < 63 }

  /// A key that no stage looks for; then the keys in the order of `baseNames`.
  @inlinable public static var unknown: Self { Self(rawValue: 0) }
  @inlinable public static var env: Self { Self(rawValue: 1) }
  @inlinable public static var version: Self { Self(rawValue: 2) }
  @inlinable public static var spanKind: Self { Self(rawValue: 3) }
  @inlinable public static var httpStatusCode: Self { Self(rawValue: 4) }
  @inlinable public static var httpResponseStatusCode: Self { Self(rawValue: 5) }
  @inlinable public static var peerService: Self { Self(rawValue: 6) }
  @inlinable public static var baseService: Self { Self(rawValue: 7) }
  @inlinable public static var origin: Self { Self(rawValue: 8) }
  @inlinable public static var decisionMaker: Self { Self(rawValue: 9) }
  @inlinable public static var hostname: Self { Self(rawValue: 10) }
  @inlinable public static var gitCommitSha: Self { Self(rawValue: 11) }
  @inlinable public static var serviceSource: Self { Self(rawValue: 12) }
  @inlinable public static var errorType: Self { Self(rawValue: 13) }
  @inlinable public static var component: Self { Self(rawValue: 14) }
  @inlinable public static var rpcGrpcStatusCode: Self { Self(rawValue: 15) }
  @inlinable public static var grpcCode: Self { Self(rawValue: 16) }
  @inlinable public static var rpcGrpcStatusDotCode: Self { Self(rawValue: 17) }
  @inlinable public static var grpcStatusCode: Self { Self(rawValue: 18) }
  @inlinable public static var processTags: Self { Self(rawValue: 19) }
  @inlinable public static var samplingPriority: Self { Self(rawValue: 20) }
  @inlinable public static var sampleRate: Self { Self(rawValue: 21) }
  @inlinable public static var tracerTopLevel: Self { Self(rawValue: 22) }
  @inlinable public static var topLevel: Self { Self(rawValue: 23) }
  @inlinable public static var measured: Self { Self(rawValue: 24) }
  @inlinable public static var partialVersion: Self { Self(rawValue: 25) }
  @inlinable public static var clientRate: Self { Self(rawValue: 26) }
  @inlinable public static var preSamplerRate: Self { Self(rawValue: 27) }
  @inlinable public static var agentRate: Self { Self(rawValue: 28) }
  @inlinable public static var ruleRate: Self { Self(rawValue: 29) }
  @inlinable public static var priorityRate: Self { Self(rawValue: 30) }
  @inlinable public static var noPriorityRate: Self { Self(rawValue: 31) }
  @inlinable public static var errorsRate: Self { Self(rawValue: 32) }
  @inlinable public static var limitRate: Self { Self(rawValue: 33) }
  @inlinable public static var processID: Self { Self(rawValue: 34) }
  @inlinable public static var systemPID: Self { Self(rawValue: 35) }
  @inlinable public static var traceIDHigh: Self { Self(rawValue: 36) }
  @inlinable public static var rpcResponseStatusCode: Self { Self(rawValue: 37) }
  @inlinable public static var rpcSystemName: Self { Self(rawValue: 38) }
  @inlinable public static var rpcSystem: Self { Self(rawValue: 39) }
  @inlinable public static var sqlQuery: Self { Self(rawValue: 40) }
  @inlinable public static var dbStatement: Self { Self(rawValue: 41) }
  @inlinable public static var dbQueryText: Self { Self(rawValue: 42) }
  @inlinable public static var dbType: Self { Self(rawValue: 43) }
  @inlinable public static var sqlTables: Self { Self(rawValue: 44) }
  @inlinable public static var redisCommand: Self { Self(rawValue: 45) }
  @inlinable public static var valkeyCommand: Self { Self(rawValue: 46) }
  @inlinable public static var memcachedCommand: Self { Self(rawValue: 47) }
  @inlinable public static var httpURL: Self { Self(rawValue: 48) }
  @inlinable public static var mongoDBQuery: Self { Self(rawValue: 49) }
  @inlinable public static var elasticsearchBody: Self { Self(rawValue: 50) }
  @inlinable public static var openSearchBody: Self { Self(rawValue: 51) }
  @inlinable public static var errorStack: Self { Self(rawValue: 52) }
  @inlinable public static var dbSystem: Self { Self(rawValue: 53) }
  @inlinable public static var singleSpanMechanism: Self { Self(rawValue: 54) }
  @inlinable public static var eventRate: Self { Self(rawValue: 55) }
  @inlinable public static var eventLimitRate: Self { Self(rawValue: 56) }
  @inlinable public static var analyzed: Self { Self(rawValue: 57) }
  @inlinable public static var rare: Self { Self(rawValue: 58) }
  @inlinable public static var probabilityRate: Self { Self(rawValue: 59) }
  @inlinable public static var hasException: Self { Self(rawValue: 60) }
  @inlinable public static var otelTraceID: Self { Self(rawValue: 61) }
  /// A span's events as JSON, from tracers without native ones. No other constant has a bit left.
  @inlinable public static var taggedEvents: Self { Self(rawValue: 62) }

  /// The names of the constants above, in order of their raw values from 1.
  static let baseNames = [
    "env", "version", "span.kind", "http.status_code", "http.response.status_code", "peer.service",
    "_dd.base_service", "_dd.origin", "_dd.p.dm", "_dd.hostname", "_dd.git.commit.sha", "_dd.svc_src",
    "error.type", "component", "rpc.grpc.status_code", "grpc.code", "rpc.grpc.status.code", "grpc.status.code",
    "_dd.tags.process", "_sampling_priority_v1", "_sample_rate", "_dd.top_level", "_top_level", "_dd.measured",
    "_dd.partial_version", "_dd1.sr.rcusr", "_dd1.sr.rapre", "_dd.agent_psr", "_dd.rule_psr",
    "_sampling_priority_rate_v1", "_dd.no_p_sr", "_dd.errors_sr", "_dd.limit_psr",
    "process_id", "system.pid", "_dd.p.tid", "rpc.response.status_code", "rpc.system.name", "rpc.system",
    "sql.query", "db.statement", "db.query.text", "db.type", "sql.tables", "redis.raw_command", "valkey.raw_command",
    "memcached.command", "http.url", "mongodb.query", "elasticsearch.body", "opensearch.body", "error.stack",
    "db.system", "_dd.span_sampling.mechanism", "_dd1.sr.eausr", "_dd1.sr.eamax", "_dd.analyzed", "_dd.rare",
    "_dd.prob_sr", "_dd.span_events.has_exception", "otel.trace_id",
    "events",
  ]
  /// An entry that processing took out.
  @inlinable public static var removed: Self { Self(rawValue: .max) }
}

/// Known keys present in a span's attributes, a bit each; the top bit stands for "some peer tag".
public struct KnownKeySet: BitwiseCopyable, Equatable, Sendable {
  @usableFromInline var bits: UInt64
  @inlinable init(bits: UInt64) { self.bits = bits }

  /// A set of keys that have constants of their own.
  public init(_ keys: [KnownKey]) {
    self = .empty
    for key in keys { insert(key, isPeerTag: false) }
  }

  /// The set of a span without attributes: no bit is set.
  @inlinable public static var empty: Self { Self(bits: 0) }
  @inlinable static var peerTagBit: UInt64 { 1 << 63 }

  /// Whether the key may be there: certain for the keys above. Keys past the 62nd (peer tags) have no bit of their own
  /// and may always be there.
  @inlinable public func contains(_ key: KnownKey) -> Bool {
    !key.hasBit || bits >> UInt64(key.rawValue) & 1 != 0
  }
  /// Whether any of these keys, which must be constants from above, is there.
  @inlinable public func containsAny(of keys: KnownKeySet) -> Bool {
    bits & keys.bits & ~Self.peerTagBit != 0
  }
  /// Whether some key of the span is a peer tag, known by a constant or not.
  @inlinable public var hasPeerTag: Bool { bits & Self.peerTagBit != 0 }

  /// Notes a key. One without a constant of its own has no bit and is noted only as a peer tag.
  @inlinable public mutating func insert(_ key: KnownKey, isPeerTag: Bool) {
    if key.rawValue < 63 { bits |= 1 << UInt64(key.rawValue) }
    if isPeerTag { bits |= Self.peerTagBit }
  }

  /// Notes all keys of another set.
  @inlinable public mutating func formUnion(_ other: KnownKeySet) { bits |= other.bits }

  /// Forgets a key that has a bit; whether some key is a peer tag stays.
  @inlinable public mutating func remove(_ key: KnownKey) {
    if key.hasBit { bits &= ~(1 << UInt64(key.rawValue)) }
  }
}
