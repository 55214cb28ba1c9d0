extension MessagePackReader {
  /// Moves over one value of any type, whatever it holds.
  @_lifetime(self: copy self)
  mutating func skipValue() throws(ValueError) {
    var nesting = Nesting()
    repeat {
      let at = offset
      let marker = try peekMarker()
      try nesting.enter(try skipOne(marker), at: at, marker: marker)
    } while !nesting.isDone
  }

  /// How deep within a value a walk through it is.
  ///
  /// A fixed array of the elements still to come at each level, so hostile nesting costs no memory.
  struct Nesting {
    private var pending = InlineArray<64, Int>(repeating: 0)
    private var depth = 0
    private(set) var isDone = false

    /// Notes a value that holds `inside` others; 0 for a scalar.
    mutating func enter(_ inside: Int, at offset: Int, marker: UInt8) throws(ValueError) {
      guard inside > 0 else { return leave() }
      guard depth < MessagePackReader.depthMax else {
        throw ValueError(kind: .tooDeep, offset: offset, expected: .depth, seen: MessagePackReader.sight(of: marker))
      }
      pending[depth] = inside
      depth += 1
    }

    /// Notes that a value has ended.
    mutating func leave() {
      while depth > 0 {
        pending[depth - 1] -= 1
        if pending[depth - 1] > 0 { return }
        depth -= 1
      }
      isDone = true
    }
  }

  /// Moves over a scalar, or opens a container and returns how many values it holds.
  @_lifetime(self: copy self)
  mutating func skipOne(_ marker: UInt8) throws(ValueError) -> Int {
    switch marker {
    case 0x80...0x8F, 0xDE, 0xDF: return try readMapCount() * 2
    case 0x90...0x9F, 0xDC, 0xDD: return try readArrayCount()
    case 0xA0...0xBF, 0xD9...0xDB, 0xC4...0xC6: _ = try readRawString()
    case 0x00...0x7F, 0xE0...0xFF, 0xC0, 0xC2, 0xC3: try skipBytes(1)
    case 0xCC, 0xD0: try skipBytes(2)
    case 0xCD, 0xD1: try skipBytes(3)
    case 0xCA, 0xCE, 0xD2: try skipBytes(5)
    case 0xCB, 0xCF, 0xD3: try skipBytes(9)
    case 0xD4...0xD8: try skipBytes(2 + 1 << Int(marker - 0xD4))
    case 0xC7...0xC9: try skipExtension(marker)
    default: throw wrongType(.value, at: offset, marker: marker)
    }
    return 0
  }

  @_lifetime(self: copy self)
  private mutating func skipExtension(_ marker: UInt8) throws(ValueError) {
    let sizeBytes = 1 << Int(marker - 0xC7)
    try skipBytes(1)
    var length = 0
    for _ in 0..<sizeBytes {
      length = length << 8 | Int(try peekMarker())
      try skipBytes(1)
    }
    try skipBytes(length + 1)
  }
}
