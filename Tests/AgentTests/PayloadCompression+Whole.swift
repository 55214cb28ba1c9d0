import Compression

extension PayloadCompression {
  /// A body as a client would send it with this encoding.
  func compressed(_ body: [UInt8]) throws -> [UInt8] {
    var compressor = PayloadCompressor(self)
    try body.withUnsafeBytes { try compressor.append($0) }
    return try compressor.finish()
  }
}
