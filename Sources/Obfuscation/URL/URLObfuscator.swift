import TraceModel

/// Removes user and password from a URL, and what the options say.
struct URLObfuscator: ~Copyable {
  private let options: URLOptions
  private var decoded = GrowableBuffer<UInt8>()

  init(_ options: URLOptions) {
    self.options = options
  }

  /// Appends what the URL comes to. For what is no URL that is `?` as soon as anything is to be removed.
  mutating func obfuscate(_ text: TextBytes, into out: inout GrowableBuffer<UInt8>) {
    let removesParts = options.removesQueryString || options.removesPathsWithDigits
    if !removesParts, PlainURL.matches(text) { return text.append(to: &out) }
    guard let parts = URLParts(text) else {
      if removesParts { return out.append(0x3F) }
      return UserInformation.appendWithoutAny(text, to: &out)
    }
    let start = out.count
    appendBeforePath(parts, to: &out)
    if parts.opaque == nil { appendPath(parts, start, to: &out) }
    if let query = parts.query {
      let isRemoved = options.removesQueryString
      out.append(0x3F)
      if !isRemoved { query.append(to: &out) }
    }
    if let fragment = parts.fragment, !fragment.isEmpty {
      out.append(UInt8(ascii: "#"))
      append(fragment, in: .fragment, to: &out)
    }
    removeNestedUsers(start, &out)
  }

  /// Takes user and password out of further URLs, in the path or the query.
  private mutating func removeNestedUsers(_ start: Int, _ out: inout GrowableBuffer<UInt8>) {
    guard UserInformation.mayStand(in: out.bytes(from: start)) else { return }
    decoded.removeAll(keepingBytes: 4096)
    UserInformation.appendRemovingEach(out.bytes(from: start), to: &decoded)
    out.truncate(to: start)
    decoded.bytes(from: 0).append(to: &out)
  }

  private mutating func appendBeforePath(_ parts: URLParts, to out: inout GrowableBuffer<UInt8>) {
    if let scheme = parts.scheme {
      for index in 0..<scheme.count {
        let byte = scheme[index]
        out.append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
      }
      out.append(UInt8(ascii: ":"))
    }
    if let opaque = parts.opaque { return UserInformation.appendWithoutAny(opaque, to: &out) }
    guard let host = parts.host else { return }
    if parts.scheme != nil || !host.isEmpty, !(host.isEmpty && parts.path.isEmpty) { out.append("//") }
    decoded.removeAll(keepingBytes: 4096)
    PercentEncoding.decode(host, into: &decoded)
    PercentEncoding.encode(decoded.bytes(from: 0), in: .host, into: &out)
  }

  private mutating func appendPath(_ parts: URLParts, _ start: Int, to out: inout GrowableBuffer<UInt8>) {
    let path = parts.path
    decoded.removeAll(keepingBytes: 4096)
    PercentEncoding.decode(path, into: &decoded)
    let hidesSegments = options.removesPathsWithDigits && Self.hasDigit(decoded.bytes(from: 0))
    if !hidesSegments {
      if out.count == start, Self.hasColonInFirstSegment(decoded.bytes(from: 0)) { out.append("./") }
      return append(path, in: .path, to: &out)
    }
    // Written anew as a whole, as the agent does: what could have stood as it was is encoded, too.
    let text = decoded.bytes(from: 0)
    var segmentStart = 0
    while true {
      let end = text.firstIndex(of: UInt8(ascii: "/"), from: segmentStart) ?? text.count
      let segment = text.part(segmentStart, end)
      if Self.hasDigit(segment) {
        out.append(0x3F)
      } else {
        PercentEncoding.encode(segment, in: .path, into: &out)
      }
      if end >= text.count { return }
      out.append(UInt8(ascii: "/"))
      segmentStart = end + 1
    }
  }

  /// Appends a part as it was written, where it may stand so, and encoded anew where not.
  private mutating func append(
    _ text: TextBytes, in part: PercentEncoding.Part, to out: inout GrowableBuffer<UInt8>
  ) {
    if PercentEncoding.isEncoded(text, in: part) { return text.append(to: &out) }
    decoded.removeAll(keepingBytes: 4096)
    PercentEncoding.decode(text, into: &decoded)
    PercentEncoding.encode(decoded.bytes(from: 0), in: part, into: &out)
  }

  private static func hasDigit(_ text: TextBytes) -> Bool {
    for index in 0..<text.count where CharacterClass.isDigit(text[index]) { return true }
    return false
  }

  private static func hasColonInFirstSegment(_ path: TextBytes) -> Bool {
    guard let colon = path.firstIndex(of: UInt8(ascii: ":")) else { return false }
    return (path.firstIndex(of: UInt8(ascii: "/")) ?? path.count) > colon
  }
}
