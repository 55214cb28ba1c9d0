import MessagePack
import Statistics

/// The maps of a statistics body, in the parts between which their elements are written.
extension MessagePacker {
  mutating func header(of client: ClientStatsPayload) {
    map(16)
    field("Hostname", client.hostname)
    field("Env", client.env)
    field("Version", client.version)
    string("Stats")
    array(client.stats.count)
  }

  mutating func trailer(of client: ClientStatsPayload) {
    field("Lang", client.lang)
    field("TracerVersion", client.tracerVersion)
    field("RuntimeID", client.runtimeID)
    field("Sequence", client.sequence)
    field("AgentAggregation", client.agentAggregation)
    field("Service", client.service)
    field("ContainerID", client.containerID)
    field("Tags", client.tags)
    field("GitCommitSha", client.gitCommitSha)
    field("ImageTag", client.imageTag)
    field("ProcessTagsHash", client.processTagsHash)
    field("ProcessTags", client.processTags)
  }

  mutating func header(of bucket: ClientStatsBucket) {
    map(4)
    field("Start", bucket.start)
    field("Duration", bucket.duration)
    string("Stats")
    array(bucket.stats.count)
  }

  mutating func trailer(of bucket: ClientStatsBucket) {
    string("AgentTimeShift")
    int(bucket.agentTimeShift)
  }

  mutating func group(_ group: ClientGroupedStats) {
    map(22)
    field("Service", group.service)
    field("Name", group.name)
    field("Resource", group.resource)
    field("HTTPStatusCode", UInt64(group.httpStatusCode))
    field("Type", group.type)
    field("DBType", group.dbType)
    field("Hits", group.hits)
    field("Errors", group.errors)
    field("Duration", group.duration)
    string("OkSummary")
    binary(group.okSummary)
    string("ErrorSummary")
    binary(group.errorSummary)
    field("Synthetics", group.synthetics)
    field("TopLevelHits", group.topLevelHits)
    field("SpanKind", group.spanKind)
    field("PeerTags", group.peerTags)
    string("IsTraceRoot")
    int(group.isTraceRoot.rawValue)
    field("GRPCStatusCode", group.grpcStatusCode)
    field("HTTPMethod", group.httpMethod)
    field("HTTPEndpoint", group.httpEndpoint)
    // The one name that is not in the case of the others.
    field("srv_src", group.serviceSource)
    field("SpanDerivedPrimaryTags", group.spanDerivedPrimaryTags)
    field("AdditionalMetricTags", group.additionalMetricTags)
  }

  mutating func field(_ name: String, _ value: String) {
    string(name)
    string(value)
  }

  mutating func field(_ name: String, _ value: Bool) {
    string(name)
    bool(value)
  }

  private mutating func field(_ name: String, _ value: UInt64) {
    string(name)
    uint(value)
  }

  private mutating func field(_ name: String, _ values: [String]) {
    string(name)
    array(values.count)
    for value in values { string(value) }
  }
}
