import MessagePack
import Testing

@Suite struct `MessagePack values` {
  static let roundTrips: [(MessagePackValue, [UInt8])] = [
    (.null, [0xc0]),
    (true, [0xc3]),
    (false, [0xc2]),
    (127, [0x7f]),
    (128, [0xcc, 0x80]),
    (-1, [0xff]),
    (-33, [0xd0, 0xdf]),
    (.int(.min), [0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0]),
    (.uint(.max), [0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    (1.5, [0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]),
    ("", [0xa0]),
    ("é", [0xa2, 0xc3, 0xa9]),
    (.string([0xff, 0xfe]), [0xa2, 0xff, 0xfe]),
    (.binary([1, 2]), [0xc4, 2, 1, 2]),
    (.binary([]), [0xc4, 0]),
    (.ext(type: -1, [9]), [0xd4, 0xff, 9]),
    (.ext(type: 5, [1, 2, 3]), [0xc7, 3, 5, 1, 2, 3]),
    ([], [0x90]),
    ([1, [nil]], [0x92, 1, 0x91, 0xc0]),
    (["b": 1, "a": [:]], [0x82, 0xa1, 0x62, 1, 0xa1, 0x61, 0x80]),
    ([1: 2], [0x81, 1, 2]),
  ]

  @Test(arguments: roundTrips)
  func `are written as the format says, and read back the same`(value: MessagePackValue, bytes: [UInt8]) throws {
    #expect(value.pack() == bytes)
    let read = try MessagePackValue.unpack(bytes)
    #expect(read.value == value)
    #expect(read.trailingBytes == 0)
  }

  @Test(arguments: [31, 32, 255, 256, 65535, 65536])
  func `keep strings, byte strings and arrays of every length class`(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    let values: [MessagePackValue] = [
      .string(bytes), .binary(bytes), .ext(type: 7, bytes), .array(bytes.map { .uint(UInt64($0)) }),
      .map(bytes.map { (key: .uint(UInt64($0)), value: .null) }),
    ]
    for value in values { #expect(try MessagePackValue.unpack(value.pack()).value == value) }
  }

  @Test func `widen 32-bit floats`() throws {
    #expect(try MessagePackValue.unpack([0xca, 0x3f, 0xc0, 0, 0]).value == 1.5)
  }

  @Test func `report the bytes behind the first value`() throws {
    let read = try MessagePackValue.unpack([0x91, 0x01, 0xc1, 0xc1])
    #expect(read.value == [1])
    #expect(read.trailingBytes == 2)
  }

  @Test func `are read as what the reader expects`() {
    let value: MessagePackValue = ["name": "web", "hits": 3, "share": 0.5, "up": true, "tags": ["a"]]
    #expect(value["name"]?.text == "web")
    #expect(value["hits"]?.uint == 3)
    #expect(value["hits"]?.double == 3)
    #expect(value["share"]?.int == nil)
    #expect(value["up"]?.bool == true)
    #expect(value["tags"]?.array == ["a"])
    #expect(value["none"] == nil)
    #expect(MessagePackValue.int(-1).uint == nil)
    #expect(MessagePackValue.uint(.max).int == nil)
  }

  static let refused: [([UInt8], MessagePackError)] = [
    ([], .truncated(offset: 0)),
    ([0xc1], .malformed(offset: 0)),
    ([0x92, 0x01], .tooManyElements(offset: 0, count: 2, limit: 1)),
    ([0x92, 0x01, 0xc1], .malformed(offset: 2)),
    ([0xdd, 0xff, 0xff, 0xff, 0xff, 0x00], .tooManyElements(offset: 0, count: 0xffff_ffff, limit: 1)),
    ([0xdf, 0xff, 0xff, 0xff, 0xff, 0x00], .tooManyElements(offset: 0, count: 0x1_ffff_fffe, limit: 1)),
    ([0xdc, 0x00], .truncated(offset: 0)),
    ([0x91, 0xd9, 0x05, 0x61], .truncated(offset: 1)),
    ([0x91, 0xc7, 0x01, 0x05], .truncated(offset: 1)),
    ([0xcb, 0, 0, 0], .truncated(offset: 0)),
    ([0xc6, 0xff, 0xff, 0xff, 0xff], .truncated(offset: 0)),
    ([UInt8](repeating: 0x91, count: 33) + [0], .tooDeep(offset: 32, limit: 32)),
  ]

  @Test(arguments: refused)
  func `are refused with the place where they cease to make sense`(bytes: [UInt8], error: MessagePackError) {
    #expect(throws: error) { try MessagePackValue.unpack(bytes) }
  }

  @Test func `may be nested as deep as libmsgpack-c can read`() throws {
    let deep = [UInt8](repeating: 0x91, count: MessagePackLimits.depthCeiling) + [0x07]
    #expect(try MessagePackValue.unpack(deep).trailingBytes == 0)
  }

  @Test func `are limited in bytes, depth and elements by the reader`() {
    let limits = MessagePackLimits(depthMax: 2, bytesMax: 8, elementsMax: 3)
    #expect(throws: MessagePackError.tooLarge(bytes: 9, limit: 8)) {
      try MessagePackValue.unpack([UInt8](repeating: 0, count: 9), limits: limits)
    }
    #expect(throws: MessagePackError.tooManyElements(offset: 1, count: 2, limit: 1)) {
      try MessagePackValue.unpack([0x92, 0x92, 0, 0, 0], limits: limits)
    }
    #expect(throws: MessagePackError.tooDeep(offset: 2, limit: 2)) {
      try MessagePackValue.unpack([0x91, 0x91, 0x91, 0], limits: limits)
    }
  }

  @Test func `are written again as they were read, whatever the bytes`() throws {
    var read = 0
    // A fixed walk over 2^15 short inputs: no seed to lose.
    for start in 0..<UInt64(1 << 15) {
      var state = start
      let bytes = (0..<24).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
      }
      guard let first = try? MessagePackValue.unpack(bytes).value else { continue }
      read += 1
      #expect(try MessagePackValue.unpack(first.pack()).value == first, "bytes \(bytes)")
    }
    #expect(read > 1000)
  }
}

@Suite struct `A MessagePack packer` {
  @Test func `writes values one behind the other`() {
    var packer = MessagePacker()
    packer.map(2)
    packer.string("Hits")
    packer.uint(300)
    packer.string([0x42])
    packer.array(3)
    packer.bool(true)
    packer.null()
    packer.int(-2)
    let expected: [UInt8] = [
      0x82, 0xa4, 0x48, 0x69, 0x74, 0x73, 0xcd, 0x01, 0x2c, 0xa1, 0x42, 0x93, 0xc3, 0xc0, 0xfe,
    ]
    #expect(packer.bytes == expected)
    #expect(packer.count == 15)
  }

  @Test func `starts anew after being cleared`() {
    var packer = MessagePacker()
    packer.string("something")
    packer.clear()
    packer.binary([1])
    #expect(packer.bytes == [0xc4, 1, 1])
  }
}
