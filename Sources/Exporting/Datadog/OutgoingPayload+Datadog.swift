import Compression

/// The payloads of the Datadog intake.
extension OutgoingPayload {
  /// Spans as protobuf, for `/api/v0.2/traces`.
  package static func datadogTraces(
    body: [UInt8], compression: PayloadCompression, reportedLanguages: [String], counts: PayloadCounts,
    uncompressedBytes: Int
  ) -> OutgoingPayload {
    OutgoingPayload(
      kind: .traces, path: "/api/v0.2/traces", body: .memory(body), contentType: "application/x-protobuf",
      contentEncoding: compression.contentEncoding, headers: [.reportedLanguages(reportedLanguages)],
      counts: counts, uncompressedBytes: uncompressedBytes)
  }

  /// Statistics as gzipped MessagePack, for `/api/v0.2/stats`.
  package static func datadogStats(
    body: [UInt8], reportedLanguages: [String], counts: PayloadCounts, uncompressedBytes: Int
  ) -> OutgoingPayload {
    OutgoingPayload(
      kind: .stats, path: "/api/v0.2/stats", body: .memory(body), contentType: "application/msgpack",
      contentEncoding: "gzip", headers: [.reportedLanguages(reportedLanguages)], counts: counts,
      uncompressedBytes: uncompressedBytes)
  }
}

extension HTTPHeader {
  /// Bytes of the header that lists languages; they are what tracers say they are.
  private static let languageBytesMax = 1024

  /// Languages of the tracers whose spans are inside, joined by `|`.
  package static func reportedLanguages(_ languages: [String]) -> HTTPHeader {
    let text = languages.joined(separator: "|").utf8.prefix(languageBytesMax)
    return HTTPHeader("X-Datadog-Reported-Languages", String(decoding: text, as: UTF8.self))
  }
}
