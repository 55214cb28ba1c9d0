import Compression
import Control
import Decoding
import TraceModel

/// Decodes captured payloads for people: as far as they can be read, and where not, why.
package enum PayloadInspector {
  /// Bytes of a payload at most, also decompressed.
  package static let bytesMax = 64 << 20

  /// The labels of the formats that can be read, the oldest first.
  package static var formatNames: [String] { ServedRoutes.standard.inspectedFormats.map(\.name) }

  /// What a payload holds. A payload that cannot be decoded is no error: it has a fault then.
  package static func inspect(_ payload: CapturedPayload) throws(InspectionError) -> InspectedPayload {
    if let kept = payload.received, kept.row.fault.isOfCompression || payload.bytes.isEmpty {
      return unread(kept)
    }
    guard !payload.bytes.isEmpty else { throw .empty }
    var inflater = BodyInflater()
    let encoding = payload.mayBeCompressed ? compression(of: payload.bytes) : .identity
    let result: Result<InspectedPayload, InspectionError> = payload.bytes.withUnsafeBytes { bytes in
      do throws(InflateError) {
        let body = try inflater.inflate(bytes, encoding: encoding, bytesMax: bytesMax)
        return decoded(body, encoding, payload)
      } catch {
        return damaged(error, bytes, encoding, payload)
      }
    }
    return try result.get()
  }

  /// How a file's bytes say that they are compressed.
  private static func compression(of bytes: [UInt8]) -> ContentEncoding {
    if bytes.starts(with: [0x1F, 0x8B]) { return .gzip }
    return bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) ? .zstd : .identity
  }

  private static func decoded(
    _ body: UnsafeRawBufferPointer, _ encoding: ContentEncoding, _ payload: CapturedPayload
  ) -> Result<InspectedPayload, InspectionError> {
    guard let format = format(of: body, payload) else { return .failure(.unknownFormat) }
    var contentType = payload.contentType
    let (reading, isJSON) = contentType.withUTF8 { type in
      let type = type.isEmpty ? nil : UnsafeRawBufferPointer(type)
      return (format.reading(of: body, contentType: type), format.isJSON(body, contentType: type))
    }
    let whole = payload.received.map { Int(clamping: $0.row.bytes) }
    var inspected = InspectedPayload(format: format.name, bytes: whole ?? body.count)
    let binary = if case .decodeOTLP = reading { "protobuf" } else { "MessagePack" }
    inspected.encoding = isJSON ? "JSON" : binary
    inspected.compression = encoding == .identity ? "" : encoding.rawValue
    inspected.received = payload.received?.row
    let failure: DecodeError?
    switch reading {
    case .decode(let decoder): failure = inspected.read(body, decoder)
    case .decodeOTLP(.protobuf): failure = inspected.read(body, TracesOTLP.decodeProtobuf)
    case .decodeOTLP(.json): failure = inspected.read(body, TracesOTLP.decodeJSON)
    case .decodeStatistics: failure = inspected.readStatistics(body)
    case .brokenOff, .unsupportedMediaType: return .failure(.empty)
    }
    // Where only the beginning is kept, the agent knows better why the payload is bad.
    inspected.fault = payload.received?.row.fault ?? failure.map { PayloadFault($0) }
    inspected.showBytes(around: body, payload.received)
    return .success(inspected)
  }

  /// A payload that cannot be decompressed.
  private static func damaged(
    _ error: InflateError, _ bytes: UnsafeRawBufferPointer, _ encoding: ContentEncoding, _ payload: CapturedPayload
  ) -> Result<InspectedPayload, InspectionError> {
    switch error {
    case .tooLarge, .outOfMemory: return .failure(.tooLarge)
    case .corrupt, .truncated, .windowTooLarge, .unknownEncoding: break
    }
    var inspected = InspectedPayload(format: payload.format ?? "", bytes: bytes.count)
    inspected.compression = encoding.rawValue
    inspected.fault = PayloadFault(error)
    inspected.showBytes(around: bytes, nil)
    return .success(inspected)
  }

  /// What the agent knows of a payload that could not be decompressed, or of which it has no bytes.
  private static func unread(_ kept: BadPayload) -> InspectedPayload {
    var inspected = InspectedPayload(format: kept.row.format, bytes: Int(clamping: kept.row.bytes))
    inspected.received = kept.row
    inspected.fault = kept.row.fault
    kept.beginning.bytes.withUnsafeBytes { inspected.showBytes(around: $0, kept) }
    return inspected
  }

  /// The format that is said, else that the bytes look like; of several the one that the file's name has in it.
  private static func format(of body: UnsafeRawBufferPointer, _ payload: CapturedPayload) -> TraceFormat? {
    let formats = ServedRoutes.standard.inspectedFormats
    if let name = payload.format { return formats.first { $0.name.elementsEqual(name) } }
    // The newest of those that look alike is the likeliest.
    let candidates = PayloadShape.shapes(of: body).flatMap { shape in
      formats.reversed().filter { $0.shapes.contains(shape) }
    }
    // The longest name first, as one may be in another.
    let named = (candidates.isEmpty ? formats : candidates).filter { payload.fileName.contains($0.name) }
    return named.max { $0.name.count < $1.name.count } ?? candidates.first
  }
}

extension InspectedPayload {
  /// Takes the traces of a body; returns what ended the reading, if it did not come to the end.
  fileprivate mutating func read(_ body: UnsafeRawBufferPointer, _ decoder: TracesDecoder) -> DecodeError? {
    var batch = SpanBatch()
    var scratch = DecodingScratch()
    batch.begin(body: body)
    var failure: DecodeError?
    do throws(DecodeError) {
      try decoder(body.bytes, KeyTable(peerTags: []), &scratch, &batch)
    } catch {
      failure = error
    }
    client = batch.sender
    traces = batch.inspectedTraces(failure)
    return failure
  }

  /// The same of statistics that a tracer computed.
  fileprivate mutating func readStatistics(_ body: UnsafeRawBufferPointer) -> DecodeError? {
    var batch = SpanBatch()
    var scratch = DecodingScratch()
    var statistics = ClientStatistics()
    batch.begin(body: body)
    var failure: DecodeError?
    do throws(DecodeError) {
      try ClientStatisticsV06.decode(
        body.bytes, keys: KeyTable(peerTags: []), scratch: &scratch, into: &batch, &statistics)
    } catch {
      failure = error
    }
    client = batch.sender(of: statistics)
    groups = batch.inspectedGroups(of: statistics)
    return failure
  }

  /// Takes the bytes on both sides of the fault, from the body, or from what the agent kept of them.
  fileprivate mutating func showBytes(around body: UnsafeRawBufferPointer, _ kept: BadPayload?) {
    guard let offset = fault?.byteOffset.flatMap({ Int(exactly: $0) }), offset >= 0, offset <= bytes else { return }
    let half = Self.besideFaultBytes
    let source = kept?.besideFault.bytes ?? []
    let sourceOffset = Int(clamping: kept?.besideFaultOffset ?? 0)
    func take(_ bytes: UnsafeRawBufferPointer, from origin: Int) {
      let place = offset - origin
      guard place >= 0, place <= bytes.count else { return }
      let start = max(0, place - half)
      besideFault = Array(UnsafeRawBufferPointer(rebasing: bytes[start..<min(bytes.count, place + half)]))
      besideFaultOffset = origin + start
    }
    if source.isEmpty { take(body, from: 0) } else { source.withUnsafeBytes { take($0, from: sourceOffset) } }
  }
}
