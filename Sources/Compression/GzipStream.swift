import CZlib

/// One gzip member after the other, from one zlib state.
@safe
struct GzipStream: ~Copyable, CompressionStream {
  /// The largest window (2^15 bytes), and 16 more to ask for a gzip header instead of a zlib one.
  private static let windowBits: Int32 = 15 + 16
  /// zlib's own default; 9 takes 128 KB more and gains nothing on trace payloads.
  private static let memoryLevel: Int32 = 8

  private let level: Int32
  /// zlib's state points back at this: it must not move.
  private var stream: UnsafeMutablePointer<z_stream>?
  private var output = CompressedOutput()

  /// - Parameter level: clamped to 1...9.
  init(level: Int) {
    self.level = min(max(Int32(clamping: level), 1), 9)
  }

  deinit {
    if let stream = unsafe stream { unsafe Self.free(stream) }
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CompressionError) {
    let stream = try unsafe openStream()
    // zlib counts in 32 bits, and takes a pointer that is not const though it only reads.
    var rest = unsafe bytes[...]
    while unsafe !rest.isEmpty {
      let part = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: part.bindMemory(to: UInt8.self).baseAddress)
      unsafe stream.pointee.avail_in = UInt32(part.count)
      while unsafe stream.pointee.avail_in > 0 { _ = try unsafe deflate(stream, Z_NO_FLUSH) }
      unsafe rest = rest.dropFirst(part.count)
    }
  }

  mutating func finish() throws(CompressionError) -> [UInt8] {
    let stream = try unsafe openStream()
    unsafe stream.pointee.next_in = nil
    unsafe stream.pointee.avail_in = 0
    while try unsafe deflate(stream, Z_FINISH) != Z_STREAM_END {}
    try unsafe check(deflateReset(stream))
    return output.take()
  }

  mutating func release() {
    if let stream = unsafe stream { unsafe Self.free(stream) }
    unsafe stream = nil
    output.reset()
  }

  private mutating func deflate(
    _ stream: UnsafeMutablePointer<z_stream>, _ flush: Int32
  ) throws(CompressionError) -> Int32 {
    var status = Z_OK
    unsafe output.write { space in
      unsafe stream.pointee.next_out = space.bindMemory(to: UInt8.self).baseAddress
      unsafe stream.pointee.avail_out = UInt32(clamping: space.count)
      let offered = unsafe stream.pointee.avail_out
      status = unsafe CZlib.deflate(stream, flush)
      return unsafe Int(offered - stream.pointee.avail_out)
    }
    if status != Z_STREAM_END { try check(status) }
    return status
  }

  private mutating func openStream() throws(CompressionError) -> UnsafeMutablePointer<z_stream> {
    if let stream = unsafe stream { return unsafe stream }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let status = unsafe deflateInit2_(
      stream, level, Z_DEFLATED, Self.windowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    unsafe self.stream = stream
    try check(status)
    return unsafe stream
  }

  /// A failed member cannot be continued: the next one starts from nothing.
  private mutating func check(_ status: Int32) throws(CompressionError) {
    guard status != Z_OK else { return }
    let reason = unsafe zError(status).map { unsafe String(cString: $0) } ?? "status \(status)"
    release()
    throw CompressionError(format: "gzip", reason: reason)
  }

  private static func free(_ stream: UnsafeMutablePointer<z_stream>) {
    unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }
}
