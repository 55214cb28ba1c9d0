/// What a receiver of OTLP says of spans that it did not take: an `ExportTraceServiceResponse` with its `partial_success`
/// where it took the request, and else a `google.rpc.Status`.
struct OTLPAnswer: Equatable {
  /// Spans that were refused; 0 where all were taken, and there is only something to say.
  var rejectedSpans = 0
  var message = ""

  /// Bytes of the message that are kept.
  private static let messageBytesMax = 512

  /// `nil` for an answer that says nothing, or is none.
  init?(_ bytes: [UInt8]) {
    let isFound = bytes.withUnsafeBytes { read($0) }
    guard isFound, rejectedSpans > 0 || !message.isEmpty else { return nil }
  }

  /// Of a request that was not taken; `nil` for an answer that says nothing, or is none.
  init?(ofRefusal bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      let fields = ProtobufFields.all(of: bytes, 0..<bytes.count) ?? []
      if let text = fields.last(where: { $0.number == 2 }) { message = Self.message(bytes[text.content]) }
    }
    if message.isEmpty { return nil }
  }

  private static func message(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    String(decoding: bytes.prefix(messageBytesMax), as: UTF8.self)
  }

  private mutating func read(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let fields = ProtobufFields.all(of: bytes, 0..<bytes.count),
      let part = fields.last(where: { $0.number == 1 }),
      let members = ProtobufFields.all(of: bytes, part.content)
    else { return false }
    for member in members {
      switch member.number {
      case 1: rejectedSpans = Int(clamping: max(0, Int64(bitPattern: member.value)))
      case 2: message = Self.message(bytes[member.content])
      default: break
      }
    }
    return true
  }
}
