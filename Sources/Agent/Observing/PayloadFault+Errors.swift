import Compression
import Control
import Decoding

extension PayloadFault {
  /// A payload that does not say what its format asks for.
  init(_ error: DecodeError) {
    self.init(message: "\(error)", byteOffset: Int64(error.byteOffset))
    trace = error.traceIndex < 0 ? nil : Int64(error.traceIndex)
    span = error.spanIndex < 0 ? nil : Int64(error.spanIndex)
    field = error.field
    expected = error.expected
    seen = error.seen
  }

  /// A payload that cannot be decompressed.
  init(_ error: InflateError) {
    let offset: Int? =
      switch error {
      case .corrupt(_, let offset): offset
      case .truncated(_, let bytes): bytes
      case .unknownEncoding, .tooLarge, .windowTooLarge, .outOfMemory: nil
      }
    self.init(message: "\(error)", byteOffset: offset.map { Int64($0) })
  }
}
