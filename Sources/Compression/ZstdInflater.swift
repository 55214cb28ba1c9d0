import CZstd

/// Reads Zstandard frames, one after the other, with one context.
@safe
struct ZstdInflater: ~Copyable {
  /// How much of what came before a frame may refer to, which the reader has to keep: 8 MiB, what RFC 8878 asks every
  /// reader for. Levels up to 19 stay below it; a hostile frame can ask for terabytes.
  static let windowBytesMax = 1 << windowLogMax
  private static let windowLogMax: Int32 = 23

  private var context: OpaquePointer?

  init() { unsafe context = nil }

  deinit { unsafe ZSTD_freeDCtx(context) }

  /// Bytes that the context takes while there is one, with its copy of the window.
  var heldBytes: Int { unsafe ZSTD_sizeof_DCtx(context) }

  /// Writes what the frames in `body` hold behind `output`.
  mutating func inflate(
    _ body: UnsafeRawBufferPointer, into output: inout InflatedBytes, bytesMax: Int
  ) throws(InflateError) {
    let context = try unsafe openContext()
    var input = unsafe ZSTD_inBuffer(src: body.baseAddress, size: body.count, pos: 0)
    while true {
      var left = 0
      let before = (read: unsafe input.pos, written: output.count)
      try unsafe output.write(bytesMax: bytesMax) { space in
        var buffer = unsafe ZSTD_outBuffer(dst: space.baseAddress, size: space.count, pos: 0)
        left = unsafe ZSTD_decompressStream(context, &buffer, &input)
        return unsafe buffer.pos
      }
      try unsafe check(left, input.pos)
      // 0 is said at the end of a frame; behind it there may be another one.
      if unsafe left == 0 && input.pos == body.count { return }
      guard unsafe input.pos > before.read || output.count > before.written else {
        throw .truncated(.zstd, bodyBytes: body.count)
      }
    }
  }

  /// Frees the context and its window; the next body allocates them anew.
  mutating func release() {
    unsafe ZSTD_freeDCtx(context)
    unsafe context = nil
  }

  private mutating func openContext() throws(InflateError) -> OpaquePointer {
    if let context = unsafe context {
      // What a failed body left behind.
      unsafe ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
      return unsafe context
    }
    guard let context = unsafe ZSTD_createDCtx() else { throw .outOfMemory }
    unsafe self.context = unsafe context
    try check(unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLogMax), 0)
    return unsafe context
  }

  private func check(_ status: Int, _ offset: Int) throws(InflateError) {
    guard ZSTD_isError(status) != 0 else { return }
    switch ZSTD_getErrorCode(status) {
    case ZSTD_error_frameParameter_windowTooLarge: throw .windowTooLarge
    case ZSTD_error_memory_allocation: throw .outOfMemory
    default: throw .corrupt(.zstd, byteOffset: offset)
    }
  }
}
