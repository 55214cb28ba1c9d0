import Control
import Exporting
import JSON

extension DestinationRow {
  /// What the forwarder has counted of a destination.
  /// - Parameter wallNs: this moment in ns since 1970; the forwarder's clock never jumps, and so has no date.
  init(_ counters: ForwarderCounters.PerDestination, wallNs: Int64) {
    self.init(endpoint: counters.label, format: counters.isOTLP ? "otlp" : "datadog")
    let traces = counters.ofTraces
    sent = TrafficCounts(
      payloads: UInt64(clamping: traces.sentPayloads), bytes: UInt64(clamping: traces.sentBytes),
      traces: UInt64(clamping: traces.sent.traces), spans: UInt64(clamping: traces.sent.spans))
    retries = UInt64(clamping: traces.retries)
    queued = TrafficCounts(
      payloads: UInt64(clamping: traces.heldPayloads),
      bytes: UInt64(clamping: traces.heldBytes + traces.spooled.bytes), traces: UInt64(clamping: traces.held.traces),
      spans: UInt64(clamping: traces.held.spans))
    queuedStatistics = UInt64(clamping: counters[.stats].heldPayloads)
    spooledPayloads = UInt64(clamping: traces.spooled.payloads)
    lost = TraceCounts(traces: UInt64(clamping: traces.lost.traces), spans: UInt64(clamping: traces.lost.spans))
    lastSuccess = counters.lastSuccessAt.map {
      Timestamp(unixNs: wallNs &- $0.duration(to: .now).nanoseconds)
    }
  }
}
