extension MessagePackValue {
  /// This value's bytes. Integers and lengths take their shortest form.
  package func pack() -> [UInt8] {
    var packer = MessagePacker()
    pack(into: &packer)
    return packer.bytes
  }

  /// Writes this value behind what the packer holds.
  package func pack(into packer: inout MessagePacker) {
    switch self {
    case .null: packer.null()
    case .bool(let value): packer.bool(value)
    case .int(let value): packer.int(value)
    case .uint(let value): packer.uint(value)
    case .double(let value): packer.double(value)
    case .string(let bytes): packer.string(bytes)
    case .binary(let bytes): packer.binary(bytes)
    case .ext(let type, let bytes): packer.ext(type: type, bytes)
    case .array(let elements):
      packer.array(elements.count)
      for element in elements { element.pack(into: &packer) }
    case .map(let entries):
      packer.map(entries.count)
      for entry in entries {
        entry.key.pack(into: &packer)
        entry.value.pack(into: &packer)
      }
    }
  }
}
