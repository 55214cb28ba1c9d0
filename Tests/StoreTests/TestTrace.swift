import TestFixtures
import Traces

@testable import Store

/// One chunk of a trace as a receiving thread would hand it over.
struct TestChunk {
  var id: TraceID
  var spans: [TraceSpan]
  var root = 0
  var priority: Int32 = 1
  /// `SamplingVerdict.keptByPriority`.
  var verdict: Int32 = 0
}

extension TraceBlock {
  /// A block of these chunks, of one sender.
  init(_ chunks: [TestChunk]) {
    self.init()
    let sender = protobuf(text: 2, "python") + protobuf(text: 4, "4.16.0")
    append(sender)
    let senderSlice = Slice(offset: 0, length: Int32(sender.count))
    for chunk in chunks {
      var header = Chunk()
      header.traceIDHigh = chunk.id.high
      header.traceIDLow = chunk.id.low
      header.startNs = chunk.spans.map(\.startNs).min() ?? 0
      header.endNs = chunk.spans.map(\.endNs).max() ?? 0
      header.spanCount = Int32(chunk.spans.count)
      header.errorCount = Int32(chunk.spans.count(where: \.isError))
      header.root = Int32(chunk.root)
      header.priority = chunk.priority
      header.verdict = chunk.verdict
      let message = chunk.message
      header.message = Slice(offset: Int32(bytes.count), length: Int32(message.count))
      header.sender = senderSlice
      append(message)
      self.chunks.append(header)
    }
  }

  private mutating func append(_ more: [UInt8]) { bytes += more }
}

extension TestChunk {
  /// The `TraceChunk` as the intake would get it.
  var message: [UInt8] {
    var message = protobuf(number: 1, UInt64(bitPattern: Int64(priority)))
    for span in spans { message += protobuf(bytes: 3, Self.message(span, traceID: id.low)) }
    return message + protobuf(bytes: 4, entry("_dd.p.dm", protobuf(text: 2, "-1")))
  }

  private static func message(_ span: TraceSpan, traceID: UInt64) -> [UInt8] {
    var message = protobuf(text: 1, span.service) + protobuf(text: 2, span.operation) + protobuf(text: 3, span.resource)
    message += protobuf(number: 4, traceID) + protobuf(number: 5, span.spanID) + protobuf(number: 6, span.parentID)
    message += protobuf(number: 7, UInt64(bitPattern: span.startNs))
    message += protobuf(number: 8, UInt64(bitPattern: span.durationNs))
    message += protobuf(number: 9, span.isError ? 1 : 0)
    for (key, value) in span.meta { message += protobuf(bytes: 10, entry(key, protobuf(bytes: 2, Array(value.utf8)))) }
    for (key, value) in span.metrics { message += protobuf(bytes: 11, entry(key, protobuf(double: 2, value))) }
    message += protobuf(text: 12, span.type)
    for link in span.links {
      var bytes = protobuf(number: 1, link.traceID.low) + protobuf(number: 2, link.traceID.high)
      bytes += protobuf(number: 3, link.spanID)
      for attribute in link.attributes {
        guard case .text(let text) = attribute.value else { continue }
        bytes += protobuf(bytes: 4, entry(attribute.key, protobuf(bytes: 2, Array(text.utf8))))
      }
      bytes += protobuf(text: 5, link.tracestate) + protobuf(number: 6, link.flags.map { UInt64($0) | 1 << 31 } ?? 0)
      message += protobuf(bytes: 14, bytes)
    }
    for event in span.events {
      var bytes = [UInt8(9)] + littleEndian(UInt64(bitPattern: event.timeNs)) + protobuf(text: 2, event.name)
      for attribute in event.attributes {
        bytes += protobuf(bytes: 3, entry(attribute.key, protobuf(bytes: 2, anyValue(attribute.value))))
      }
      message += protobuf(bytes: 15, bytes)
    }
    return message
  }

  private static func anyValue(_ value: TraceAttributeValue) -> [UInt8] {
    switch value {
    case .text(let text): protobuf(text: 2, text)
    case .bool(let value): protobuf(number: 1, 1) + protobuf(number: 3, value ? 1 : 0)
    case .int(let value): protobuf(number: 1, 2) + protobuf(number: 4, UInt64(bitPattern: value))
    case .double(let value): protobuf(number: 1, 3) + protobuf(double: 5, value)
    case .array(let values):
      protobuf(number: 1, 4) + protobuf(bytes: 6, values.flatMap { protobuf(bytes: 1, anyValue($0)) })
    }
  }
}

private func entry(_ key: String, _ value: [UInt8]) -> [UInt8] { protobuf(bytes: 1, Array(key.utf8)) + value }

private func protobuf(number field: UInt64, _ value: UInt64) -> [UInt8] {
  value == 0 ? [] : varint(field << 3) + varint(value)
}

private func protobuf(text field: UInt64, _ text: String) -> [UInt8] {
  text.isEmpty ? [] : protobuf(bytes: field, Array(text.utf8))
}

private func protobuf(bytes field: UInt64, _ bytes: [UInt8]) -> [UInt8] {
  varint(field << 3 | 2) + varint(UInt64(bytes.count)) + bytes
}

private func protobuf(double field: UInt64, _ value: Double) -> [UInt8] {
  varint(field << 3 | 1) + littleEndian(value.bitPattern)
}

private func littleEndian(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

private func varint(_ value: UInt64) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.append(varint: value)
  return bytes
}
