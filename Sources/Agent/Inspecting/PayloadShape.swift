/// What the first bytes of a payload look like, for telling its format where nobody says it.
enum PayloadShape: Sendable {
  /// JSON: an array of span objects.
  case jsonSpans
  /// JSON: an array of arrays.
  case jsonTraces
  /// MessagePack: an array of arrays of spans.
  case arrayOfTraces
  /// MessagePack: an array of a table of strings, and of something that refers to it.
  case tableAndTraces
  /// MessagePack: a map whose keys are names.
  case namedMap
  /// MessagePack: a map whose keys are names that begin with a capital letter.
  case capitalizedMap
  /// MessagePack: a map whose keys are numbers.
  case numberedMap
  /// A list of resources and their spans, as OTLP has it: protobuf, or an object of JSON.
  case resourceSpans

  /// The shapes that bytes may have, the likeliest first; none for bytes that look like no payload.
  static func shapes(of bytes: UnsafeRawBufferPointer) -> [PayloadShape] {
    guard let first = bytes.first else { return [] }
    if isResourceSpans(bytes) { return [.resourceSpans] }
    return first < 0x80 ? jsonShapes(of: bytes) : messagePackShapes(of: bytes)
  }

  /// Whether it begins with the first field of a message, whose length fits, and in it with a resource or spans.
  private static func isResourceSpans(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.first == 0x0A else { return false }
    var (length, shift, offset) = (0, 0, 1)
    while offset < min(bytes.count, 6) {
      length |= Int(bytes[offset] & 0x7F) << shift
      offset += 1
      if bytes[offset - 1] < 0x80 { break }
      shift += 7
    }
    guard offset < bytes.count, length > 0, length <= bytes.count - offset else { return false }
    return bytes[offset] == 0x0A || bytes[offset] == 0x12
  }

  private static func jsonShapes(of bytes: UnsafeRawBufferPointer) -> [PayloadShape] {
    let signs = bytes.lazy.filter { $0 > 0x20 }.prefix(2)
    if signs.first == UInt8(ascii: "{") { return [.resourceSpans] }
    guard signs.first == UInt8(ascii: "[") else { return [] }
    switch signs.dropFirst().first {
    case UInt8(ascii: "{"): return [.jsonSpans]
    case UInt8(ascii: "["): return [.jsonTraces]
    default: return [.jsonTraces, .jsonSpans]
    }
  }

  private static func messagePackShapes(of bytes: UnsafeRawBufferPointer) -> [PayloadShape] {
    var offset = 0
    switch MessagePackHead(bytes, at: &offset) {
    case .array(let count):
      guard count == 2, case .array(let inner) = MessagePackHead(bytes, at: &offset), inner > 0 else {
        return [.arrayOfTraces, .tableAndTraces]
      }
      return MessagePackHead(bytes, at: &offset) == .text
        ? [.tableAndTraces, .arrayOfTraces] : [.arrayOfTraces, .tableAndTraces]
    case .map:
      switch MessagePackHead(bytes, at: &offset) {
      case .number: return [.numberedMap, .namedMap]
      case .text where offset < bytes.count && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[offset]):
        return [.capitalizedMap, .namedMap]
      default: return [.namedMap, .numberedMap]
      }
    case .text, .number, .other: return []
    }
  }
}

/// What a value of MessagePack begins with, as far as formats differ in it.
private enum MessagePackHead: Equatable {
  case array(count: Int)
  case map
  case text
  case number
  /// Any other value, or the end of the bytes.
  case other

  /// Reads a marker and the length behind it; `offset` moves behind both, to the first byte of a text.
  init(_ bytes: UnsafeRawBufferPointer, at offset: inout Int) {
    guard offset < bytes.count else {
      self = .other
      return
    }
    let marker = bytes[offset]
    offset += 1
    switch marker {
    case 0x90...0x9F: self = .array(count: Int(marker & 0xF))
    case 0xDC: self = .array(count: Self.length(bytes, width: 2, at: &offset))
    case 0xDD: self = .array(count: Self.length(bytes, width: 4, at: &offset))
    case 0x80...0x8F: self = .map
    case 0xDE, 0xDF:
      _ = Self.length(bytes, width: marker == 0xDE ? 2 : 4, at: &offset)
      self = .map
    case 0xA0...0xBF: self = .text
    case 0xC4...0xC6, 0xD9...0xDB:
      _ = Self.length(bytes, width: 1 << Int(marker < 0xD9 ? marker - 0xC4 : marker - 0xD9), at: &offset)
      self = .text
    case 0...0x7F, 0xCC...0xCF: self = .number
    default: self = .other
    }
  }

  private static func length(_ bytes: UnsafeRawBufferPointer, width: Int, at offset: inout Int) -> Int {
    let end = min(offset + width, bytes.count)
    defer { offset = end }
    return bytes[offset..<end].reduce(0) { $0 << 8 | Int($1) }
  }
}
