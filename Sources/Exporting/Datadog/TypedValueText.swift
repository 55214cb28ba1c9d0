import TraceModel

/// Typed values as text, for a form that has only texts: truth values and numbers as in JSON, bytes in base64, arrays and
/// key-value lists as JSON.
extension ReverseProtobufBuffer {
  /// A field with the text of a value.
  mutating func prepend(field tag: UInt8, textOf value: AnyValueRecord, of batch: borrowing SpanBatch) {
    let mark = count
    prepend(textOf: value, of: batch, isNested: false)
    closeMessage(field: tag, since: mark)
  }

  /// Values lie within each other no deeper than the decoders go.
  private mutating func prepend(textOf value: AnyValueRecord, of batch: borrowing SpanBatch, isNested: Bool) {
    switch value.type {
    case 0 where isNested: prepend(quoted: batch.bytes(value.string))
    case 0: prepend(bytes: batch.bytes(value.string), readable: value.string.offset)
    case 1: prepend(characters: value.bool ? "true" : "false")
    case 2: prepend(decimal: value.int)
    // JSON has no word for the others.
    case 3 where isNested && !value.double.isFinite: prepend(characters: "\"\(value.double)\"")
    case 3: prepend(decimal: value.double)
    case 4:
      prepend(byte: UInt8(ascii: "]"))
      for index in value.array.range.reversed() {
        prepend(textOf: batch.arrayValues[index], of: batch, isNested: true)
        if index > value.array.range.lowerBound { prepend(byte: UInt8(ascii: ",")) }
      }
      prepend(byte: UInt8(ascii: "["))
    case 5:
      if isNested { prepend(byte: UInt8(ascii: "\"")) }
      prepend(base64: batch.bytes(value.string))
      if isNested { prepend(byte: UInt8(ascii: "\"")) }
    case 6:
      prepend(byte: UInt8(ascii: "}"))
      for index in value.keyValues.range.reversed() {
        let attribute = batch.typedAttributes[index]
        prepend(textOf: attribute.value, of: batch, isNested: true)
        prepend(byte: UInt8(ascii: ":"))
        prepend(quoted: batch.bytes(attribute.key))
        if index > value.keyValues.range.lowerBound { prepend(byte: UInt8(ascii: ",")) }
      }
      prepend(byte: UInt8(ascii: "{"))
    default: break
    }
  }

  private mutating func prepend(decimal value: Int64) {
    var rest = value.magnitude
    repeat {
      prepend(byte: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    if value < 0 { prepend(byte: UInt8(ascii: "-")) }
  }

  private mutating func prepend(decimal value: Double) {
    guard value.isFinite else { return prepend(characters: String(value)) }
    var characters = NumberCharacters()
    value.write(to: &characters)
    for index in (0..<characters.count).reversed() { prepend(byte: characters.bytes[index]) }
  }

  private mutating func prepend(characters: String) {
    var characters = characters
    characters.withUTF8 { prepend(bytes: UnsafeRawBufferPointer($0), readable: 0) }
  }

  /// Writes a text as a string of JSON.
  private mutating func prepend(quoted text: UnsafeRawBufferPointer) {
    prepend(byte: UInt8(ascii: "\""))
    for byte in text.reversed() {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        prepend(byte: byte)
        prepend(byte: UInt8(ascii: "\\"))
      case 0..<0x20:
        prepend(byte: Self.hexDigit(byte & 0xF))
        prepend(byte: Self.hexDigit(byte >> 4))
        for character in "00u\\".utf8 { prepend(byte: character) }
      default: prepend(byte: byte)
      }
    }
    prepend(byte: UInt8(ascii: "\""))
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
  }

  private mutating func prepend(base64 bytes: UnsafeRawBufferPointer) {
    var end = bytes.count
    while end > 0 {
      let start = (end - 1) / 3 * 3
      var bits: UInt32 = 0
      for index in start..<start + 3 { bits = bits << 8 | (index < end ? UInt32(bytes[index]) : 0) }
      for digit in 0..<4 {
        let isPadding = digit < 2 - (end - start - 1)
        prepend(byte: isPadding ? UInt8(ascii: "=") : Self.base64Digit(UInt8(bits >> UInt32(6 * digit) & 63)))
      }
      end = start
    }
  }

  private static func base64Digit(_ value: UInt8) -> UInt8 {
    switch value {
    case 0..<26: UInt8(ascii: "A") &+ value
    case 26..<52: UInt8(ascii: "a") &+ value &- 26
    case 52..<62: UInt8(ascii: "0") &+ value &- 52
    case 62: UInt8(ascii: "+")
    default: UInt8(ascii: "/")
    }
  }
}

/// The characters of a number; as a `String` those beyond fifteen would be on the heap.
private struct NumberCharacters: TextOutputStream {
  /// More than the shortest text of any number has.
  private(set) var bytes = InlineArray<32, UInt8>(repeating: 0)
  private(set) var count = 0

  mutating func write(_ string: String) { for byte in string.utf8 { append(byte) } }

  /// What numbers call to write themselves.
  mutating func _writeASCII(_ buffer: UnsafeBufferPointer<UInt8>) { for byte in buffer { append(byte) } }

  private mutating func append(_ byte: UInt8) {
    guard count < bytes.count else { return }
    bytes[count] = byte
    count += 1
  }
}
