/// A request as it is written ahead, with what decides when it is needed no longer.
package struct JournalRecord: Sendable, Equatable {
  /// The receiving thread that took it. Each thread numbers its requests by itself.
  package var lane: Int
  /// Its number among those of its thread, from 1 on.
  package var sequence: UInt64
  /// When it came, in ns since 1970.
  package var receivedNs: Int64
  /// Its spans count in no statistics that begin later, in ns since 1970.
  package var statisticsUntilNs: Int64
  /// What the request says besides its body, in a form that only its writer knows.
  package var description: [UInt8]
  /// The body as it came.
  package var body: [UInt8]

  /// A request with all that is kept of it.
  package init(
    lane: Int, sequence: UInt64, receivedNs: Int64, statisticsUntilNs: Int64, description: [UInt8], body: [UInt8]
  ) {
    self.lane = lane
    self.sequence = sequence
    self.receivedNs = receivedNs
    self.statisticsUntilNs = statisticsUntilNs
    self.description = description
    self.body = body
  }
}

/// What begins each entry of a segment: a request, or the mark that requests are needed no longer.
///
/// All numbers are little-endian. Two checksums tell an entry that was being written when the power went from a whole one: of
/// the head, so that lengths can be relied on, and of the rest. The head begins with the sign of its segment: bytes in a body
/// that look like an entry are none, nor are entries of an earlier life of the file.
struct JournalHead: Equatable {
  static let byteCount = 64
  /// A path and the headers that are read, whose length the receiver bounds.
  static let descriptionBytesMax = 1 << 20
  /// A body is bounded by `apm_config.max_payload_size`.
  static let bodyBytesMax = 1 << 30

  enum Kind: UInt16 {
    /// A request with its description and body.
    case request = 1
    /// Payloads with all requests of a lane up to a number have left: `sequence` is that number.
    case mark = 2
  }

  var kind: Kind
  var lane: UInt16
  var descriptionBytes: Int
  var bodyBytes: Int
  var sequence: UInt64
  var receivedNs: Int64
  var statisticsUntilNs: Int64
  /// Of description and body, each summed by itself.
  var restChecksum: UInt64

  /// Of all of it: head, description and body.
  var entryBytes: Int { Self.byteCount + descriptionBytes + bodyBytes }

  /// As it is written, with the checksum of itself behind it.
  func bytes(_ sign: JournalSign) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    appendUnsealed(to: &bytes)
    Self.seal(&bytes, at: 0, sign)
    return bytes
  }

  /// Appends it with room for what `seal` puts in when it is known which segment it goes to.
  func appendUnsealed(to bytes: inout [UInt8]) {
    bytes.append(number: UInt64(0))
    bytes.append(number: kind.rawValue)
    bytes.append(number: lane)
    bytes.append(number: UInt32(truncatingIfNeeded: descriptionBytes))
    bytes.append(number: UInt64(truncatingIfNeeded: bodyBytes))
    bytes.append(number: sequence)
    bytes.append(number: receivedNs)
    bytes.append(number: statisticsUntilNs)
    bytes.append(number: restChecksum)
    bytes.append(number: UInt64(0))
  }

  /// Makes a head that was appended one of a segment: puts its sign in front and the checksum behind.
  /// - Parameter place: where the head begins.
  static func seal(_ bytes: inout [UInt8], at place: Int, _ sign: JournalSign) {
    bytes.withUnsafeMutableBytes { bytes in
      let head = UnsafeMutableRawBufferPointer(rebasing: bytes[place..<place + byteCount])
      head.storeBytes(of: sign.value.littleEndian, as: UInt64.self)
      let sum = JournalChecksum.of(UnsafeRawBufferPointer(rebasing: head[..<(byteCount - 8)]))
      head.storeBytes(of: sum.littleEndian, toByteOffset: byteCount - 8, as: UInt64.self)
    }
  }

  /// Reads a head; `nil` when these are not the bytes of one as it was written.
  init?(_ bytes: [UInt8], _ sign: JournalSign) {
    var front = bytes[...]
    guard bytes.count == Self.byteCount, front.takeNumber(UInt64.self) == sign.value else { return nil }
    var sum = bytes.suffix(8)
    guard sum.takeNumber(UInt64.self) == JournalChecksum.of(bytes.dropLast(8)) else { return nil }
    var rest = bytes.dropFirst(JournalSign.byteCount)
    guard let kind = Kind(rawValue: rest.takeNumber()) else { return nil }
    self.kind = kind
    lane = rest.takeNumber()
    let description: UInt32 = rest.takeNumber()
    let body: UInt64 = rest.takeNumber()
    guard description <= Self.descriptionBytesMax, body <= Self.bodyBytesMax else { return nil }
    descriptionBytes = Int(description)
    bodyBytes = Int(body)
    sequence = rest.takeNumber()
    receivedNs = rest.takeNumber()
    statisticsUntilNs = rest.takeNumber()
    restChecksum = rest.takeNumber()
  }

  /// - Parameter lane: the receiving thread; more than 65,535 there are not.
  init(
    _ kind: Kind, lane: Int, sequence: UInt64, receivedNs: Int64 = 0, statisticsUntilNs: Int64 = 0,
    descriptionBytes: Int = 0, bodyBytes: Int = 0, restChecksum: UInt64 = JournalChecksum.ofNothing
  ) {
    self.kind = kind
    self.lane = UInt16(clamping: lane)
    self.sequence = sequence
    self.receivedNs = receivedNs
    self.statisticsUntilNs = statisticsUntilNs
    self.descriptionBytes = descriptionBytes
    self.bodyBytes = bodyBytes
    self.restChecksum = restChecksum
  }

  /// Whether what follows the head is as it was written.
  func isSound(_ rest: UnsafeRawBufferPointer) -> Bool {
    let description = UnsafeRawBufferPointer(rebasing: rest[..<descriptionBytes])
    return JournalChecksum.of(description, UnsafeRawBufferPointer(rebasing: rest[descriptionBytes...])) == restChecksum
  }
}

