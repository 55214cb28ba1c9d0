/// How payloads for the intake are compressed; the `Content-Encoding` of the trace payloads.
package enum CompressionKind: String, Sendable, Equatable, CaseIterable {
  case zstd, gzip

  /// `zlib` and `none`, which the core agent's `serializer_compressor_kind` also knows, mean gzip: the trace intake takes
  /// zstd and gzip only.
  package init(reading text: String) throws(BadValue) {
    switch text.lowercased() {
    case "zstd": self = .zstd
    case "gzip", "zlib", "none": self = .gzip
    default: throw BadValue("\(QuotedText.quoted(text)) is not zstd or gzip")
    }
  }
}
