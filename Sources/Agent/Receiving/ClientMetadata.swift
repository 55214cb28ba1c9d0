import Receiver
import TraceModel

/// What a client says of itself in the headers of a request. Lives no longer than the request.
struct ClientMetadata {
  /// Bytes of one header value that are kept.
  private static let textBytesMax = 256
  /// Process tags are a list and may be longer.
  private static let processTagsBytesMax = 5_000

  private let headers: RequestHeaders
  private let container: KnownContainer?

  /// - Parameter container: that the request comes from, as far as that was found out.
  init(_ headers: RequestHeaders, _ container: KnownContainer? = nil) {
    self.headers = headers
    self.container = container
  }

  /// The tracer marked top-level spans itself.
  var computedTopLevel: Bool { headers.isTrue(.clientComputedTopLevel) }

  /// The tracer sends statistics of these traces itself.
  var computedStatistics: Bool { headers.isTrue(.clientComputedStats) }

  /// The tracer hid the application's data in its statistics itself.
  var obfuscatedStatistics: Bool { headers[.obfuscationVersion].map { !$0.isEmpty } ?? false }

  /// Traces that a tracer may say it dropped before one payload: it sends about once a second.
  static let droppedTracesRange: ClosedRange<Int64> = 0...1_000_000
  /// Spans that these traces may have had, a thousand each.
  static let droppedSpansRange: ClosedRange<Int64> = 0...1_000_000_000

  /// Traces that the tracer dropped before sending; 0 when what it says makes no sense.
  var droppedTraces: UInt64 { count(.clientDroppedP0Traces, in: Self.droppedTracesRange) }

  /// Spans of the traces that the tracer dropped before sending; 0 when what it says makes no sense.
  var droppedSpans: UInt64 { count(.clientDroppedP0Spans, in: Self.droppedSpansRange) }

  private func count(_ header: KnownHeader, in range: ClosedRange<Int64>) -> UInt64 {
    headers.integer(header).map { range.contains($0) ? UInt64(clamping: $0) : 0 } ?? 0
  }

  /// Writes it into a decoded batch; what the payload says of its client itself goes first.
  func fill(_ batch: inout SpanBatch) {
    if batch.payload.languageName.isEmpty { batch.payload.languageName = text(headers[.metaLang], &batch) }
    if batch.payload.languageVersion.isEmpty {
      batch.payload.languageVersion = text(headers[.metaLangVersion], &batch)
    }
    if batch.payload.tracerVersion.isEmpty { batch.payload.tracerVersion = text(headers[.metaTracerVersion], &batch) }
    if batch.payload.containerID.isEmpty { batch.payload.containerID = text(Self.containerID(headers), &batch) }
    if let container { fill(&batch, with: container) }
  }

  /// Id and tags of the container, unless the payload says other ones itself.
  private func fill(_ batch: inout SpanBatch, with container: KnownContainer) {
    if batch.payload.containerID.isEmpty, !container.id.isEmpty {
      batch.payload.containerID = batch.addBytes(container.idBytes)
    }
    let isOther = !container.id.isEmpty && !batch.bytes(batch.payload.containerID).elementsEqual(container.idBytes)
    if isOther || !batch.payload.containerTags.isEmpty || Self.hasContainerTags(batch) { return }
    batch.payload.containerTags = batch.addBytes(container.joinedTags)
  }

  private static func hasContainerTags(_ batch: borrowing SpanBatch) -> Bool {
    for index in batch.payload.attributes.range
    where batch.equal(batch.typedAttributes[index].key, "_dd.tags.container") {
      return true
    }
    return false
  }

  /// The same for statistics that a client computed: of its container the request says more than the payload.
  func fillStatistics(_ batch: inout SpanBatch) {
    if let container, !container.id.isEmpty {
      batch.payload.containerID = batch.addBytes(container.idBytes)
    } else if let id = Self.containerID(headers), !id.isEmpty {
      batch.payload.containerID = text(id, &batch)
    }
    fill(&batch)
    fillProcessTags(&batch)
  }

  /// Process tags, when neither the payload nor a span carried any; processing takes them from the spans.
  func fillProcessTags(_ batch: inout SpanBatch) {
    guard batch.payload.processTags.isEmpty, let tags = headers[.processTags] else { return }
    batch.payload.processTags = text(tags, &batch, bytesMax: Self.processTagsBytesMax)
  }

  /// What the client says of its container's id; `nil` when it says nothing.
  static func containerID(_ headers: RequestHeaders) -> UnsafeRawBufferPointer? { LocalData(headers).containerID }

  private func text(
    _ value: UnsafeRawBufferPointer?, _ batch: inout SpanBatch, bytesMax: Int = Self.textBytesMax
  ) -> ByteSlice {
    guard let value, value.count > 0 else { return .empty }
    let short = UnsafeRawBufferPointer(rebasing: value[..<ByteString.truncatedLength(value, limit: bytesMax)])
    return ByteString.isASCII(short) ? batch.addBytes(short) : batch.addRepairedUTF8(short) ?? .empty
  }
}
