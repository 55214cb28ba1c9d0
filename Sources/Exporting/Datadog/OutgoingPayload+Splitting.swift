import Compression

/// A payload that an intake finds too large (413) goes out in two.
extension OutgoingPayload {
  /// A body that is refused though it is no larger is not refused because of its size.
  private static let splitBytesMin = 1 << 10
  /// What a body may become when it is decompressed: the agent's own have some 3 MB, or one trace of any size.
  private static let inflatedBytesMax = 64 << 20
  /// The same of OTLP, which is split down to single spans.
  private static let inflatedBytesMaxOfOTLP = 16 << 20

  /// The two halves of it, each with about half of the bytes; `nil` when it cannot be split: it is one trace or one group
  /// of statistics, or of a kind that is not known here.
  func halves() -> [OutgoingPayload]? {
    guard body.byteCount > Self.splitBytesMin, let compression, let bytes = inflated() else { return nil }
    let parts: [(bytes: [UInt8], counts: PayloadCounts)]?
    switch (kind, contentType) {
    case _ where kind.isOTLP: parts = bytes.withUnsafeBytes { OTLPSplitting(of: $0)?.halves(of: counts) }
    case (.traces, "application/x-protobuf"): parts = bytes.withUnsafeBytes { TracesSplitting(of: $0)?.halves() }
    case (.stats, "application/msgpack"): parts = StatsSplitting(bytes)?.halves()
    default: parts = nil
    }
    guard let parts else { return nil }
    var rest = counts
    var compressor = PayloadCompressor(compression)
    var halves: [OutgoingPayload] = []
    for (index, part) in parts.enumerated() {
      var half = self
      let result = part.bytes.withUnsafeBytes { bytes in
        Result { () throws(CompressionError) in
          try compressor.append(bytes)
          return try compressor.finish()
        }
      }
      guard case .success(let body) = result else { return nil }
      half.body = .memory(body)
      half.uncompressedBytes = part.bytes.count
      // The last one gets what is left, so that nothing is counted twice or not at all.
      half.counts = index == parts.count - 1 ? rest : part.counts.clamped(to: rest)
      rest -= half.counts
      halves.append(half)
    }
    return halves
  }

  /// How the body is compressed; `nil` for ways that no payload here has.
  private var compression: PayloadCompression? {
    switch contentEncoding {
    case "zstd": .zstd()
    case "gzip": .gzip()
    case "": .identity
    default: nil
    }
  }

  private func inflated() -> [UInt8]? {
    guard let body = try? body.whole() else { return nil }
    if contentEncoding.isEmpty { return kind.isOTLP && body.count > Self.inflatedBytesMaxOfOTLP ? nil : body }
    guard let encoding = ContentEncoding(rawValue: contentEncoding) else { return nil }
    var inflater = BodyInflater()
    let bytesMax = kind.isOTLP ? Self.inflatedBytesMaxOfOTLP : Self.inflatedBytesMax
    return body.withUnsafeBytes { bytes in
      (try? inflater.inflate(bytes, encoding: encoding, bytesMax: bytesMax)).map { [UInt8]($0) }
    }
  }
}

extension PayloadCounts {
  /// Not more of anything than another one has.
  fileprivate func clamped(to most: PayloadCounts) -> PayloadCounts {
    PayloadCounts(
      traces: min(traces, most.traces), spans: min(spans, most.spans), buckets: min(buckets, most.buckets),
      groups: min(groups, most.groups))
  }
}
