/// An attribute key that some stage looks for, recognized once while decoding.
package struct KnownKey: BitwiseCopyable, Equatable, Sendable {
  package let rawValue: UInt16
  @inlinable package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let unknown = KnownKey(rawValue: 0)
  package static let env = KnownKey(rawValue: 1)
  package static let version = KnownKey(rawValue: 2)
  package static let spanKind = KnownKey(rawValue: 3)
  package static let httpStatusCode = KnownKey(rawValue: 4)
  package static let httpResponseStatusCode = KnownKey(rawValue: 5)
  package static let peerService = KnownKey(rawValue: 6)
  package static let baseService = KnownKey(rawValue: 7)
  package static let origin = KnownKey(rawValue: 8)
  package static let decisionMaker = KnownKey(rawValue: 9)
  package static let traceIDHigh = KnownKey(rawValue: 10)
  package static let hostname = KnownKey(rawValue: 11)
  package static let gitCommitSha = KnownKey(rawValue: 12)
  package static let serviceSource = KnownKey(rawValue: 13)
  package static let errorType = KnownKey(rawValue: 14)
  package static let component = KnownKey(rawValue: 15)
  package static let rpcGrpcStatusCode = KnownKey(rawValue: 16)
  package static let grpcCode = KnownKey(rawValue: 17)
  package static let rpcGrpcStatusDotCode = KnownKey(rawValue: 18)
  package static let grpcStatusCode = KnownKey(rawValue: 19)
  package static let processTags = KnownKey(rawValue: 20)
  package static let samplingPriority = KnownKey(rawValue: 21)
  package static let sampleRate = KnownKey(rawValue: 22)
  package static let tracerTopLevel = KnownKey(rawValue: 23)
  package static let topLevel = KnownKey(rawValue: 24)
  package static let measured = KnownKey(rawValue: 25)
  package static let partialVersion = KnownKey(rawValue: 26)
  package static let clientRate = KnownKey(rawValue: 27)
  package static let preSamplerRate = KnownKey(rawValue: 28)
  package static let agentRate = KnownKey(rawValue: 29)
  package static let ruleRate = KnownKey(rawValue: 30)
  package static let priorityRate = KnownKey(rawValue: 31)
  package static let noPriorityRate = KnownKey(rawValue: 32)
  package static let errorsRate = KnownKey(rawValue: 33)

  /// The names of the constants above, in order of their raw values from 1.
  static let baseNames = [
    "env", "version", "span.kind", "http.status_code", "http.response.status_code", "peer.service",
    "_dd.base_service", "_dd.origin", "_dd.p.dm", "_dd.p.tid", "_dd.hostname", "_dd.git.commit.sha", "_dd.svc_src",
    "error.type", "component", "rpc.grpc.status_code", "grpc.code", "rpc.grpc.status.code", "grpc.status.code",
    "_dd.tags.process", "_sampling_priority_v1", "_sample_rate", "_dd.top_level", "_top_level", "_dd.measured",
    "_dd.partial_version", "_dd1.sr.rcusr", "_dd1.sr.rapre", "_dd.agent_psr", "_dd.rule_psr",
    "_sampling_priority_rate_v1", "_dd.no_p_sr", "_dd.errors_sr",
  ]
  /// An entry that processing took out.
  package static let removed = KnownKey(rawValue: .max)
}

/// Known keys present in a span's attributes, a bit each; the top bit stands for "some peer tag".
package struct KnownKeySet: BitwiseCopyable, Equatable, Sendable {
  @usableFromInline var bits: UInt64
  @inlinable init(bits: UInt64) { self.bits = bits }

  package static let empty = KnownKeySet(bits: 0)
  @usableFromInline static let peerTagBit: UInt64 = 1 << 63

  @inlinable package func contains(_ key: KnownKey) -> Bool {
    bits >> UInt64(key.rawValue & 63) & 1 != 0
  }
  @inlinable package var hasPeerTag: Bool { bits & Self.peerTagBit != 0 }

  @inlinable package mutating func insert(_ key: KnownKey, isPeerTag: Bool) {
    if key.rawValue < 63 { bits |= 1 << UInt64(key.rawValue) }
    if isPeerTag { bits |= Self.peerTagBit }
  }
}
