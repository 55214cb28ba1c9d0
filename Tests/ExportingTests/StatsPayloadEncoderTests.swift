import Compression
import Exporting
import MessagePack
import Statistics
import Testing

@Suite struct `A statistics body` {
  static func payload(buckets: [Int], clients: Int = 1) -> StatsPayload {
    var payload = StatsPayload()
    payload.agentHostname = "host-1"
    payload.agentEnv = "prod"
    payload.agentVersion = "7.1"
    payload.clientComputed = true
    payload.stats = (0..<clients).map { client in
      var stats = ClientStatsPayload()
      stats.env = "env-\(client)"
      stats.tags = ["kube:a"]
      stats.stats = buckets.enumerated().map { index, groups in
        var bucket = ClientStatsBucket(start: UInt64(index + 1) * 10_000_000_000, duration: 10_000_000_000)
        bucket.agentTimeShift = -3
        bucket.stats = (0..<groups).map { group in
          var stats = ClientGroupedStats()
          stats.resource = "GET /\(client)/\(index)/\(group)"
          stats.hits = 1
          stats.okSummary = [0x0a, 0xff]
          stats.isTraceRoot = .no
          stats.serviceSource = "m"
          stats.peerTags = ["peer.service:db"]
          return stats
        }
        return bucket
      }
      return stats
    }
    return payload
  }

  static func decode(_ payload: OutgoingPayload) throws -> MessagePackValue {
    let bytes = try decompress(payload.body.bytes, .gzip())
    #expect(bytes.count == payload.uncompressedBytes)
    let read = try MessagePackValue.unpack(bytes)
    #expect(read.trailingBytes == 0)
    return read.value
  }

  @Test func `names its fields as the Datadog trace-agent does, in its order`() throws {
    let encoded = try StatsPayloadEncoder().encode(Self.payload(buckets: [1]), reportedLanguages: ["python"])
    #expect(encoded.map(\.path) == ["/api/v0.2/stats"])
    #expect(encoded.map(\.counts) == [PayloadCounts(buckets: 1, groups: 1)])
    #expect(encoded.map(\.headers) == [[.reportedLanguages(["python"])]])
    let group: MessagePackValue = [
      "Service": "", "Name": "", "Resource": "GET /0/0/0", "HTTPStatusCode": 0, "Type": "", "DBType": "", "Hits": 1,
      "Errors": 0, "Duration": 0, "OkSummary": .binary([0x0a, 0xff]), "ErrorSummary": .binary([]),
      "Synthetics": false, "TopLevelHits": 0, "SpanKind": "", "PeerTags": ["peer.service:db"], "IsTraceRoot": 2,
      "GRPCStatusCode": "", "HTTPMethod": "", "HTTPEndpoint": "", "srv_src": "m", "SpanDerivedPrimaryTags": [],
      "AdditionalMetricTags": [],
    ]
    let bucket: MessagePackValue = [
      "Start": 10_000_000_000, "Duration": 10_000_000_000, "Stats": [group], "AgentTimeShift": -3,
    ]
    let client: MessagePackValue = [
      "Hostname": "", "Env": "env-0", "Version": "", "Stats": [bucket], "Lang": "", "TracerVersion": "",
      "RuntimeID": "", "Sequence": 0, "AgentAggregation": "", "Service": "", "ContainerID": "", "Tags": ["kube:a"],
      "GitCommitSha": "", "ImageTag": "", "ProcessTagsHash": 0, "ProcessTags": "",
    ]
    #expect(
      try Self.decode(#require(encoded.first)) == [
        "AgentHostname": "host-1", "AgentEnv": "prod", "Stats": [client], "AgentVersion": "7.1",
        "ClientComputed": true, "SplitPayload": false,
      ])
  }

  @Test func `is not made of nothing`() throws {
    #expect(try StatsPayloadEncoder().encode(StatsPayload(), reportedLanguages: []).isEmpty)
    #expect(try StatsPayloadEncoder().encode(Self.payload(buckets: [0, 0]), reportedLanguages: []).isEmpty)
  }

  static let splits: [(buckets: [Int], clients: Int, max: Int, groups: [Int])] = [
    ([4000], 1, 4000, [4000]),
    ([4001], 1, 4000, [4000, 1]),
    ([9000], 1, 4000, [4000, 4000, 1000]),
    ([3, 3, 3], 1, 4, [4, 4, 1]),
    ([2, 3], 3, 4, [4, 4, 4, 3]),
    ([2], 2, 100, [4]),
    ([1, 1], 1, 0, [1, 1]),
  ]

  @Test(arguments: splits)
  func `is split at so many groups, each with its window`(buckets: [Int], clients: Int, max: Int, groups: [Int]) throws
  {
    let payload = Self.payload(buckets: buckets, clients: clients)
    let encoded = try StatsPayloadEncoder(groupsMax: max).encode(payload, reportedLanguages: [])
    #expect(encoded.map(\.counts.groups) == groups)

    var found: [String: [MessagePackValue]] = [:]
    for part in encoded {
      let value = try Self.decode(part)
      #expect(value["SplitPayload"]?.bool == (groups.count > 1))
      #expect(value["AgentHostname"] == "host-1")
      for client in value["Stats"]?.array ?? [] {
        for bucket in client["Stats"]?.array ?? [] {
          #expect(bucket["Stats"]?.array?.isEmpty == false)
          for group in bucket["Stats"]?.array ?? [] {
            found[group["Resource"]?.text ?? "", default: []] += [client["Env"] ?? nil, bucket["Start"] ?? nil]
          }
        }
      }
    }
    #expect(found.count == buckets.reduce(0, +) * clients)
    for (resource, window) in found {
      let parts = resource.split(separator: "/")
      #expect(window == [.text("env-\(parts[1])"), .uint(UInt64((Int(parts[2]) ?? 0) + 1) * 10_000_000_000)])
    }
  }
}
