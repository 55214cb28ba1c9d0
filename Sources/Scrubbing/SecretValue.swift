/// How far a secret goes that stands behind its name.
///
/// Nothing says where an unquoted secret ends, so more goes rather than less: what follows a comma without a space may
/// still be part of it.
struct SecretValue {
  enum Kind: Equatable {
    /// To the end of a word.
    case word
    /// Behind `=` or an option: signs within a word do not end it.
    case assigned
    /// Behind `:`: the same, up to the next name.
    case member
    /// Within the query of an address, where `&` begins the next pair.
    case query
    /// To the end of the line, or to the quotation mark that was opened before the name.
    case header(quote: UInt8?)
  }

  let kind: Kind

  /// The index behind the value that begins at `start`: behind its closing quote or bracket, or before what ends it.
  func end(in bytes: [UInt8], from start: Int) -> Int {
    if case .header(let quote) = kind { return Self.lineEnd(bytes, start, quote) }
    if SecretAssignments.isQuote(bytes[start]) { return Self.quoteEnd(bytes, start) }
    if Self.isOpening(bytes[start]) {
      let end = Self.closingEnd(bytes, start)
      // `(a)b` is one word, `(a), b` is none.
      return kind == .member ? end : wordEnd(bytes, end)
    }
    let end = wordEnd(bytes, start)
    let word = String(decoding: bytes[start..<end], as: UTF8.self).lowercased()
    // An authorization's scheme and its credentials are two words.
    if ["bearer", "basic", "digest", "token", "apikey", "negotiate"].contains(word) {
      return wordEnd(bytes, SecretAssignments.skippingSpace(bytes, end))
    }
    return end
  }

  private static func lineEnd(_ bytes: [UInt8], _ start: Int, _ quote: UInt8?) -> Int {
    var end = start
    if quote == nil, SecretAssignments.isQuote(bytes[start]) {
      end = quoteEnd(bytes, start)
      // A value in quotation marks, unless they are a part of it: `"a"; b=c`.
      let next = SecretAssignments.skippingSpace(bytes, end)
      guard next < bytes.count, bytes[next] == UInt8(ascii: ";") else { return end }
    }
    if quote == nil, isOpening(bytes[start]) { return closingEnd(bytes, start) }
    while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D {
      if bytes[end] == quote, end == 0 || bytes[end - 1] != UInt8(ascii: "\\") { break }
      end += 1
    }
    return end
  }

  /// Behind the bracket that closes the one at `start`: a list or object is one value. Without one, the end of the line.
  private static func closingEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    var depth = 0
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
      if SecretAssignments.isQuote(bytes[end]) {
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

  /// Before white space, a quotation mark, or signs that are not followed by more of the value.
  private func wordEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    var end = start
    while end < bytes.count, !isStop(bytes[end]) {
      guard Self.isSign(bytes[end]) else {
        end += 1
        continue
      }
      if kind == .word { return end }
      var next = end
      while next < bytes.count, Self.isSign(bytes[next]), !isStop(bytes[next]) { next += 1 }
      guard next < bytes.count, !isStop(bytes[next]) else { return end }
      let name = Self.nameEnd(bytes, next)
      if kind == .member, name > next, name < bytes.count,
        bytes[name] == UInt8(ascii: ":") || bytes[name] == UInt8(ascii: "=")
      {
        return end
      }
      end = max(next, name)
    }
    return end
  }

  private static func nameEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    var end = start
    while end < bytes.count, SecretAssignments.isNamePart(bytes[end]) { end += 1 }
    return end
  }

  /// What ends a value whatever follows.
  private func isStop(_ byte: UInt8) -> Bool {
    byte <= 0x20 || SecretAssignments.isQuote(byte) || (kind == .query && byte == UInt8(ascii: "&"))
  }

  /// What ends a value when nothing follows.
  private static func isSign(_ byte: UInt8) -> Bool { ",;&)}]".utf8.contains(byte) }
}
