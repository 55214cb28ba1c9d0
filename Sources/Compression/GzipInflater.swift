import CZlib

/// Reads gzip members, one after the other, with one zlib state.
@safe
struct GzipInflater: ~Copyable {
  /// The largest window (2^15 bytes), and 16 more to ask for a gzip header and nothing else.
  private static let windowBits: Int32 = 15 + 16
  /// Bytes that zlib counts in one step: it does so in 32 bits.
  private static let stepBytesMax = 1 << 30

  /// zlib's state points back at this: it must not move.
  private var stream: UnsafeMutablePointer<z_stream>?

  init() { unsafe stream = nil }

  deinit {
    if let stream = unsafe stream { unsafe Self.free(stream) }
  }

  /// Bytes that zlib's state takes while there is one, about: its structure and the window.
  var heldBytes: Int { unsafe stream == nil ? 0 : 40 << 10 }

  /// Writes what the members in `body` hold behind `output`.
  mutating func inflate(
    _ body: UnsafeRawBufferPointer, into output: inout InflatedBytes, bytesMax: Int
  ) throws(InflateError) {
    let stream = try unsafe openStream()
    var offset = 0
    var isAtEnd = false
    while offset < body.count || !isAtEnd {
      if isAtEnd { try check(unsafe inflateReset(stream), offset, body.count) }
      let status = try unsafe step(stream, body, &offset, &output, bytesMax)
      isAtEnd = status == Z_STREAM_END
      if !isAtEnd { try check(status, offset, body.count) }
    }
    try check(unsafe inflateReset(stream), offset, body.count)
  }

  /// Frees zlib's state and its window; the next body allocates them anew.
  mutating func release() {
    if let stream = unsafe stream { unsafe Self.free(stream) }
    unsafe stream = nil
  }

  /// One call of the library: moves `offset` over what it read, and appends what it wrote.
  private func step(
    _ stream: UnsafeMutablePointer<z_stream>, _ body: UnsafeRawBufferPointer, _ offset: inout Int,
    _ output: inout InflatedBytes, _ bytesMax: Int
  ) throws(InflateError) -> Int32 {
    let input = unsafe UnsafeRawBufferPointer(rebasing: body[offset...].prefix(Self.stepBytesMax))
    var status = Z_OK
    // zlib takes a pointer that is not const though it only reads.
    unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
    unsafe stream.pointee.avail_in = UInt32(input.count)
    try unsafe output.write(bytesMax: bytesMax) { space in
      let offered = min(space.count, Self.stepBytesMax)
      unsafe stream.pointee.next_out = space.bindMemory(to: UInt8.self).baseAddress
      unsafe stream.pointee.avail_out = UInt32(offered)
      status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
      return unsafe offered - Int(stream.pointee.avail_out)
    }
    offset += unsafe input.count - Int(stream.pointee.avail_in)
    return status
  }

  private mutating func openStream() throws(InflateError) -> UnsafeMutablePointer<z_stream> {
    if let stream = unsafe stream { return unsafe stream }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    guard unsafe inflateInit2_(stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      unsafe stream.deallocate()
      throw .outOfMemory
    }
    unsafe self.stream = stream
    return unsafe stream
  }

  private func check(_ status: Int32, _ offset: Int, _ bodyBytes: Int) throws(InflateError) {
    switch status {
    case Z_OK: return
    // No progress is possible. There is always space to write, so the input is at its end.
    case Z_BUF_ERROR: throw .truncated(.gzip, bodyBytes: bodyBytes)
    case Z_MEM_ERROR: throw .outOfMemory
    default: throw .corrupt(.gzip, byteOffset: offset)
    }
  }

  private static func free(_ stream: UnsafeMutablePointer<z_stream>) {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }
}
