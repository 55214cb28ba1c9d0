import CZstd

/// Compresses whole blocks to Zstandard frames, and back, with contexts that are kept in between.
@safe
package struct ZstdBlocks: ~Copyable {
  private let level: Int32
  private var compressor: OpaquePointer?
  private var decompressor: OpaquePointer?

  /// - Parameter level: clamped to 1...9.
  package init(level: Int = 3) {
    self.level = Int32(min(max(level, 1), 9))
    unsafe compressor = nil
    unsafe decompressor = nil
  }

  deinit {
    unsafe ZSTD_freeCCtx(compressor)
    unsafe ZSTD_freeDCtx(decompressor)
  }

  /// One frame that holds all of `bytes`.
  package mutating func compress(_ bytes: [UInt8]) throws(CompressionError) -> [UInt8] {
    if unsafe compressor == nil { unsafe compressor = ZSTD_createCCtx() }
    guard let context = unsafe compressor else { throw Self.outOfMemory }
    var length = 0
    let capacity = ZSTD_compressBound(bytes.count)
    var frame = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { space, written in
      length = unsafe bytes.withUnsafeBytes { bytes in
        unsafe ZSTD_compressCCtx(context, space.baseAddress, capacity, bytes.baseAddress, bytes.count, level)
      }
      written = ZSTD_isError(length) != 0 ? 0 : length
    }
    guard ZSTD_isError(length) == 0 else { throw Self.failure(length) }
    // The bound is a little more than the bytes themselves, and a frame a tenth of it.
    if frame.count * 2 < frame.capacity { frame = Array(frame[...]) }
    return frame
  }

  /// What a frame holds; `nil` unless that is exactly `count` bytes.
  package mutating func decompress(_ frame: UnsafeRawBufferPointer, count: Int) -> [UInt8]? {
    if unsafe decompressor == nil { unsafe decompressor = ZSTD_createDCtx() }
    guard count >= 0, let context = unsafe decompressor else { return nil }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { space, written in
      let length = unsafe ZSTD_decompressDCtx(context, space.baseAddress, count, frame.baseAddress, frame.count)
      written = ZSTD_isError(length) != 0 ? 0 : min(length, count)
    }
    return bytes.count == count ? bytes : nil
  }

  /// Frees the contexts; the next block makes them anew.
  package mutating func release() {
    unsafe ZSTD_freeCCtx(compressor)
    unsafe ZSTD_freeDCtx(decompressor)
    unsafe compressor = nil
    unsafe decompressor = nil
  }

  private static var outOfMemory: CompressionError { CompressionError(format: "zstd", reason: "out of memory") }

  private static func failure(_ status: Int) -> CompressionError {
    CompressionError(format: "zstd", reason: unsafe String(cString: ZSTD_getErrorName(status)))
  }
}
