import Control
import Traces

/// Captured payloads: a whole one, and bad ones of clients that mean no good.
enum InspectSamples {
  static let rows = [
    row(8, "\u{1b}]0;mine\u{7}", "byte 3: expected map, saw \u{1b}[2J") { row in
      (row.pid, row.command) = (812, "python app.py")
      (row.language, row.tracerVersion, row.client) = ("python", "4.16.0", "python 4.16.0")
    },
    row(7, "/v0.7/traces", "the body ends inside its gzip data, after 20 bytes") { $0.address = "10.0.0.7" },
    row(6, "/v0.5/traces", "byte 0: expected array, saw the end of the body") { row in
      (row.pid, row.processGone, row.client) = (811, true, "own-client/1.0")
    },
  ]

  private static func row(
    _ id: UInt64, _ path: String, _ message: String, _ change: (inout BadPayloadRow) -> Void
  ) -> BadPayloadRow {
    var row = BadPayloadRow(
      id: id, atNs: ReportSamples.now - 60_000_000_000, path: path, format: "v0.4", bytes: 1_204_000,
      fault: PayloadFault(message: message, byteOffset: 20))
    row.keptBytes = 1_048_576
    change(&row)
    return row
  }

  static let whole = {
    var payload = InspectedPayload(format: "v0.7", bytes: 8_204)
    (payload.encoding, payload.compression) = ("MessagePack", "zstd")
    payload.client = [("language_name", "go"), ("tracer_version", "2.1.0"), ("_dd.git", "\u{202e}ab")]
    payload.traces = [InspectedTrace(TraceSamples.checkout.trace, priority: 1), empty, rootless]
    return payload
  }()

  /// The third trace is not whole; of the first no span came.
  static let bad = {
    var payload = InspectedPayload(format: "v0.4", bytes: 1_204)
    payload.encoding = "MessagePack"
    payload.traces = [empty, rootless, rootless]
    payload.traces[2].isWhole = false
    var fault = PayloadFault(
      message: "byte 1030, trace 2, span 1, field meta: expected string, saw unsigned integer", byteOffset: 1_030)
    (fault.trace, fault.span, fault.field) = (2, 1, "meta")
    (fault.expected, fault.seen) = ("string", "unsigned integer")
    payload.fault = fault
    payload.besideFaultOffset = 1_030 - 48
    payload.besideFault = (0..<96).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    payload.received = rows[0]
    return payload
  }()

  /// It ends too early, and nothing of it could be read.
  static let cut = {
    var payload = InspectedPayload(format: "v0.4", bytes: 20)
    payload.compression = "gzip"
    payload.fault = rows[1].fault
    payload.besideFault = (0..<20).map { UInt8($0) }
    payload.received = rows[1]
    payload.received?.keptBytes = 0
    return payload
  }()

  /// Statistics that a tracer computed itself, of two buckets.
  static let statistics = {
    var payload = InspectedPayload(format: "v0.6/stats", bytes: 3_020)
    payload.encoding = "MessagePack"
    payload.client = [("Env", "prod"), ("Lang", "go"), ("Version", "1\u{1b}[2J")]
    payload.groups = (0..<3).map { number in
      var group = InspectedGroup()
      group.bucketStartNs = UInt64(ReportSamples.now) - (number < 2 ? 20_000_000_000 : 0)
      group.bucketWidthNs = 10_000_000_000
      (group.service, group.operation) = ("shop", "web.request")
      (group.resource, group.type) = (["GET /cart", "POST /check\u{7}out", "GET /"][number], "web")
      group.dimensions = [("HTTPStatusCode", "200"), ("PeerTags", "db.name:a")]
      (group.hits, group.topLevelHits, group.errors) = (1_200, 1_200, UInt64(number))
      group.durationNs = 9_000_000_000
      group.latency = LatencyQuantiles(
        p50Ns: 4_000_000, p75Ns: 5_000_000, p95Ns: 9_000_000, p99Ns: 30_000_000, maxNs: 81_000_000)
      return group
    }
    return payload
  }()

  private static let empty = InspectedTrace(
    Trace(id: TraceID(high: 0, low: 0), spans: [], isKept: true, keptBy: ""), priority: nil)

  private static let rootless = InspectedTrace(
    Trace(
      id: TraceID(high: 0, low: 7),
      spans: [
        TraceSpan(
          spanID: 9, parentID: 8, service: "sh\u{1b}op", operation: "job", resource: "GET /\u{7}", startNs: 1_000,
          durationNs: 5_000)
      ], isKept: true, keptBy: ""), priority: -1)
}
