/// How the bodies of trace payloads are compressed; Datadog intakes read zstd and gzip.
package enum PayloadCompression: Sendable, Equatable {
  /// Zstandard, levels -10 (fastest) to 9. Level 1 takes a quarter of the time of gzip 1 and leaves a third less; -3 saves
  /// another quarter of the time and leaves a seventh more; 3 takes half as much again and leaves as much.
  case zstd(level: Int = 1)
  /// gzip, levels 1 (fastest) to 9: by zlib, and the first by ISA-L where that is installed.
  case gzip(level: Int = 1)
  /// Bodies stay as they are.
  case identity

  /// Whether it is the level of gzip that ISA-L has, too.
  var isFastGzip: Bool {
    if case .gzip(let level) = self { level <= 1 } else { false }
  }

  /// The value of the `Content-Encoding` header; empty for none.
  package var contentEncoding: String {
    switch self {
    case .zstd: "zstd"
    case .gzip: "gzip"
    case .identity: ""
    }
  }
}

/// A compression library could not go on: out of memory, or a level it does not know.
package struct CompressionError: Error, Equatable, CustomStringConvertible {
  /// The library that failed: `zstd` or `gzip`.
  package let format: String
  /// What the library says about it.
  package let reason: String

  package var description: String { "\(format) compression failed: \(reason)" }
}
