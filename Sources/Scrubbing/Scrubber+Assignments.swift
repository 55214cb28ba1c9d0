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
        let end = start + 2 < bytes.count ? valueEnd(bytes, start + 2) : bytes.count
        if end > start + 2 { result += Array(Scrubber.mark.utf8) }
        position = max(end, start + 2)
        continue
      }
      result += bytes[start..<position]
      guard let value = valueStart(bytes, position) ?? argumentStart(bytes, start, position),
        SecretName.isSecret(name)
      else { continue }
      let end = valueEnd(bytes, value)
      if end > value {
        result += bytes[position..<value]
        result += Array(Scrubber.mark.utf8)
        position = end
      }
    }
    return result
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

  /// Where the value ends: at its closing quote or bracket, or before what ends a word; an authorization's scheme and
  /// its credentials are two words.
  private static func valueEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    if isQuote(bytes[start]) { return quoteEnd(bytes, start) }
    if isOpening(bytes[start]) { return closingEnd(bytes, start) }
    let end = wordEnd(bytes, start)
    let word = String(decoding: bytes[start..<end], as: UTF8.self).lowercased()
    if ["bearer", "basic", "digest", "token", "apikey", "negotiate"].contains(word) {
      return wordEnd(bytes, skippingSpace(bytes, end))
    }
    return end
  }

  /// Behind the bracket that closes the one at `start`: a list or object is one value. Without one, the end of the line.
  private static func closingEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    var depth = 0
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
      if isQuote(bytes[end]) {
        end = quoteEnd(bytes, end)
        continue
      }
      if isOpening(bytes[end]) { depth += 1 }
      if "]})".utf8.contains(bytes[end]) { depth -= 1 }
      end += 1
      if depth == 0 { return end }
    }
    return end
  }

  /// Behind the quotation mark that closes the one at `start`.
  private static func quoteEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    var end = start + 1
    while end < bytes.count, bytes[end] != bytes[start] || bytes[end - 1] == UInt8(ascii: "\\") { end += 1 }
    return min(end + 1, bytes.count)
  }

  private static func isOpening(_ byte: UInt8) -> Bool { "[{(".utf8.contains(byte) }

  private static func wordEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    var end = start
    while end < bytes.count, bytes[end] > 0x20, !",;&\"'`)}]".utf8.contains(bytes[end]) { end += 1 }
    return end
  }

  private static func skippingSpace(_ bytes: [UInt8], _ start: Int) -> Int {
    var next = start
    while next < bytes.count, bytes[next] == 0x20 || bytes[next] == 0x09 { next += 1 }
    return next
  }

  private static func isQuote(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`")
  }
}
