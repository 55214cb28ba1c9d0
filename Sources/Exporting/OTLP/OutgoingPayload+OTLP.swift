import Compression

/// The payloads of OTLP over HTTP.
extension OutgoingPayload {
  /// Spans as protobuf. The path is a part of the destination's address.
  package static func otlpTraces(
    body: [UInt8], compression: PayloadCompression, counts: PayloadCounts, uncompressedBytes: Int
  ) -> OutgoingPayload {
    OutgoingPayload(
      kind: .otlpTraces(compression), path: "", body: .memory(body), contentType: "application/x-protobuf",
      contentEncoding: compression.contentEncoding, headers: [], counts: counts, uncompressedBytes: uncompressedBytes)
  }
}

extension OutgoingPayload.Kind {
  /// Spans as OTLP; a kind for each way to compress them, so that each destination gets what it reads.
  package static func otlpTraces(_ compression: PayloadCompression) -> Self {
    switch compression {
    case .gzip: Self(rawValue: "otlp")
    case .zstd: Self(rawValue: "otlp_zstd")
    case .identity: Self(rawValue: "otlp_plain")
    }
  }

  /// One for each way to compress, as a destination may want it.
  package static let allOTLPTraces: [Self] = [.otlpTraces(.gzip()), .otlpTraces(.zstd()), .otlpTraces(.identity)]

  /// Whether it is spans as OTLP.
  package var isOTLP: Bool { Self.allOTLPTraces.contains(self) }

  /// Whether spans are in it, in whatever format.
  package var isOfTraces: Bool { self == .traces || isOTLP }
}
