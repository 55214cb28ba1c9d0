import CZlib

/// The first bytes of a record in a segment: what tells a sound record from anything else.
///
/// A record is this head, the description of the payload, and its body. Two checksums (zlib's CRC-32) are in the head: of
/// the head and the description, so that lengths can be relied on, and of the body.
struct SpoolRecordHead: Equatable {
  /// Begins each record. The first byte is in no text.
  static let magic: [UInt8] = [0x89, 0x52, 0x4f, 0x4f, 0x53, 0x54, 0x50, 0x01]
  static let byteCount = 28
  /// Where the byte is that says whether the record is still to be sent, from the record's start on. It is written over
  /// when the payload has come to its end, and so is in no checksum.
  static let stateOffset = 24
  static let waiting: UInt8 = 1
  static let finished: UInt8 = 0
  /// Of a description: a kind, a path, and a few short headers.
  static let descriptionBytesMax = 64 << 10
  /// Of a body: payloads of the agent's own making have a few MB, and one that was relayed 25 MiB.
  static let bodyBytesMax = 64 << 20

  let descriptionBytes: Int
  let bodyBytes: Int
  let bodyChecksum: UInt32
  let isWaiting: Bool

  init(descriptionBytes: Int, body: [UInt8]) {
    self.descriptionBytes = descriptionBytes
    bodyBytes = body.count
    bodyChecksum = Self.checksum(body)
    isWaiting = true
  }

  /// Of all of it: head, description and body.
  var recordBytes: Int { Self.byteCount + descriptionBytes + bodyBytes }

  /// The head as it is written before this description.
  func bytes(before description: [UInt8]) -> [UInt8] {
    var bytes = Self.magic
    bytes.append(number: UInt32(truncatingIfNeeded: descriptionBytes))
    bytes.append(number: UInt32(truncatingIfNeeded: bodyBytes))
    bytes.append(number: bodyChecksum)
    bytes.append(number: Self.checksum(bytes + description))
    bytes.append(number: UInt32(isWaiting ? Self.waiting : Self.finished))
    return bytes
  }

  /// Reads the head of a record. `nil` when these are not the bytes of one, or its lengths are impossible.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount, bytes.starts(with: Self.magic) else { return nil }
    var rest = bytes.dropFirst(Self.magic.count)
    guard let description = rest.takeNumber(UInt32.self), let body = rest.takeNumber(UInt32.self),
      let bodyChecksum = rest.takeNumber(UInt32.self), description <= Self.descriptionBytesMax,
      body <= Self.bodyBytesMax
    else { return nil }
    descriptionBytes = Int(description)
    bodyBytes = Int(body)
    self.bodyChecksum = bodyChecksum
    isWaiting = bytes[Self.stateOffset] == Self.waiting
  }

  /// Whether head and description are as they were written.
  static func isSound(head: [UInt8], description: [UInt8]) -> Bool {
    let covered = magic.count + 12
    var rest = head.dropFirst(covered)
    return rest.takeNumber(UInt32.self) == checksum(head.prefix(covered) + description)
  }

  /// The CRC-32 of zlib and of gzip over all of the bytes.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32(0, $0.baseAddress, UInt32(clamping: $0.count))) }
  }
}
