import Compression
import MessagePack
import Statistics

/// Makes of statistics the gzipped MessagePack bodies that `/api/v0.2/stats` takes.
///
/// Field names and their order are those of the Datadog trace-agent.
package struct StatsPayloadEncoder: Sendable {
  /// Groups in one payload. At some 375 bytes a group, 4000 stay well below the 3 MB that the intake takes.
  package static let groupsMax = 4000

  private let groupsMax: Int

  package init(groupsMax: Int = Self.groupsMax) { self.groupsMax = max(1, groupsMax) }

  /// The payloads to send for these statistics: none when nothing was counted, several when there are more groups than
  /// one may hold. A bucket that is split keeps its window in each part.
  package func encode(
    _ payload: StatsPayload, reportedLanguages: [String]
  ) throws(CompressionError) -> [OutgoingPayload] {
    var compressor = PayloadCompressor(.gzip(level: 1))
    var packer = MessagePacker()
    var encoded: [OutgoingPayload] = []
    for part in payload.split(groupsMax: groupsMax) {
      try pack(part, with: &packer, into: &compressor)
      let uncompressedBytes = compressor.uncompressedBytes
      let counts = PayloadCounts(buckets: part.stats.reduce(0) { $0 + $1.stats.count }, groups: part.groupCount)
      encoded.append(
        .datadogStats(
          body: try compressor.finish(), reportedLanguages: reportedLanguages, counts: counts,
          uncompressedBytes: uncompressedBytes))
    }
    return encoded
  }

  private func pack(
    _ payload: StatsPayload, with packer: inout MessagePacker, into compressor: inout PayloadCompressor
  ) throws(CompressionError) {
    packer.map(6)
    packer.field("AgentHostname", payload.agentHostname)
    packer.field("AgentEnv", payload.agentEnv)
    packer.string("Stats")
    packer.array(payload.stats.count)
    for client in payload.stats {
      packer.header(of: client)
      for bucket in client.stats {
        packer.header(of: bucket)
        for group in bucket.stats {
          packer.group(group)
          try flush(&packer, into: &compressor, atLeast: 32 << 10)
        }
        packer.trailer(of: bucket)
      }
      packer.trailer(of: client)
    }
    packer.field("AgentVersion", payload.agentVersion)
    packer.field("ClientComputed", payload.clientComputed)
    packer.field("SplitPayload", payload.splitPayload)
    try flush(&packer, into: &compressor, atLeast: 0)
  }

  /// Compresses what is packed whenever there is enough of it, so that the body is never there in full.
  private func flush(
    _ packer: inout MessagePacker, into compressor: inout PayloadCompressor, atLeast bytes: Int
  ) throws(CompressionError) {
    guard packer.count >= bytes else { return }
    let result = packer.withBytes { bytes in
      Result { () throws(CompressionError) in try compressor.append(bytes) }
    }
    packer.clear()
    try result.get()
  }
}
