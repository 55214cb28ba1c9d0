/// A walk over the headers of one value that builds nothing.
///
/// libmsgpack-c reserves memory for as many elements as a header promises, before it has seen one: five bytes can
/// ask it for a hundred gigabytes. So the headers are checked first, against the limits and against the bytes left.
struct MessagePackOutline {
  private let bytes: UnsafeRawBufferPointer
  private let limits: MessagePackLimits
  private var offset = 0
  /// For each open container, how many of its elements are still to come.
  private var open: [Int] = []
  private var elementsLeft: Int

  /// The length in bytes of the first value in `bytes`. Takes time linear in the number of values.
  static func length(
    of bytes: UnsafeRawBufferPointer, limits: MessagePackLimits
  ) throws(MessagePackError) -> Int {
    guard bytes.count <= limits.bytesMax else {
      throw .tooLarge(bytes: bytes.count, limit: limits.bytesMax)
    }
    var outline = MessagePackOutline(bytes: bytes, limits: limits)
    repeat { try outline.readValue() } while !outline.open.isEmpty
    return outline.offset
  }

  private init(bytes: UnsafeRawBufferPointer, limits: MessagePackLimits) {
    self.bytes = bytes
    self.limits = limits
    self.elementsLeft = limits.elementsMax
  }

  private mutating func readValue() throws(MessagePackError) {
    let start = offset
    let header = try readHeader()
    guard header.payloadBytes <= bytes.count - offset else { throw .truncated(offset: start) }
    offset += header.payloadBytes
    guard header.elements > 0 else { return closeValue() }

    guard open.count < limits.depthMax else { throw .tooDeep(offset: start, limit: limits.depthMax) }
    // Every element takes one byte at least.
    let possible = min(bytes.count - offset, elementsLeft)
    guard header.elements <= possible else {
      throw .tooManyElements(offset: start, count: header.elements, limit: possible)
    }
    elementsLeft -= header.elements
    open.append(header.elements)
  }

  /// A value is complete: so is each container of which it was the last element.
  private mutating func closeValue() {
    while let left = open.last {
      guard left == 1 else {
        open[open.count - 1] = left - 1
        return
      }
      open.removeLast()
    }
  }

  private struct Header {
    var payloadBytes = 0
    var elements = 0
  }

  private mutating func readHeader() throws(MessagePackError) -> Header {
    let start = offset
    let first = try readInteger(bytes: 1, from: start)
    switch first {
    case 0x80...0x8f: return Header(elements: 2 * (first & 0x0f))
    case 0x90...0x9f: return Header(elements: first & 0x0f)
    case 0xa0...0xbf: return Header(payloadBytes: first & 0x1f)
    case 0xc1: throw .malformed(offset: start)
    case 0xc4...0xc6: return Header(payloadBytes: try readInteger(bytes: 1 << (first - 0xc4), from: start))
    case 0xc7...0xc9:
      // The type of an extension is one byte that its length does not count.
      return Header(payloadBytes: 1 + (try readInteger(bytes: 1 << (first - 0xc7), from: start)))
    case 0xca: return Header(payloadBytes: 4)
    case 0xcb: return Header(payloadBytes: 8)
    case 0xcc...0xcf: return Header(payloadBytes: 1 << (first - 0xcc))
    case 0xd0...0xd3: return Header(payloadBytes: 1 << (first - 0xd0))
    case 0xd4...0xd8: return Header(payloadBytes: 1 + (1 << (first - 0xd4)))
    case 0xd9...0xdb: return Header(payloadBytes: try readInteger(bytes: 1 << (first - 0xd9), from: start))
    case 0xdc, 0xdd: return Header(elements: try readInteger(bytes: 2 << (first - 0xdc), from: start))
    case 0xde, 0xdf: return Header(elements: 2 * (try readInteger(bytes: 2 << (first - 0xde), from: start)))
    default: return Header()  // a small integer, nil or a truth value: the byte is all of it
    }
  }

  /// A big-endian integer of 1, 2 or 4 bytes.
  private mutating func readInteger(bytes count: Int, from start: Int) throws(MessagePackError) -> Int {
    guard count <= bytes.count - offset else { throw .truncated(offset: start) }
    var value = 0
    for index in offset..<offset + count { value = value << 8 | Int(bytes[index]) }
    offset += count
    return value
  }
}
