import Compression
import Statistics

/// Statistics for the Datadog intake: merges what all threads counted into one payload, or several when it is large.
package struct DatadogStatistics: StatisticsOutput {
  /// Bytes of one payload before it is compressed: a third of what the intake takes, so that little is in memory at once.
  static let payloadBytesMax = 1 << 20

  package let kind = OutgoingPayload.Kind.stats

  private let assembler: StatsAssembler
  private let encoder = StatsPayloadEncoder()

  package init(assembler: StatsAssembler) { self.assembler = assembler }

  package func makePayloads(
    of buckets: [StatsBucket], take: (OutgoingPayload) -> Void
  ) throws(CompressionError) -> UInt64 {
    var random = SystemRandomNumberGenerator()
    let limit = StatsAssembler.PieceLimit(groupsMax: StatsPayloadEncoder.groupsMax, bytesMax: Self.payloadBytesMax)
    return try assembler.assemble(buckets, limit: limit, random: &random) { (piece) throws(CompressionError) in
      let languages = Set(piece.stats.map(\.lang)).filter { !$0.isEmpty }.sorted()
      for payload in try encoder.encode(piece, reportedLanguages: languages) { take(payload) }
    }
  }
}
