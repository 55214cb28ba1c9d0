/// Statistics on their way to the intake: what one agent counted, for all of its clients.
///
/// These are plain values in the shape of the Datadog trace-agent's messages. Times and durations are nanoseconds.
package struct StatsPayload: Sendable, Equatable {
  /// Host and default environment of the agent.
  package var agentHostname = ""
  package var agentEnv = ""
  package var agentVersion = ""
  /// Whether tracers counted this, not the agent.
  package var clientComputed = false
  /// Whether the rest of these statistics is in other payloads.
  package var splitPayload = false
  package var stats: [ClientStatsPayload] = []

  package init() {}

  /// Groups in all buckets of all clients.
  package var groupCount: Int { stats.reduce(0) { $0 + $1.stats.reduce(0) { $0 + $1.stats.count } } }
}

/// The statistics of one kind of client: all that share host, environment, version, container and the like.
package struct ClientStatsPayload: Sendable, Equatable {
  package var hostname = ""
  package var env = ""
  package var version = ""
  package var lang = ""
  package var tracerVersion = ""
  package var runtimeID = ""
  package var sequence: UInt64 = 0
  package var agentAggregation = ""
  package var service = ""
  package var containerID = ""
  /// Tags of the machine, as `key:value`.
  package var tags: [String] = []
  package var gitCommitSha = ""
  package var imageTag = ""
  package var processTagsHash: UInt64 = 0
  package var processTags = ""
  package var stats: [ClientStatsBucket] = []

  package init() {}
}

/// The statistics of one stretch of time.
package struct ClientStatsBucket: Sendable, Equatable {
  /// Start of the stretch since 1970.
  package var start: UInt64
  package var duration: UInt64
  /// How far the agent moved the bucket in time.
  package var agentTimeShift: Int64 = 0
  package var stats: [ClientGroupedStats] = []

  package init(start: UInt64, duration: UInt64) {
    self.start = start
    self.duration = duration
  }
}

/// What was counted of spans that agree in all of the keys here.
package struct ClientGroupedStats: Sendable, Equatable {
  /// Whether the spans began their traces, as far as the counter knows.
  package enum TraceRoot: Int64, Sendable {
    case unknown = 0
    case yes = 1
    case no = 2
  }

  /// The span's texts after normalizing.
  package var service = ""
  package var name = ""
  package var resource = ""
  /// 0 when the spans are not HTTP.
  package var httpStatusCode: UInt32 = 0
  package var type = ""
  package var dbType = ""
  package var hits: UInt64 = 0
  package var errors: UInt64 = 0
  /// Sum of the spans' durations.
  package var duration: UInt64 = 0
  /// DDSketches of the durations of good and of failed spans, as their protobuf bytes.
  package var okSummary: [UInt8] = []
  package var errorSummary: [UInt8] = []
  package var synthetics = false
  package var topLevelHits: UInt64 = 0
  package var spanKind = ""
  /// Each as `key:value`, sorted by key; empty for spans without a peer.
  package var peerTags: [String] = []
  package var isTraceRoot = TraceRoot.unknown
  package var grpcStatusCode = ""
  package var httpMethod = ""
  package var httpEndpoint = ""
  package var serviceSource = ""
  package var spanDerivedPrimaryTags: [String] = []
  package var additionalMetricTags: [String] = []

  package init() {}
}
