import Receiver
import TraceModel

/// Takes what the request headers say of the sender into the batch, for formats that do not say it themselves.
enum Sender {
  /// Bytes of one header value that are kept.
  private static let textBytesMax = 256
  /// Process tags are a list and may be longer.
  private static let processTagsBytesMax = 5_000

  static func describe(_ headers: RequestHeaders, in batch: inout SpanBatch) {
    batch.payload.languageName = text(headers[.metaLang], &batch)
    batch.payload.languageVersion = text(headers[.metaLangVersion], &batch)
    batch.payload.tracerVersion = text(headers[.metaTracerVersion], &batch)
    batch.payload.containerID = text(containerID(headers), &batch)
  }

  /// Process tags from the header, when no span carried any.
  static func describeProcess(_ headers: RequestHeaders, in batch: inout SpanBatch) {
    guard batch.payload.processTags.isEmpty, let tags = headers[.processTags] else { return }
    batch.payload.processTags = text(tags, &batch, bytesMax: processTagsBytesMax)
  }

  /// The container id of the local data header (`cid-ID` or `ci-ID` in a comma list), else the older header's.
  static func containerID(_ headers: RequestHeaders) -> UnsafeRawBufferPointer? {
    if let local = headers[.entityID] {
      var start = 0
      while start < local.count {
        let end = local[start...].firstIndex(of: UInt8(ascii: ",")) ?? local.count
        let part = UnsafeRawBufferPointer(rebasing: local[start..<end])
        for prefix in ["cid-", "ci-"] where part.starts(with: prefix.utf8) && part.count > prefix.utf8.count {
          return UnsafeRawBufferPointer(rebasing: part[prefix.utf8.count...])
        }
        start = end + 1
      }
    }
    return headers[.containerID]
  }

  private static func text(
    _ value: UnsafeRawBufferPointer?, _ batch: inout SpanBatch, bytesMax: Int = textBytesMax
  ) -> ByteSlice {
    guard let value, value.count > 0 else { return .empty }
    let short = UnsafeRawBufferPointer(rebasing: value[..<ByteString.truncatedLength(value, limit: bytesMax)])
    return ByteString.isASCII(short) ? batch.addBytes(short) : batch.addRepairedUTF8(short)
  }
}
