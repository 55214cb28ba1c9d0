import Compression
import Configuration
import Exporting
import Statistics
import TraceModel

/// What traces and statistics become behind sampling: the table that another output is added to.
struct AgentOutputs: Sendable {
  /// Makers of what each receiving thread has.
  var batches: [BatchOutputMaker] = []
  /// One of each for the whole agent; the flusher uses them.
  var statistics: [any StatisticsOutput] = []
  /// Some of them write OTLP, and call spans of OpenTelemetry by their own names.
  var writesOTLP = false
}

extension AgentOutputs {
  /// The outputs as configured. What no destination takes is not made.
  init(
    _ configuration: AgentConfiguration, identity: AgentIdentity, keys: KeyTable, _ forwarder: Forwarder?,
    containers: ContainerResolver? = nil
  ) {
    guard let forwarder else { return }
    if forwarder.takes(.traces) {
      let compression: PayloadCompression =
        configuration.compression == .zstd
        ? .zstd(level: configuration.compressionLevel) : .gzip(level: configuration.compressionLevel)
      let periodNs = configuration.traceWriter.flushPeriod.nanoseconds
      batches.append { nowNs, encodedChunks in
        DatadogTraces(
          identity: identity, compression: compression, flushPeriodNs: periodNs, nowNs: nowNs,
          encodedChunks: encodedChunks)
      }
    }
    for wanted in TraceDestination.Compression.allCases {
      let compression = PayloadCompression(wanted, level: configuration.compressionLevel)
      guard forwarder.takes(.otlpTraces(compression)) else { continue }
      let periodNs = configuration.traceWriter.flushPeriod.nanoseconds
      writesOTLP = true
      batches.append { nowNs, _ in
        OTLPTraces(identity: identity, compression: compression, flushPeriodNs: periodNs, nowNs: nowNs)
      }
    }
    if forwarder.takes(.stats) {
      statistics.append(
        DatadogStatistics(
          assembler: StatsAssembler(
            keys: keys, agentHostname: identity.hostname, agentEnv: identity.env, agentVersion: identity.version,
            bucketSizeNs: configuration.bucketSize.nanoseconds,
            hostTags: configuration.allHostTags.map(\.text), container: { containers?.known(id: $0)?.facts })))
    }
  }
}
