import Receiver

/// What the journal keeps of a request besides its body: what decoding and processing read of it.
struct AcceptedRequest: Equatable {
  /// The name of its format in the table of routes.
  let format: String
  /// The id of the container that it came from; empty where that is not known.
  let containerID: String
  let headers: KeptHeaders

  /// Headers that say where the body ends, or who asks, mean nothing later.
  private static let keptHeaders = KnownHeader.allCases.filter { header in
    switch header {
    case .contentLength, .transferEncoding, .expect, .host, .via, .forwardedFor, .fetchSite, .origin, .userAgent: false
    default: true
    }
  }
  /// Of one text or value.
  private static let textBytesMax = 64 << 10

  /// What is kept of a request: texts one behind the other, each behind its length in four bytes, little-endian; format,
  /// container, and the names and values of headers.
  static func bytes(_ context: RequestContext, _ format: TraceFormat) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(512)
    append(text: format.name, to: &bytes)
    append(text: context.container?.id ?? "", to: &bytes)
    for header in keptHeaders {
      guard let value = context.headers[header] else { continue }
      append(UnsafeRawBufferPointer(start: header.name.utf8Start, count: header.name.utf8CodeUnitCount), to: &bytes)
      append(value, to: &bytes)
    }
    return bytes
  }

  private static func append(text: String, to bytes: inout [UInt8]) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0), to: &bytes) }
  }

  private static func append(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    let text = UnsafeRawBufferPointer(rebasing: text.prefix(textBytesMax))
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: text.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text)
  }

  /// `nil` when the bytes are none.
  init?(_ bytes: [UInt8]) {
    var texts: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard rest.count >= 4 else { return nil }
      let count = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      rest.removeFirst(4)
      guard count <= Self.textBytesMax, rest.count >= count else { return nil }
      texts.append([UInt8](rest.prefix(count)))
      rest.removeFirst(count)
    }
    guard texts.count >= 2, texts.count % 2 == 0 else { return nil }
    format = String(decoding: texts[0], as: UTF8.self)
    containerID = String(decoding: texts[1], as: UTF8.self)
    headers = KeptHeaders(
      named: stride(from: 2, to: texts.count, by: 2).map { (name: texts[$0], value: texts[$0 + 1]) })
  }
}
