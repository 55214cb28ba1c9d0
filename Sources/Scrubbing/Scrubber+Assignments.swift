/// Values that stand behind a secret's name: `api_key=…`, `"password": "…"`, `Authorization: Bearer …`, `--token …`.
enum SecretAssignments {
  static func removed(from bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var position = 0
    /// Behind a program that takes `-pSECRET`, until its line or command ends.
    var isPasswordGlued = false
    while position < bytes.count {
      guard isNamePart(bytes[position]) else {
        if "\n;|&".utf8.contains(bytes[position]) { isPasswordGlued = false }
        result.append(bytes[position])
        position += 1
        continue
      }
      let start = position
      while position < bytes.count, isNamePart(bytes[position]) { position += 1 }
      let name = String(decoding: bytes[start..<position], as: UTF8.self)
      isPasswordGlued = isPasswordGlued || SecretOption.isOfPasswordClient(name)
      if isPasswordGlued, isOption(bytes, start), name.hasPrefix("-p") {
        // A quoted one, too: `-p'two words'`.
        result += bytes[start..<(start + 2)]
        let end = start + 2 < bytes.count ? SecretValue(kind: .word).end(in: bytes, from: start + 2) : bytes.count
        if end > start + 2 { result += Array(Scrubber.mark.utf8) }
        position = max(end, start + 2)
        continue
      }
      result += bytes[start..<position]
      guard let (value, kind) = value(bytes, start, position, name) else { continue }
      let end = SecretValue(kind: kind).end(in: bytes, from: value)
      if end > value {
        result += bytes[position..<value]
        result += Array(Scrubber.mark.utf8)
        position = end
      }
    }
    return result
  }

  /// Where the value of a secret begins whose name is between `start` and `position`, and what ends it.
  private static func value(
    _ bytes: [UInt8], _ start: Int, _ position: Int, _ name: String
  ) -> (start: Int, kind: SecretValue.Kind)? {
    if let value = valueStart(bytes, position) {
      guard SecretName.isSecret(name) else { return nil }
      let before = start > 0 ? bytes[start - 1] : 0
      let isInQuery = before == UInt8(ascii: "?") || before == UInt8(ascii: "&")
      if isInQuery { return (value, .query) }
      // The name is in quotation marks of its own in `"cookie": …`, and shares them with its value in `"Cookie: …"`.
      let isQuotedAlone = bytes[position] == before
      if SecretName.isHeader(name) { return (value, .header(quote: isQuote(before) && !isQuotedAlone ? before : nil)) }
      return (value, bytes[position..<value].contains(UInt8(ascii: "=")) ? .assigned : .member)
    }
    if let value = argumentStart(bytes, start, position) {
      return SecretName.isSecret(name) ? (value, .assigned) : nil
    }
    guard let value = quotedStart(bytes, start, position) else { return nil }
    return SecretName.isSpeltOut(name) ? (value, .word) : nil
  }

  /// Where the quotation mark stands that opens a value right behind its name: `passphrase "…"`.
  private static func quotedStart(_ bytes: [UInt8], _ start: Int, _ position: Int) -> Int? {
    var next = position
    if start > 0, isQuote(bytes[start - 1]), next < bytes.count, bytes[next] == bytes[start - 1] { next += 1 }
    let end = skippingSpace(bytes, next)
    guard end > next, end < bytes.count, isQuote(bytes[end]) else { return nil }
    return end
  }

  /// Where a word begins that is an option of a command line.
  private static func isOption(_ bytes: [UInt8], _ start: Int) -> Bool {
    guard bytes[start] == UInt8(ascii: "-") else { return false }
    return start == 0 || bytes[start - 1] <= 0x20 || isQuote(bytes[start - 1])
  }

  /// Where the argument of the option between `start` and `position` begins: `--token X`, or `'--token', 'X'` in a list.
  /// A further option is none.
  private static func argumentStart(_ bytes: [UInt8], _ start: Int, _ position: Int) -> Int? {
    guard isOption(bytes, start) else { return nil }
    var next = position
    if start > 0, isQuote(bytes[start - 1]), next < bytes.count, bytes[next] == bytes[start - 1] { next += 1 }
    if next > position, next < bytes.count, bytes[next] == UInt8(ascii: ",") { next += 1 }
    next = skippingSpace(bytes, next)
    guard next > position, next < bytes.count, !bytes[next...].starts(with: "--".utf8) else { return nil }
    return next
  }

  static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// Where the value begins whose name ends at `position`: behind `=`, `:`, `=>`, with spaces, an opening quote of the
  /// value and a closing one of the name; `nil` when no value follows.
  private static func valueStart(_ bytes: [UInt8], _ position: Int) -> Int? {
    var next = position
    while next < bytes.count,
      isQuote(bytes[next]) || bytes[next] == UInt8(ascii: "\\") || bytes[next] == UInt8(ascii: "]")
    { next += 1 }
    next = skippingSpace(bytes, next)
    guard next < bytes.count, bytes[next] == UInt8(ascii: "=") || bytes[next] == UInt8(ascii: ":") else { return nil }
    // Not the scheme of an address: `auth://host`.
    if bytes[next...].starts(with: "://".utf8) { return nil }
    next += 1
    if next < bytes.count, bytes[next] == UInt8(ascii: ">") || bytes[next] == UInt8(ascii: "=") { next += 1 }
    next = skippingSpace(bytes, next)
    while next < bytes.count, bytes[next] == UInt8(ascii: "\\") { next += 1 }
    return next < bytes.count ? next : nil
  }

  static func skippingSpace(_ bytes: [UInt8], _ start: Int) -> Int {
    var next = start
    while next < bytes.count, bytes[next] == 0x20 || bytes[next] == 0x09 { next += 1 }
    return next
  }

  static func isQuote(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`")
  }
}
