/// Compresses the bodies of payloads, one after the other, in the format it was made for.
///
/// Owned by one thread at a time. Costs nothing until the first byte comes; then zstd keeps 1.3 MB and gzip 0.4 MB until
/// `release()`. Its contexts belong to no thread.
package struct PayloadCompressor: ~Copyable, @unchecked Sendable {
  /// The format and level that every body is compressed with.
  package let compression: PayloadCompression

  /// Bytes appended to the unfinished body.
  package private(set) var uncompressedBytes = 0

  // One of them is there, or none, and then bodies stay as they are.
  private var zstd: ZstdStream?
  private var gzip: GzipStream?
  /// In place of `gzip` for its first level, where ISA-L is installed.
  private var igzip: IgzipStream?
  private var plain: [UInt8] = []

  package init(_ compression: PayloadCompression) {
    self.init(compression, igzip: compression.isFastGzip ? IgzipLibrary.installed : nil)
  }

  /// - Parameter igzip: what does the first level of gzip; `nil` leaves it to zlib.
  init(_ compression: PayloadCompression, igzip library: IgzipLibrary?) {
    self.compression = compression
    switch compression {
    case .zstd(let level): zstd = ZstdStream(level: level)
    case .gzip(let level):
      if compression.isFastGzip, let library {
        igzip = IgzipStream(library)
      } else {
        gzip = GzipStream(level: level)
      }
    case .identity: break
    }
  }

  /// Compresses the bytes behind those appended before; they need not live longer than the call.
  ///
  /// After an error the unfinished body is lost, and the next one may begin.
  package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CompressionError) {
    do {
      if try unsafe zstd?.append(bytes) == nil, try unsafe igzip?.append(bytes) == nil,
        try unsafe gzip?.append(bytes) == nil
      {
        unsafe plain.append(contentsOf: bytes)
      }
    } catch {
      uncompressedBytes = 0
      throw error
    }
    uncompressedBytes += bytes.count
  }

  /// Ends the body and hands it over, in an array that is no larger than it. The compressor is then as new, with its
  /// context kept. Ending a body that nothing was appended to gives a valid compressed body of no bytes.
  package mutating func finish() throws(CompressionError) -> [UInt8] {
    defer { uncompressedBytes = 0 }
    if let body = try zstd?.finish() { return body }
    if let body = try igzip?.finish() { return body }
    if let body = try gzip?.finish() { return body }
    defer { plain = [] }
    var body: [UInt8] = []
    // Growing doubles an array; this one has what it needs.
    body.reserveCapacity(plain.count)
    body += plain
    return body
  }

  /// Gives the context's memory back, and forgets an unfinished body. For when nothing has come for a while.
  package mutating func release() {
    zstd?.release()
    gzip?.release()
    igzip?.release()
    plain = []
    uncompressedBytes = 0
  }
}
