import MessagePack

/// Writes MessagePack in any of the forms a client may choose: lengths and integers wider than they need to be, numbers
/// as floats of 32 bits where they fit, text as `bin`. With the shortest form only, most of a reader is never tried.
package struct WireWriter {
  package private(set) var bytes: [UInt8] = []
  private var random: SeededGenerator

  /// - Parameter seed: of the choices of form.
  package init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// One value's bytes.
  package static func bytes(_ value: MessagePackValue, seed: UInt64) -> [UInt8] {
    var writer = WireWriter(seed: seed)
    writer.write(value)
    return writer.bytes
  }

  /// Writes a value behind the others.
  package mutating func write(_ value: MessagePackValue) {
    switch value {
    case .null: bytes.append(0xC0)
    case .bool(let value): bytes.append(value ? 0xC3 : 0xC2)
    case .int(let value): write(value)
    case .uint(let value): write(value)
    case .double(let value): write(value)
    case .string(let text): random.once(in: 6) ? writeBinary(text) : writeString(text)
    case .binary(let value): writeBinary(value)
    case .ext(let type, let value): writeExtension(type, value)
    case .array(let elements):
      header(elements.count, fixed: 0x90, fixedMax: 15, wide: [(0xDC, 2), (0xDD, 4)])
      for element in elements { write(element) }
    case .map(let entries):
      header(entries.count, fixed: 0x80, fixedMax: 15, wide: [(0xDE, 2), (0xDF, 4)])
      for entry in entries {
        write(entry.key)
        write(entry.value)
      }
    }
  }

  private mutating func write(_ value: UInt64) {
    // A signed form of 64 bits has the same bits: the Java client writes its ids like this.
    if value > UInt64(Int64.max) { return append(0xCF, value, size: 8) }
    var forms: [(UInt8, Int)] = [(0xCF, 8), (0xD3, 8)]
    if value <= UInt64(UInt8.max) { forms.append((0xCC, 1)) }
    if value <= UInt64(Int8.max) { forms.append((0xD0, 1)) }
    if value <= UInt64(UInt16.max) { forms.append((0xCD, 2)) }
    if value <= UInt64(Int16.max) { forms.append((0xD1, 2)) }
    if value <= UInt64(UInt32.max) { forms.append((0xCE, 4)) }
    if value <= UInt64(Int32.max) { forms.append((0xD2, 4)) }
    if value < 0x80, random.once(in: 2) { return bytes.append(UInt8(value)) }
    let (marker, size) = random.pick(forms)
    append(marker, value, size: size)
  }

  private mutating func write(_ value: Int64) {
    if value >= 0 { return write(UInt64(value)) }
    var forms: [(UInt8, Int)] = [(0xD3, 8)]
    if value >= Int64(Int8.min) { forms.append((0xD0, 1)) }
    if value >= Int64(Int16.min) { forms.append((0xD1, 2)) }
    if value >= Int64(Int32.min) { forms.append((0xD2, 4)) }
    if value >= -32, random.once(in: 2) { return bytes.append(UInt8(bitPattern: Int8(value))) }
    let (marker, size) = random.pick(forms)
    append(marker, UInt64(bitPattern: value), size: size)
  }

  private mutating func write(_ value: Double) {
    let short = Float(value)
    if Double(short) == value, random.once(in: 2) { return append(0xCA, UInt64(short.bitPattern), size: 4) }
    append(0xCB, value.bitPattern, size: 8)
  }

  private mutating func writeString(_ text: [UInt8]) {
    header(text.count, fixed: 0xA0, fixedMax: 31, wide: [(0xD9, 1), (0xDA, 2), (0xDB, 4)])
    bytes += text
  }

  private mutating func writeBinary(_ value: [UInt8]) {
    header(value.count, fixed: 0, fixedMax: -1, wide: [(0xC4, 1), (0xC5, 2), (0xC6, 4)])
    bytes += value
  }

  private mutating func writeExtension(_ type: Int8, _ value: [UInt8]) {
    if let power = [1, 2, 4, 8, 16].firstIndex(of: value.count), random.once(in: 2) {
      bytes.append(0xD4 + UInt8(power))
    } else {
      header(value.count, fixed: 0, fixedMax: -1, wide: [(0xC7, 1), (0xC8, 2), (0xC9, 4)])
    }
    bytes.append(UInt8(bitPattern: type))
    bytes += value
  }

  /// A length in one of the forms it fits.
  private mutating func header(_ count: Int, fixed: UInt8, fixedMax: Int, wide: [(UInt8, Int)]) {
    if count <= fixedMax, !random.once(in: 4) { return bytes.append(fixed + UInt8(count)) }
    let (marker, size) = random.pick(wide.filter { $0.1 == 4 || count < 1 << ($0.1 * 8) })
    append(marker, UInt64(count), size: size)
  }

  private mutating func append(_ marker: UInt8, _ value: UInt64, size: Int) {
    bytes.append(marker)
    for shift in (0..<size).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift * 8))) }
  }
}
