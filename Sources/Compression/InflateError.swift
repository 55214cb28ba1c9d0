/// Why an encoded body could not be read.
package enum InflateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// An encoding that is not read, by the name that the client gave (at most 40 bytes of it).
  case unknownEncoding(String)
  /// Bytes that the encoding does not allow, or a checksum that does not fit; with an offset into the encoded body at or
  /// shortly behind them.
  case corrupt(ContentEncoding, byteOffset: Int)
  /// The body ends inside a member or frame, or holds none.
  case truncated(ContentEncoding, bodyBytes: Int)
  /// More bytes than the caller allows come out.
  case tooLarge(bytesMax: Int)
  /// A Zstandard frame that needs more than `ZstdInflater.windowBytesMax` of memory to be read.
  case windowTooLarge
  /// The library found no memory.
  case outOfMemory

  package var description: String {
    switch self {
    case .unknownEncoding(let name): "Content-Encoding \(name) is not supported: send gzip, zstd or none"
    case .corrupt(let encoding, let offset): "the body is not valid \(encoding.rawValue): near byte \(offset)"
    case .truncated(let encoding, let bytes): "the body ends inside its \(encoding.rawValue) data, after \(bytes) bytes"
    case .tooLarge(let bytesMax): "the body is larger than \(bytesMax) bytes when it is decompressed"
    case .windowTooLarge:
      "the zstd body needs a window of more than \(ZstdInflater.windowBytesMax >> 20) MiB: send it with a smaller one"
    case .outOfMemory: "no memory to decompress the body"
    }
  }
}
