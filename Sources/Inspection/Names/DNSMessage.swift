/// A question to a name server and its answer, as RFC 1035 has them on the wire; IPv6 addresses by RFC 3596.
enum DNSMessage {
  enum RecordType: UInt16, Sendable { case ipv4 = 1, ipv6 = 28 }

  enum Answer: Sendable, Equatable {
    /// Numeric addresses; none when the name exists without any of this kind.
    case addresses([String])
    /// NXDOMAIN.
    case noSuchName
    /// The server refuses or fails, with its code.
    case failure(Int)
  }

  /// The question for the addresses of a name; `nil` for what is no name: parts of 1 to 63 bytes, 253 in all.
  static func question(_ name: String, _ type: RecordType, id: UInt16) -> [UInt8]? {
    var bytes: [UInt8] = [UInt8(id >> 8), UInt8(id & 0xff), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    guard (1...253).contains(name.utf8.count) else { return nil }
    for part in name.split(separator: ".", omittingEmptySubsequences: false) {
      guard (1...63).contains(part.utf8.count) else { return nil }
      bytes.append(UInt8(part.utf8.count))
      bytes += part.utf8
    }
    return bytes + [0, 0, UInt8(type.rawValue), 0, 1]
  }

  /// Reads the answer to the question `id`; `nil` for anything else, and for what is cut off.
  static func answer(_ bytes: [UInt8], _ type: RecordType, id: UInt16) -> Answer? {
    var reader = Reader(bytes: bytes)
    guard reader.number() == id, let flags = reader.number(), flags & 0x8000 != 0, let questions = reader.number(),
      let answers = reader.number(), reader.skip(4)
    else { return nil }
    switch flags & 0xf {
    // Cut off, which only a great many addresses are: it exists, and over UDP no more is to be had.
    case 0 where flags & 0x200 != 0 && answers == 0: return .failure(0)
    case 0: break
    case 3: return .noSuchName
    case let code: return .failure(Int(code))
    }
    for _ in 0..<questions { guard reader.skipName(), reader.skip(4) else { return nil } }
    var addresses: [String] = []
    for _ in 0..<answers {
      guard reader.skipName(), let found = reader.number(), reader.skip(6), let length = reader.number(),
        let data = reader.take(Int(length))
      else { return nil }
      // Others lead to it: CNAME records come in the same list.
      if found == type.rawValue, let address = text(data, type) { addresses.append(address) }
    }
    return .addresses(addresses)
  }

  private static func text(_ data: ArraySlice<UInt8>, _ type: RecordType) -> String? {
    switch type {
    case .ipv4: data.count == 4 ? data.map(String.init).joined(separator: ".") : nil
    case .ipv6: data.count == 16 ? IPv6Text.of(Array(data)) : nil
    }
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
      guard count <= bytes.count - position else { return nil }
      defer { position += count }
      return bytes[position..<position + count]
    }

    mutating func skip(_ count: Int) -> Bool { take(count) != nil }

    mutating func number() -> UInt16? {
      take(2).map { UInt16($0[$0.startIndex]) << 8 | UInt16($0[$0.startIndex + 1]) }
    }

    /// A name ends with an empty part or with a pointer to another name, which need not be followed.
    mutating func skipName() -> Bool {
      while let length = take(1)?.first {
        if length == 0 { return true }
        if length & 0xc0 == 0xc0 { return skip(1) }
        guard length & 0xc0 == 0, skip(Int(length)) else { return false }
      }
      return false
    }
  }
}

/// IPv6 addresses as text.
enum IPv6Text {
  /// Of 16 bytes; the longest run of zeros is left out, by RFC 5952.
  static func of(_ bytes: [UInt8]) -> String {
    let groups = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
    var best = 0..<0
    var start = 0
    while start < groups.count {
      var end = start
      while end < groups.count, groups[end] == 0 { end += 1 }
      if end - start > max(best.count, 1) { best = start..<end }
      start = max(end, start + 1)
    }
    func text(_ part: ArraySlice<UInt16>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
    return best.isEmpty ? text(groups[...]) : text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
  }
}
