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
/// All numbers are little-endian. The checksum is of everything else of the entry: it tells an entry that was being written
/// when the power went from a whole one.
struct JournalHead: Equatable {
  /// The first byte is in no text.
  static let magic: [UInt8] = [0x89, 0x52, 0x4a, 0x4f, 0x55, 0x52, 0x4e, 0x01]
  static let byteCount = 56
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
  var checksum: UInt64 = 0

  /// Of all of it: head, description and body.
  var entryBytes: Int { Self.byteCount + descriptionBytes + bodyBytes }

  /// The head as bytes, with the checksum of what follows it.
  func bytes(before rest: UnsafeRawBufferPointer...) -> [UInt8] {
    var bytes = Self.magic
    bytes.reserveCapacity(Self.byteCount)
    bytes.append(number: kind.rawValue)
    bytes.append(number: lane)
    bytes.append(number: UInt32(truncatingIfNeeded: descriptionBytes))
    bytes.append(number: UInt64(truncatingIfNeeded: bodyBytes))
    bytes.append(number: sequence)
    bytes.append(number: receivedNs)
    bytes.append(number: statisticsUntilNs)
    var sum = JournalChecksum()
    bytes.withUnsafeBytes { sum.add($0) }
    for part in rest { sum.add(part) }
    bytes.append(number: sum.value)
    return bytes
  }

  /// Reads a head; `nil` when these are not the bytes of one, or its lengths are impossible.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount, bytes.starts(with: Self.magic) else { return nil }
    var rest = bytes.dropFirst(Self.magic.count)
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
    checksum = rest.takeNumber()
  }

  /// - Parameter lane: the receiving thread; more than 65,535 there are not.
  init(
    _ kind: Kind, lane: Int, sequence: UInt64, receivedNs: Int64 = 0, statisticsUntilNs: Int64 = 0,
    descriptionBytes: Int = 0, bodyBytes: Int = 0
  ) {
    self.kind = kind
    self.lane = UInt16(clamping: lane)
    self.sequence = sequence
    self.receivedNs = receivedNs
    self.statisticsUntilNs = statisticsUntilNs
    self.descriptionBytes = descriptionBytes
    self.bodyBytes = bodyBytes
  }

  /// Whether what follows the head is as it was written.
  func isSound(_ head: [UInt8], _ rest: UnsafeRawBufferPointer) -> Bool {
    var sum = JournalChecksum()
    head.withUnsafeBytes { sum.add(UnsafeRawBufferPointer(rebasing: $0[..<(Self.byteCount - 8)])) }
    // Each part is summed by itself.
    sum.add(UnsafeRawBufferPointer(rebasing: rest[..<descriptionBytes]))
    sum.add(UnsafeRawBufferPointer(rebasing: rest[descriptionBytes...]))
    return sum.value == checksum
  }
}

/// A checksum against what disks and sudden ends do, not against people: several bytes a cycle, for each body is summed.
struct JournalChecksum {
  private(set) var value: UInt64 = 0x243F_6A88_85A3_08D3

  /// Takes one more part in; its length counts too.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var sum = value ^ UInt64(truncatingIfNeeded: bytes.count)
    var offset = 0
    while offset &+ 8 <= bytes.count {
      mix(&sum, UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
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
