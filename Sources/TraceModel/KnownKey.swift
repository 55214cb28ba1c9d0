/// An attribute key that some stage looks for, recognized once while decoding.
public struct KnownKey: BitwiseCopyable, Equatable, Sendable {
  public let rawValue: UInt16
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// A key that no stage looks for; then the keys in the order of `baseNames`.
  public static let unknown = KnownKey(rawValue: 0)
  public static let env = KnownKey(rawValue: 1)
  public static let version = KnownKey(rawValue: 2)
  public static let spanKind = KnownKey(rawValue: 3)
  public static let httpStatusCode = KnownKey(rawValue: 4)
  public static let httpResponseStatusCode = KnownKey(rawValue: 5)
  public static let peerService = KnownKey(rawValue: 6)
  public static let baseService = KnownKey(rawValue: 7)
  public static let origin = KnownKey(rawValue: 8)
  public static let decisionMaker = KnownKey(rawValue: 9)
  public static let hostname = KnownKey(rawValue: 10)
  public static let gitCommitSha = KnownKey(rawValue: 11)
  public static let serviceSource = KnownKey(rawValue: 12)
  public static let errorType = KnownKey(rawValue: 13)
  public static let component = KnownKey(rawValue: 14)
  public static let rpcGrpcStatusCode = KnownKey(rawValue: 15)
  public static let grpcCode = KnownKey(rawValue: 16)
  public static let rpcGrpcStatusDotCode = KnownKey(rawValue: 17)
  public static let grpcStatusCode = KnownKey(rawValue: 18)
  public static let processTags = KnownKey(rawValue: 19)
  public static let samplingPriority = KnownKey(rawValue: 20)
  public static let sampleRate = KnownKey(rawValue: 21)
  public static let tracerTopLevel = KnownKey(rawValue: 22)
  public static let topLevel = KnownKey(rawValue: 23)
  public static let measured = KnownKey(rawValue: 24)
  public static let partialVersion = KnownKey(rawValue: 25)
  public static let clientRate = KnownKey(rawValue: 26)
  public static let preSamplerRate = KnownKey(rawValue: 27)
  public static let agentRate = KnownKey(rawValue: 28)
  public static let ruleRate = KnownKey(rawValue: 29)
  public static let priorityRate = KnownKey(rawValue: 30)
  public static let noPriorityRate = KnownKey(rawValue: 31)
  public static let errorsRate = KnownKey(rawValue: 32)
  public static let limitRate = KnownKey(rawValue: 33)
  public static let processID = KnownKey(rawValue: 34)
  public static let systemPID = KnownKey(rawValue: 35)
  public static let traceIDHigh = KnownKey(rawValue: 36)
  public static let sqlQuery = KnownKey(rawValue: 37)
  public static let dbStatement = KnownKey(rawValue: 38)
  public static let dbQueryText = KnownKey(rawValue: 39)
  public static let dbType = KnownKey(rawValue: 40)
  public static let sqlTables = KnownKey(rawValue: 41)
  public static let redisCommand = KnownKey(rawValue: 42)
  public static let valkeyCommand = KnownKey(rawValue: 43)
  public static let memcachedCommand = KnownKey(rawValue: 44)
  public static let httpURL = KnownKey(rawValue: 45)
  public static let mongoDBQuery = KnownKey(rawValue: 46)
  public static let elasticsearchBody = KnownKey(rawValue: 47)
  public static let openSearchBody = KnownKey(rawValue: 48)
  public static let errorStack = KnownKey(rawValue: 49)

  /// The names of the constants above, in order of their raw values from 1.
  static let baseNames = [
    "env", "version", "span.kind", "http.status_code", "http.response.status_code", "peer.service",
    "_dd.base_service", "_dd.origin", "_dd.p.dm", "_dd.hostname", "_dd.git.commit.sha", "_dd.svc_src",
    "error.type", "component", "rpc.grpc.status_code", "grpc.code", "rpc.grpc.status.code", "grpc.status.code",
    "_dd.tags.process", "_sampling_priority_v1", "_sample_rate", "_dd.top_level", "_top_level", "_dd.measured",
    "_dd.partial_version", "_dd1.sr.rcusr", "_dd1.sr.rapre", "_dd.agent_psr", "_dd.rule_psr",
    "_sampling_priority_rate_v1", "_dd.no_p_sr", "_dd.errors_sr", "_dd.limit_psr",
    "process_id", "system.pid", "_dd.p.tid",
    "sql.query", "db.statement", "db.query.text", "db.type", "sql.tables", "redis.raw_command", "valkey.raw_command",
    "memcached.command", "http.url", "mongodb.query", "elasticsearch.body", "opensearch.body", "error.stack",
  ]
  /// An entry that processing took out.
  public static let removed = KnownKey(rawValue: .max)
}

/// Known keys present in a span's attributes, a bit each; the top bit stands for "some peer tag".
public struct KnownKeySet: BitwiseCopyable, Equatable, Sendable {
  @usableFromInline var bits: UInt64
  @inlinable init(bits: UInt64) { self.bits = bits }

  /// The set of a span without attributes: no bit is set.
  public static let empty = KnownKeySet(bits: 0)
  @usableFromInline static let peerTagBit: UInt64 = 1 << 63

  /// Whether the key may be there: certain for the keys above. Keys past the 62nd (peer tags) have no bit of their own
  /// and may always be there.
  @inlinable public func contains(_ key: KnownKey) -> Bool {
    key.rawValue >= 63 || bits >> UInt64(key.rawValue) & 1 != 0
  }
  /// Whether some key of the span is a peer tag, known by a constant or not.
  @inlinable public var hasPeerTag: Bool { bits & Self.peerTagBit != 0 }

  /// Notes a key. One without a constant of its own has no bit and is noted only as a peer tag.
  @inlinable public mutating func insert(_ key: KnownKey, isPeerTag: Bool) {
    if key.rawValue < 63 { bits |= 1 << UInt64(key.rawValue) }
    if isPeerTag { bits |= Self.peerTagBit }
  }
}
