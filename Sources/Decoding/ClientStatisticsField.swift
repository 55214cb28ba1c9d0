import TraceModel

/// The keys of a tracer's statistics that are read, of all three levels: payload, bucket and group.
enum ClientStatisticsField: UInt32, CaseIterable {
  // Payload
  case hostname, env, version, stats, lang, tracerVersion, runtimeID, containerID, gitCommitSha, imageTag, processTags
  // Bucket
  case start, duration
  // Group; service and duration are keys of two levels
  case service, name, resource, httpStatusCode, type, dbType, hits, errors, okSummary, errorSummary, synthetics
  case topLevelHits, spanKind, peerTags, isTraceRoot, grpcStatusCode, httpMethod, httpEndpoint, serviceSource
  case primaryTags, metricTags
  case unknown

  /// The key on the wire.
  var name: StaticString {
    switch self {
    case .hostname: "Hostname"
    case .env: "Env"
    case .version: "Version"
    case .stats: "Stats"
    case .lang: "Lang"
    case .tracerVersion: "TracerVersion"
    case .runtimeID: "RuntimeID"
    case .containerID: "ContainerID"
    case .gitCommitSha: "GitCommitSha"
    case .imageTag: "ImageTag"
    case .processTags: "ProcessTags"
    case .start: "Start"
    case .duration: "Duration"
    case .service: "Service"
    case .name: "Name"
    case .resource: "Resource"
    case .httpStatusCode: "HTTPStatusCode"
    case .type: "Type"
    case .dbType: "DBType"
    case .hits: "Hits"
    case .errors: "Errors"
    case .okSummary: "OkSummary"
    case .errorSummary: "ErrorSummary"
    case .synthetics: "Synthetics"
    case .topLevelHits: "TopLevelHits"
    case .spanKind: "SpanKind"
    case .peerTags: "PeerTags"
    case .isTraceRoot: "IsTraceRoot"
    case .grpcStatusCode: "GRPCStatusCode"
    case .httpMethod: "HTTPMethod"
    case .httpEndpoint: "HTTPEndpoint"
    case .serviceSource: "srv_src"
    case .primaryTags: "SpanDerivedPrimaryTags"
    case .metricTags: "AdditionalMetricTags"
    case .unknown: "(unknown key)"
    }
  }

  /// The field that a key names.
  init(_ key: UnsafeRawBufferPointer) {
    self = .unknown
    for field in Self.allCases {
      if unsafe ByteString.equal(key, field.name) { self = field }
    }
  }
}
