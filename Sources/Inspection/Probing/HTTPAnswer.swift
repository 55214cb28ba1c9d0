/// As much of an HTTP/1 answer as has come.
struct HTTPAnswer: Equatable {
  let status: Int
  /// Names in small letters; values as they came, without white space around them.
  let headers: [(name: String, value: String)]
  /// Without the framing of chunks.
  let body: [UInt8]
  /// All that was announced has come.
  let isComplete: Bool

  static func == (a: HTTPAnswer, b: HTTPAnswer) -> Bool {
    a.status == b.status && a.body == b.body && a.isComplete == b.isComplete
      && a.headers.elementsEqual(b.headers) { $0 == $1 }
  }

  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  /// `nil` until the status line is there, and when what came is not HTTP.
  init?(_ bytes: [UInt8]) {
    guard bytes.starts(with: "HTTP/1.".utf8), let lineEnd = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let words = bytes[..<lineEnd].split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }
    guard words.count > 1, let status = Int(Self.text(words[1])), (100...599).contains(status) else { return nil }
    self.status = status
    var headers: [(name: String, value: String)] = []
    var position = lineEnd + 1
    var isHeadComplete = false
    while let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = bytes[position..<end].last == UInt8(ascii: "\r") ? bytes[position..<(end - 1)] : bytes[position..<end]
      position = end + 1
      if line.isEmpty {
        isHeadComplete = true
        break
      }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let blanks: [UInt8] = [0x20, 0x09]
      var value = line[(colon + 1)...].drop { blanks.contains($0) }
      while let last = value.last, blanks.contains(last) { value.removeLast() }
      headers.append((Self.text(line[..<colon]).lowercased(), Self.text(value)))
    }
    self.headers = headers
    let rest = isHeadComplete ? bytes[position...] : []
    let find = { (name: String) in headers.first { $0.name == name }?.value }
    if find("transfer-encoding")?.lowercased().contains("chunked") == true {
      (body, isComplete) = Self.dechunked(rest)
    } else if let length = find("content-length").flatMap({ Int($0) }), length >= 0 {
      body = Array(rest.prefix(length))
      isComplete = isHeadComplete && rest.count >= length
    } else {
      // Without a length the end is the connection's.
      body = Array(rest)
      isComplete = false
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func dechunked(_ bytes: ArraySlice<UInt8>) -> (body: [UInt8], isComplete: Bool) {
    var body: [UInt8] = []
    var rest = bytes
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let digits = text(rest[rest.startIndex..<end].prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "\r") })
      guard let size = Int(digits, radix: 16), size >= 0 else { return (body, false) }
      if size == 0 { return (body, true) }
      let chunk = rest[(end + 1)...]
      body += chunk.prefix(size)
      guard chunk.count > size else { return (body, false) }
      rest = chunk.dropFirst(size).drop { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    }
    return (body, false)
  }
}
