import Compression
import Statistics

/// Statistics for the Datadog intake: merges what all threads counted into one payload, or several when it is large.
package struct DatadogStatistics: StatisticsOutput {
  package let kind = OutgoingPayload.Kind.stats

  private let assembler: StatsAssembler
  private let encoder = StatsPayloadEncoder()

  package init(assembler: StatsAssembler) { self.assembler = assembler }

  package func payloads(of buckets: [StatsBucket]) throws(CompressionError) -> [OutgoingPayload] {
    var random = SystemRandomNumberGenerator()
    guard let payload = assembler.assemble(buckets, random: &random) else { return [] }
    let languages = Set(payload.stats.map(\.lang)).filter { !$0.isEmpty }.sorted()
    return try encoder.encode(payload, reportedLanguages: languages)
  }
}