/// What each head of one segment begins with, and nobody else can foresee: the first byte is in no text, the other seven are
/// drawn at random for each life of a file.
struct JournalSign: Equatable, Sendable {
  static let byteCount = 8
  private static let first: UInt64 = 0x89

  /// The first byte is the lowest.
  let value: UInt64

  static func random() -> JournalSign {
    JournalSign(value: UInt64.random(in: .min ... .max) << 8 | first)
  }

  /// The sign that a file says; `nil` when it is none.
  init?(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    guard bytes.count == Self.byteCount, bytes.first.map(UInt64.init) == Self.first else { return nil }
    value = rest.takeNumber()
  }

  private init(value: UInt64) { self.value = value }

  /// The eight bytes of it, as files have them.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: value)
    return bytes
  }
}

/// A checksum against what disks and sudden ends do, not against people: several bytes a cycle, for each body is summed.
struct JournalChecksum {
  private(set) var value: UInt64 = 0x243F_6A88_85A3_08D3

  /// Of parts, each summed by itself.
  static func of(_ parts: UnsafeRawBufferPointer...) -> UInt64 {
    var sum = JournalChecksum()
    for part in parts { sum.add(part) }
    return sum.value
  }

  /// Of bytes that are one part.
  static func of(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.withUnsafeBytes { of($0) } }

  /// Of an entry that is a head only.
  static let ofNothing = of(
    UnsafeRawBufferPointer(start: nil, count: 0), UnsafeRawBufferPointer(start: nil, count: 0))

  /// Takes one more part in; its length counts too.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var sum = value ^ UInt64(truncatingIfNeeded: bytes.count)
    // Four side by side, as each step of one waits for the one before.
    var (second, third, fourth) = (sum &+ 1, sum &+ 2, sum &+ 3)
    var offset = 0
    while offset &+ 32 <= bytes.count {
      mix(&sum, word(bytes, offset))
      mix(&second, word(bytes, offset &+ 8))
      mix(&third, word(bytes, offset &+ 16))
      mix(&fourth, word(bytes, offset &+ 24))
      offset &+= 32
    }
    mix(&sum, second)
    mix(&sum, third)
    mix(&sum, fourth)
    while offset &+ 8 <= bytes.count {
      mix(&sum, word(bytes, offset))
      offset &+= 8
    }
    var last: UInt64 = 0
    while offset < bytes.count {
      last = last << 8 | UInt64(bytes[offset])
      offset &+= 1
    }
    mix(&sum, last)
    value = sum
  }

  @inline(__always)
  private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  @inline(__always)
  private func mix(_ sum: inout UInt64, _ word: UInt64) {
    sum = (sum ^ word) &* 0x9E37_79B9_7F4A_7C15
    sum ^= sum >> 32
  }
}

extension [UInt8] {
  /// Appends a number, the lowest byte first.
  mutating func append(number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { self += $0 }
  }
}

extension ArraySlice<UInt8> {
  /// Takes a number off the front, the lowest byte first. The caller has seen to it that the bytes are there; of fewer, the
  /// others count as 0.
  mutating func takeNumber<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number {
    let size = MemoryLayout<Number>.size
    defer { removeFirst(Swift.min(size, count)) }
    return prefix(size).reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }
}
