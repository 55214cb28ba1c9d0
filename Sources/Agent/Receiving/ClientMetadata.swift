import Receiver
import TraceModel

/// What a client says of itself in the headers of a request. Lives no longer than the request.
struct ClientMetadata {
  /// Bytes of one header value that are kept.
  private static let textBytesMax = 256
  /// Process tags are a list and may be longer.
  private static let processTagsBytesMax = 5_000

  private let headers: RequestHeaders

  init(_ headers: RequestHeaders) { self.headers = headers }

  /// The tracer marked top-level spans itself.
  var computedTopLevel: Bool { headers.isTrue(.clientComputedTopLevel) }

  /// The tracer sends statistics of these traces itself.
  var computedStatistics: Bool { headers.isTrue(.clientComputedStats) }

  /// Traces that a tracer may say it dropped before one payload: it sends about once a second.
  static let droppedTracesRange: ClosedRange<Int64> = 0...1_000_000

  /// Traces that the tracer dropped before sending; 0 when what it says makes no sense.
  var droppedTraces: UInt64 {
    guard let count = headers.integer(.clientDroppedP0Traces), Self.droppedTracesRange.contains(count) else { return 0 }
    return UInt64(count)
  }

  /// Writes it into a decoded batch; what the payload says of its client itself goes first.
  func fill(_ batch: inout SpanBatch) {
    if batch.payload.languageName.isEmpty { batch.payload.languageName = text(headers[.metaLang], &batch) }
    if batch.payload.languageVersion.isEmpty {
      batch.payload.languageVersion = text(headers[.metaLangVersion], &batch)
    }
    if batch.payload.tracerVersion.isEmpty { batch.payload.tracerVersion = text(headers[.metaTracerVersion], &batch) }
    if batch.payload.containerID.isEmpty { batch.payload.containerID = text(Self.containerID(headers), &batch) }
  }

  /// Process tags, when neither the payload nor a span carried any; processing takes them from the spans.
  func fillProcessTags(_ batch: inout SpanBatch) {
    guard batch.payload.processTags.isEmpty, let tags = headers[.processTags] else { return }
    batch.payload.processTags = text(tags, &batch, bytesMax: Self.processTagsBytesMax)
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

  /// What tells containers apart: the container id, or `in-` and the inode of its control group (ddtrace 2 and later
  /// where the id cannot be read from inside); `nil` outside of containers.
  static func container(_ headers: RequestHeaders) -> UnsafeRawBufferPointer? {
    if let id = containerID(headers) { return id }
    guard let entity = headers[.entityID], entity.starts(with: "in-".utf8) else { return nil }
    return entity
  }

  private func text(
    _ value: UnsafeRawBufferPointer?, _ batch: inout SpanBatch, bytesMax: Int = Self.textBytesMax
  ) -> ByteSlice {
    guard let value, value.count > 0 else { return .empty }
    let short = UnsafeRawBufferPointer(rebasing: value[..<ByteString.truncatedLength(value, limit: bytesMax)])
    return ByteString.isASCII(short) ? batch.addBytes(short) : batch.addRepairedUTF8(short) ?? .empty
  }
}
