import TraceModel

/// What spans are grouped by for statistics, written into one run of bytes so that a lookup is one hash and one compare.
///
/// Layout: the payload's part (written once a request), then the span's part, then one byte of marks that concern only
/// us. Every text is two bytes of length (little-endian) and its bytes.
struct GroupKeyBuilder: ~Copyable, Sendable {
  private(set) var bytes = GrowableBuffer<UInt8>()
  private var payloadBytes = 0
  private(set) var payloadHash: UInt64 = 0

  init() {}

  /// Writes the payload's part: env, hostname, version, container id, git commit, language, process tags.
  mutating func beginPayload(_ batch: borrowing SpanBatch, defaultEnv: [UInt8]) {
    bytes.removeAll()
    let payload = batch.payload
    if payload.env.isEmpty {
      defaultEnv.withUnsafeBytes { append(text: $0) }
    } else {
      append(text: batch.bytes(payload.env))
    }
    append(text: batch.bytes(payload.hostname))
    append(text: batch.bytes(payload.appVersion))
    append(text: batch.bytes(payload.containerID))
    append(text: batch.bytes(payload.gitCommitSha))
    append(text: batch.bytes(payload.languageName))
    append(text: batch.bytes(payload.processTags))
    payloadBytes = bytes.count
    payloadHash = tableHash(UnsafeRawBufferPointer(bytes.pointer))
  }

  mutating func beginSpan() { bytes.truncate(to: payloadBytes) }

  /// The key and its hash; valid until the next change.
  func finish() -> (key: UnsafeRawBufferPointer, hash: UInt64) {
    let all = UnsafeRawBufferPointer(bytes.pointer)
    return (all, tableHash(UnsafeRawBufferPointer(rebasing: all[payloadBytes...]), seed: payloadHash))
  }

  @inline(__always) mutating func append(byte: UInt8) { bytes.append(byte) }

  mutating func setByte(_ byte: UInt8, at index: Int) { bytes[index] = byte }

  /// Writes a span's part in which every name is `StatsBucket.blockedValue`: the one group that always has room.
  mutating func appendBlocked(local: UInt8) {
    append(byte: 0)
    append(number: 0)
    for isNamed in [true, true, true, false, false, false, false] {
      var text = isNamed ? StatsBucket.blockedValue : ""
      text.withUTF8 { append(text: UnsafeRawBufferPointer($0)) }
    }
    append(byte: 0)
    append(byte: local)
  }

  @inline(__always) mutating func append(number: UInt32) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0.bindMemory(to: UInt8.self)) }
  }

  /// Bytes of one text at most. Only resources may be longer: values of attributes tell groups apart, they are not
  /// stored for their own sake.
  static let textBytesMax = 250
  static let resourceBytesMax = 15_000

  @inline(__always) mutating func append(text: UnsafeRawBufferPointer, bytesMax: Int = textBytesMax) {
    let length = text.count <= bytesMax ? text.count : ByteString.truncatedLength(text, limit: bytesMax)
    bytes.append(UInt8(truncatingIfNeeded: length))
    bytes.append(UInt8(truncatingIfNeeded: length >> 8))
    bytes.append(
      contentsOf: UnsafeRawBufferPointer(rebasing: text[..<length]).bindMemory(to: UInt8.self))
  }
}

/// Marks in a group key that only we tell groups apart by; the intake sees their sums.
struct LocalMarks: OptionSet {
  let rawValue: UInt8
  /// The spans enter their service.
  static let entry = LocalMarks(rawValue: 1)
  /// The spans count in the statistics that are sent.
  static let forwarded = LocalMarks(rawValue: 2)
}

/// Marks in a group key that the intake groups by.
struct GroupMarks: OptionSet {
  let rawValue: UInt8
  static let traceRoot = GroupMarks(rawValue: 1)
  static let synthetics = GroupMarks(rawValue: 2)
}

/// A group key taken apart again, off the hot way.
package struct GroupKey: Sendable {
  package var env = "", hostname = "", version = "", containerID = "", gitCommitSha = "", language = "",
    processTags = ""
  /// What the intake groups by, of the span.
  package var service = "", name = "", resource = "", type = "", spanKind = "", serviceSource = "", grpcStatus = ""
  package var httpStatus: UInt32 = 0
  package var isTraceRoot = false, isSynthetics = false
  /// Raw peer attributes: the key's raw value in the `KeyTable`, and the value before quantizing.
  package var peerAttributes: [(key: KnownKey, value: String)] = []
  package var isEntry = false, isForwarded = false

  init(_ bytes: ArraySlice<UInt8>) {
    var reader = Reader(bytes: bytes, offset: bytes.startIndex)
    env = reader.text()
    hostname = reader.text()
    version = reader.text()
    containerID = reader.text()
    gitCommitSha = reader.text()
    language = reader.text()
    processTags = reader.text()
    let marks = GroupMarks(rawValue: reader.byte())
    isTraceRoot = marks.contains(.traceRoot)
    isSynthetics = marks.contains(.synthetics)
    httpStatus = reader.number()
    service = reader.text()
    name = reader.text()
    resource = reader.text()
    type = reader.text()
    spanKind = reader.text()
    serviceSource = reader.text()
    grpcStatus = reader.text()
    for _ in 0..<reader.byte() {
      let key = KnownKey(rawValue: UInt16(reader.byte()) | UInt16(reader.byte()) << 8)
      peerAttributes.append((key, reader.text()))
    }
    let local = LocalMarks(rawValue: reader.byte())
    isEntry = local.contains(.entry)
    isForwarded = local.contains(.forwarded)
  }

  private struct Reader {
    let bytes: ArraySlice<UInt8>
    var offset: Int

    mutating func byte() -> UInt8 {
      guard offset < bytes.endIndex else { return 0 }
      defer { offset += 1 }
      return bytes[offset]
    }

    mutating func number() -> UInt32 {
      UInt32(byte()) | UInt32(byte()) << 8 | UInt32(byte()) << 16 | UInt32(byte()) << 24
    }

    mutating func text() -> String {
      let length = Int(byte()) | Int(byte()) << 8
      let end = min(offset + length, bytes.endIndex)
      defer { offset = end }
      return String(decoding: bytes[offset..<end], as: UTF8.self)
    }
  }
}
