/// Reads the protobuf message of a sketch, written apart from the code that writes it.
struct SketchReader {
  private(set) var gamma = 0.0
  private(set) var zeroCount = 0.0
  /// Counts by bin index, of the positive values.
  private(set) var bins: [Int: Double] = [:]
  private(set) var hasNegativeStore = false

  struct Malformed: Error {}

  init(_ message: [UInt8]) throws {
    for field in try Self.fields(message[...]) {
      switch field.number {
      case 1: gamma = try Self.fields(field.bytes).first { $0.number == 1 }.map(\.double) ?? 0
      case 2: try readStore(field.bytes)
      case 3: hasNegativeStore = true
      case 4: zeroCount = field.double
      default: throw Malformed()
      }
    }
  }

  private mutating func readStore(_ bytes: ArraySlice<UInt8>) throws {
    var counts: [Double] = []
    var offset = 0
    for field in try Self.fields(bytes) {
      switch field.number {
      case 1:
        let entry = try Self.fields(field.bytes)
        let index = entry.first { $0.number == 1 }?.varint ?? 0
        bins[Int(index >> 1) ^ -Int(index & 1)] = entry.first { $0.number == 2 }?.double
      case 2:
        guard field.bytes.count % 8 == 0 else { throw Malformed() }
        for start in stride(from: field.bytes.startIndex, to: field.bytes.endIndex, by: 8) {
          counts.append(Self.double(field.bytes[start..<start + 8]))
        }
      case 3: offset = Int(field.varint >> 1) ^ -Int(field.varint & 1)
      default: throw Malformed()
      }
    }
    for (position, count) in counts.enumerated() where count != 0 { bins[offset + position] = count }
  }

  private struct Field {
    var number: UInt64
    var varint: UInt64 = 0
    var bytes: ArraySlice<UInt8> = []
    var double: Double { SketchReader.double(bytes) }
  }

  private static func fields(_ message: ArraySlice<UInt8>) throws -> [Field] {
    var rest = message
    var fields: [Field] = []
    while !rest.isEmpty {
      let tag = try varint(&rest)
      var field = Field(number: tag >> 3)
      switch tag & 7 {
      case 0: field.varint = try varint(&rest)
      case 1: field.bytes = try take(8, &rest)
      case 2: field.bytes = try take(Int(try varint(&rest)), &rest)
      default: throw Malformed()
      }
      fields.append(field)
    }
    return fields
  }

  private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
    guard rest.count >= count else { throw Malformed() }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = rest.popFirst() {
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw Malformed()
  }

  private static func double(_ bytes: ArraySlice<UInt8>) -> Double {
    Double(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
  }
}
