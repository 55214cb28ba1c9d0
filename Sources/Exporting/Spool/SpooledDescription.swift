/// All of a payload but its body, as a record of the spool says it.
struct SpooledDescription: Equatable {
  var kind: OutgoingPayload.Kind
  var path: String
  var contentType: String
  var contentEncoding: String
  var headers: [HTTPHeader]
  var counts: PayloadCounts
  var uncompressedBytes: Int
  /// When the payload was made, in nanoseconds since 1970.
  var createdNs: Int64

  init(_ payload: OutgoingPayload, createdNs: Int64) {
    kind = payload.kind
    path = payload.path
    contentType = payload.contentType
    contentEncoding = payload.contentEncoding
    headers = payload.headers
    counts = payload.counts
    uncompressedBytes = payload.uncompressedBytes
    self.createdNs = createdNs
  }

  /// The payload that this describes, with its body.
  func payload(_ body: [UInt8]) -> OutgoingPayload {
    OutgoingPayload(
      kind: kind, path: path, body: .memory(body), contentType: contentType, contentEncoding: contentEncoding,
      headers: headers, counts: counts, uncompressedBytes: uncompressedBytes)
  }

  /// Larger counts are no counts of a payload: sums of them stay far from what an integer holds.
  private static let countMax: UInt64 = 1 << 40

  /// The description as bytes: numbers little-endian, texts behind their length.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(number: UInt64(bitPattern: createdNs))
    for count in [counts.traces, counts.spans, counts.buckets, counts.groups, uncompressedBytes] {
      bytes.append(number: UInt64(clamping: count))
    }
    for text in [kind.rawValue, path, contentType, contentEncoding] { bytes.append(text: text) }
    bytes.append(number: UInt8(clamping: headers.count))
    for header in headers.prefix(Int(UInt8.max)) {
      bytes.append(text: header.name)
      bytes.append(text: header.value)
    }
    return bytes
  }

  /// `nil` when the bytes are no description.
  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    guard let created = rest.takeNumber(UInt64.self) else { return nil }
    var numbers: [Int] = []
    for _ in 0..<5 {
      guard let number = rest.takeNumber(UInt64.self), number <= Self.countMax else { return nil }
      numbers.append(Int(number))
    }
    var texts: [String] = []
    for _ in 0..<4 {
      guard let text = rest.takeText() else { return nil }
      texts.append(text)
    }
    guard let headerCount = rest.takeNumber(UInt8.self) else { return nil }
    headers = []
    for _ in 0..<headerCount {
      guard let name = rest.takeText(), let value = rest.takeText() else { return nil }
      headers.append(HTTPHeader(name, value))
    }
    guard rest.isEmpty else { return nil }
    createdNs = Int64(bitPattern: created)
    counts = PayloadCounts(traces: numbers[0], spans: numbers[1], buckets: numbers[2], groups: numbers[3])
    uncompressedBytes = numbers[4]
    kind = OutgoingPayload.Kind(rawValue: texts[0])
    (path, contentType, contentEncoding) = (texts[1], texts[2], texts[3])
  }
}

extension [UInt8] {
  /// Appends a number, the lowest byte first.
  mutating func append(number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { self += $0 }
  }

  /// Appends a text behind its length in two bytes. What is longer is cut: no text of a payload comes near that.
  fileprivate mutating func append(text: String) {
    let utf8 = text.utf8.prefix(Int(UInt16.max))
    append(number: UInt16(utf8.count))
    self += utf8
  }
}

extension ArraySlice<UInt8> {
  /// Takes a number off the front, the lowest byte first; `nil` when too few bytes are left.
  mutating func takeNumber<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
    let size = MemoryLayout<Number>.size
    guard count >= size else { return nil }
    defer { removeFirst(size) }
    return prefix(size).reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }

  fileprivate mutating func takeText() -> String? {
    guard let size = takeNumber(UInt16.self), count >= Int(size) else { return nil }
    defer { removeFirst(Int(size)) }
    return String(decoding: prefix(Int(size)), as: UTF8.self)
  }
}
