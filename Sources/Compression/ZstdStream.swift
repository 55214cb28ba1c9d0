import CZstd

/// One Zstandard frame after the other, from one context.
@safe
struct ZstdStream: ~Copyable, CompressionStream {
  /// How far back a match may lie: 2^19 bytes, what level 1 takes by itself. Higher levels would take 2 MB and more for
  /// themselves and for the reader; on trace payloads a window of 2^18 is no faster, and one of 2^17 leaves 15 % more.
  private static let windowLog: Int32 = 19

  /// How far level 1 goes on where nothing matches. By itself it tries every other place; with four, trace payloads take
  /// two thirds of the time and 9 % more bytes.
  private static let fastStep: Int32 = 4

  private let level: Int32
  private var context: OpaquePointer?
  private var output = CompressedOutput()

  /// Below, nothing gets faster; above, a span costs more time to compress than all else that is done with it.
  private static let levels = -10...9

  /// - Parameter level: clamped to -10...9.
  init(level: Int) {
    self.level = Int32(min(max(level, Self.levels.lowerBound), Self.levels.upperBound))
  }

  deinit { unsafe ZSTD_freeCCtx(context) }

  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CompressionError) {
    guard unsafe !bytes.isEmpty else { return }
    let context = try unsafe openContext()
    var input = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    while unsafe input.pos < input.size { _ = try unsafe compress(context, &input, ZSTD_e_continue) }
  }

  mutating func finish() throws(CompressionError) -> [UInt8] {
    let context = try unsafe openContext()
    var input = unsafe ZSTD_inBuffer(src: nil, size: 0, pos: 0)
    while try unsafe compress(context, &input, ZSTD_e_end) > 0 {}
    return output.take()
  }

  mutating func release() {
    unsafe ZSTD_freeCCtx(context)
    unsafe context = nil
    output.reset()
  }

  /// One step of the library. Returns how many bytes it still holds, at least, that a further step would write.
  private mutating func compress(
    _ context: OpaquePointer, _ input: inout ZSTD_inBuffer, _ directive: ZSTD_EndDirective
  ) throws(CompressionError) -> Int {
    var left = 0
    unsafe output.write { space in
      var buffer = unsafe ZSTD_outBuffer(dst: space.baseAddress, size: space.count, pos: 0)
      left = unsafe ZSTD_compressStream2(context, &buffer, &input, directive)
      return unsafe buffer.pos
    }
    try check(left)
    return left
  }

  private mutating func openContext() throws(CompressionError) -> OpaquePointer {
    if let context = unsafe context { return unsafe context }
    guard let context = unsafe ZSTD_createCCtx() else {
      throw CompressionError(format: "zstd", reason: "out of memory")
    }
    unsafe self.context = context
    try unsafe check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level))
    try unsafe check(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, Self.windowLog))
    if level == 1 { try unsafe check(ZSTD_CCtx_setParameter(context, ZSTD_c_targetLength, Self.fastStep)) }
    return unsafe context
  }

  /// A failed frame cannot be continued: the next one starts from nothing.
  private mutating func check(_ status: Int) throws(CompressionError) {
    guard ZSTD_isError(status) != 0 else { return }
    let reason = unsafe String(cString: ZSTD_getErrorName(status))
    release()
    throw CompressionError(format: "zstd", reason: reason)
  }
}
