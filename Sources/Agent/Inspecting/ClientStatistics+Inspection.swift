import Control
import Statistics
import TraceModel

/// What tracers' own statistics hold behind their decoder, before any processing: as the client sent it.
extension SpanBatch {
  /// What a payload of statistics says of its client, by the names of the format.
  func sender(of statistics: borrowing ClientStatistics) -> [(key: String, value: String)] {
    let texts: [(String, ByteSlice)] = [
      ("Hostname", payload.hostname), ("Env", payload.env), ("Version", payload.appVersion),
      ("Lang", payload.languageName), ("TracerVersion", payload.tracerVersion), ("RuntimeID", payload.runtimeID),
      ("ContainerID", payload.containerID), ("GitCommitSha", payload.gitCommitSha), ("ImageTag", statistics.imageTag),
      ("ProcessTags", payload.processTags),
    ]
    return texts.filter { !$0.1.isEmpty }.map { ($0.0, text($0.1)) }
  }

  /// The groups that were read, in the order of the payload.
  func inspectedGroups(of statistics: borrowing ClientStatistics) -> [InspectedGroup] {
    var groups: [InspectedGroup] = []
    for index in 0..<min(statistics.groups.count, spans.count) {
      groups.append(group(statistics.groups[index], spans[index], statistics))
    }
    return groups
  }

  private func group(
    _ record: ClientGroupRecord, _ span: SpanRecord, _ statistics: borrowing ClientStatistics
  ) -> InspectedGroup {
    var group = InspectedGroup()
    (group.bucketStartNs, group.bucketWidthNs) = (record.bucketStartNs, record.bucketWidthNs)
    (group.service, group.operation) = (text(span.service), text(span.name))
    (group.resource, group.type) = (text(span.resource), text(span.type))
    (group.hits, group.topLevelHits, group.errors) = (record.hits, record.topLevelHits, record.errors)
    group.durationNs = record.durationNs
    group.dimensions = dimensions(record, span, statistics)
    var sketch = DDSketch()
    sketch.add(record.okSketch, of: statistics)
    sketch.add(record.errorSketch, of: statistics)
    group.latency = LatencyQuantiles(sketch)
    group.latency.maxNs = UInt64(exactly: sketch.quantile(1).rounded()) ?? .max
    return group
  }

  private func dimensions(
    _ record: ClientGroupRecord, _ span: SpanRecord, _ statistics: borrowing ClientStatistics
  ) -> [(key: String, value: String)] {
    func list(_ range: IndexRange) -> String {
      range.range.map { text(statistics.texts[$0]) }.joined(separator: " ")
    }
    func tag(_ key: KnownKey) -> String { meta(key, of: span).map { text($0) } ?? "" }
    let root = record.traceRoot == 1 ? "true" : record.traceRoot == 2 ? "false" : ""
    let all = [
      ("HTTPStatusCode", metric(.httpStatusCode, of: span).map { "\(UInt32(exactly: $0) ?? 0)" } ?? ""),
      ("DBType", tag(.dbType)), ("SpanKind", tag(.spanKind)), ("Synthetics", record.isSynthetics ? "true" : ""),
      ("IsTraceRoot", root), ("GRPCStatusCode", tag(.rpcGrpcStatusCode)), ("HTTPMethod", text(record.httpMethod)),
      ("HTTPEndpoint", text(record.httpEndpoint)), ("srv_src", tag(.serviceSource)),
      ("PeerTags", list(record.peerTags)), ("SpanDerivedPrimaryTags", list(record.primaryTags)),
      ("AdditionalMetricTags", list(record.metricTags)),
    ]
    return all.filter { !$0.1.isEmpty }.map { (key: $0.0, value: $0.1) }
  }
}
