/// How the body of a request is encoded, as its `Content-Encoding` header says.
package enum ContentEncoding: String, CaseIterable, Sendable {
  /// The body is not compressed; also taken when the header is missing or empty.
  case identity
  /// One or more gzip members (RFC 1952).
  case gzip
  /// One or more Zstandard frames (RFC 8878).
  case zstd

  /// Bytes of a header's value that an error repeats; a client may send any number.
  private static let repeatedBytesMax = 40

  /// The encoding that a header's value names, in either case; `nil` and an empty value mean that the body is as it is.
  ///
  /// Throws `.unknownEncoding` for every other name, and for a list of several encodings.
  package init(header value: UnsafeRawBufferPointer?) throws(InflateError) {
    guard let value = unsafe value, unsafe !value.isEmpty else {
      self = .identity
      return
    }
    let name = unsafe String(decoding: value.prefix(Self.repeatedBytesMax), as: UTF8.self)
    switch name.lowercased() {
    case "identity": self = .identity
    // RFC 9110, section 8.4.1.3: a recipient takes x-gzip for gzip.
    case "gzip", "x-gzip": self = .gzip
    case "zstd": self = .zstd
    default: throw .unknownEncoding(name)
    }
  }
}
